/**
 * What was derived from a header block, by the block's identity: the decoder hands out the same object for the same octets,
 * so requests and responses that repeat are parsed once. A few entries, searched in line: cheaper than any hash.
 * Promises: pins no more than a few small blocks; a large one is derived from each time.
 */
import type { HeaderBlock } from './hpack/decoder.ts';

const slots = 8;
/** Of a header list, by RFC 9113 6.5.2; what repeats a thousand times a second is smaller. */
const listBytesMax = 2_048;

export class HeadCache<T> {
  readonly #blocks: (HeaderBlock | null)[] = new Array<HeaderBlock | null>(slots).fill(null);
  readonly #values: (T | null)[] = new Array<T | null>(slots).fill(null);
  readonly #derive: (block: HeaderBlock) => T;
  #next = 0;

  constructor(derive: (block: HeaderBlock) => T) {
    this.#derive = derive;
  }

  get(block: HeaderBlock): T {
    for (let i = 0; i < slots; i++) if (this.#blocks[i] === block) return this.#values[i]!;
    const value = this.#derive(block);
    if (block.listBytes > listBytesMax) return value;
    this.#blocks[this.#next] = block;
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % slots;
    return value;
  }
}
