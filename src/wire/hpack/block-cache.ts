/**
 * Results by the exact octets they came from: what makes a header block that repeats cost almost nothing.
 *
 * Promises: an answer is given only for equal octets (the hash merely picks two slots) of the same generation; at most
 * `slotCount` blocks of at most `blockBytesMax` octets are kept, and all are let go when the generation moves on.
 */
import { copyBytes } from '../../base/bytes.ts';

const slotCount = 16;
const blockBytesMax = 512;

interface Slot<T> {
  readonly block: Uint8Array;
  readonly result: T;
}

export class BlockCache<T> {
  readonly #slots: (Slot<T> | null)[] = new Array<Slot<T> | null>(slotCount).fill(null);
  #generation = -1;

  /** What was added for these octets in this generation, or null. */
  find(block: Uint8Array, start: number, end: number, generation: number): T | null {
    if (generation !== this.#generation) return null;
    const at = pairOf(block, start, end);
    const first = this.#slots[at]!;
    if (first !== null && sameBytes(first.block, block, start, end)) return first.result;
    const second = this.#slots[at + 1]!;
    return second !== null && sameBytes(second.block, block, start, end) ? second.result : null;
  }

  /**
   * Keeps a result, instead of the older one of the pair it belongs to: a connection has few blocks that repeat, and if two
   * of them shared a slot they would void each other for good. Long blocks are not kept.
   */
  add(block: Uint8Array, start: number, end: number, generation: number, result: T): void {
    if (end - start > blockBytesMax) return;
    if (generation !== this.#generation) this.#slots.fill(null);
    this.#generation = generation;
    const at = pairOf(block, start, end);
    this.#slots[at + 1] = this.#slots[at]!;
    this.#slots[at] = { block: copyBytes(block.subarray(start, end)), result };
  }
}

/** All octets count: blocks that differ in a time-out or a request id alone should not share a pair. */
function pairOf(block: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  const stop = Math.min(end, start + blockBytesMax);
  for (let i = start; i < stop; i++) hash = Math.imul(hash ^ block[i]!, 0x01000193);
  return (hash ^ (hash >>> 15)) & (slotCount - 2);
}

function sameBytes(known: Uint8Array, block: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== block[start + i]) return false;
  return true;
}
