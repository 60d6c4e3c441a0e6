/**
 * What was derived from a header block, by the block's identity: the decoder hands out the same object for the same octets,
 * so requests and responses that repeat are parsed once. A few entries, searched in line: cheaper than any hash.
 */
import type { HeaderBlock } from './hpack/decoder.ts';

const slots = 8;

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
    this.#blocks[this.#next] = block;
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % slots;
    return value;
  }
}
