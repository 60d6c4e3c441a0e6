/**
 * Records that are applied and not yet in the backend: their bytes in large chunks that we own, their places in columns.
 * Filled in order of revisions, looked up by revision, handed to a transaction, then emptied and filled again.
 *
 * Promises: no object per record; bytes stay where they are until `clear`. What bounds it is that the loop flushes, and
 * takes no more proposals beyond its mark of unflushed bytes.
 */
import { assert } from '../../base/assert.ts';
import type { WriteTransaction } from '../ports.ts';
import type { RevisionKey } from './revision-key.ts';

const chunkBytes = 1024 * 1024;
/** Kept for the next filling; a burst gives the rest back. 16 MiB hold 10,000 records of 256 B + 1 KiB. */
const spareChunksMax = 16;
const columnsMin = 1024;

export class RecordBuffer {
  /** Records in it. */
  count = 0;
  /** Of the records. */
  bytes = 0;
  /** Where the record that was added last is to be written: `chunk` from `at`. */
  chunk: Uint8Array = new Uint8Array(chunkBytes);
  at = 0;
  #used = 0;
  readonly #chunks: Uint8Array[] = [this.chunk];
  readonly #spare: Uint8Array[] = [];
  #mains = new Float64Array(columnsMin);
  #subs = new Uint32Array(columnsMin);
  #tombstones = new Uint8Array(columnsMin);
  #chunkNumbers = new Uint32Array(columnsMin);
  #starts = new Uint32Array(columnsMin);
  #lengths = new Uint32Array(columnsMin);

  /** Reserves `length` bytes for the next record, which the caller writes at `chunk`, `at` now. */
  add(main: number, sub: number, isTombstone: boolean, length: number): void {
    const i = this.count;
    assert(i === 0 || main >= this.#mains[i - 1]!, 'records are added in order of revisions');
    if (i === this.#mains.length) this.#growColumns();
    if (length > this.chunk.length - this.#used) this.#nextChunk(length);
    this.#mains[i] = main;
    this.#subs[i] = sub;
    this.#tombstones[i] = isTombstone ? 1 : 0;
    this.#chunkNumbers[i] = this.#chunks.length - 1;
    this.#starts[i] = this.at = this.#used;
    this.#lengths[i] = length;
    this.#used += length;
    this.bytes += length;
    this.count++;
  }

  /** A view, valid until `clear`; null when it is not here. */
  find(main: number, sub: number): Uint8Array | null {
    const i = this.#position(main, sub);
    return i < 0 ? null : this.#record(i);
  }

  /** Hands the records from `first` on, up to `end`, to a transaction. */
  putInto(transaction: WriteTransaction, key: RevisionKey, first: number, end: number): void {
    for (let i = first; i < end; i++) {
      const name = key.write(this.#mains[i]!, this.#subs[i]!, this.#tombstones[i] === 1);
      transaction.put('key', name, this.#record(i));
    }
  }

  clear(): void {
    for (const chunk of this.#chunks) {
      if (chunk.length === chunkBytes && this.#spare.length < spareChunksMax) this.#spare.push(chunk);
    }
    this.#chunks.length = 0;
    this.count = this.bytes = 0;
    this.#nextChunk(0);
  }

  /** Most entries have one record, so the place is mostly the distance from the first. */
  #position(main: number, sub: number): number {
    if (this.count === 0 || main < this.#mains[0]!) return -1;
    const guess = main - this.#mains[0]!;
    if (guess < this.count && this.#mains[guess] === main && this.#subs[guess] === sub) return guess;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#mains[middle]! < main) low = middle + 1;
      else high = middle;
    }
    const i = low + sub; // subs of one main are 0, 1, 2 ...
    return i < this.count && this.#mains[i] === main && this.#subs[i] === sub ? i : -1;
  }

  #record(i: number): Uint8Array {
    const start = this.#starts[i]!;
    return this.#chunks[this.#chunkNumbers[i]!]!.subarray(start, start + this.#lengths[i]!);
  }

  /** A record longer than a chunk has one of its own. */
  #nextChunk(length: number): void {
    this.chunk = length > chunkBytes ? new Uint8Array(length) : (this.#spare.pop() ?? new Uint8Array(chunkBytes));
    this.#chunks.push(this.chunk);
    this.#used = 0;
  }

  #growColumns(): void {
    const length = this.#mains.length * 2;
    this.#mains = copied(new Float64Array(length), this.#mains);
    this.#subs = copied(new Uint32Array(length), this.#subs);
    this.#tombstones = copied(new Uint8Array(length), this.#tombstones);
    this.#chunkNumbers = copied(new Uint32Array(length), this.#chunkNumbers);
    this.#starts = copied(new Uint32Array(length), this.#starts);
    this.#lengths = copied(new Uint32Array(length), this.#lengths);
  }
}

function copied<T extends Float64Array | Uint32Array | Uint8Array>(into: T, from: T): T {
  into.set(from);
  return into;
}
