/**
 * A transaction's operations as bytes on their way to the writer thread: written by the main thread for the price of a
 * copy, without an object per operation, into chunks that both threads see and that are used again when it is done.
 * Shared, not transferred: V8 counts what arrives by transfer as newly allocated, and collected the whole heap every 0.1
 * to 0.2 s under load. lmdb-js crashed on values in shared memory: the thread reads from a copy of its own, one per chunk.
 *
 *   chunk: operation, operation, ...      operation: three words (what, key bytes, value bytes), key, value, padding to 4
 */
import { assert } from '../../base/assert.ts';
import { tables, type Table } from '../ports.ts';

/** An operation that is larger has a chunk of its own. */
export const chunkBytes = 1_048_576;

/** What travels; `used[i]` bytes of `chunks[i]` are operations. */
export interface BatchBytes {
  readonly chunks: readonly SharedArrayBuffer[];
  readonly used: number[];
}

const headBytes = 12;
const deletion = 0x100;
const tableNumbers = Object.fromEntries(tables.map((name, i) => [name, i])) as Readonly<Record<Table, number>>;

export class BatchWriter {
  readonly #takeChunk: (bytes: number) => SharedArrayBuffer;
  readonly #chunks: SharedArrayBuffer[];
  readonly #used: number[];
  #bytes: Uint8Array;
  #words: Uint32Array;
  #at: number;

  /** `takeChunk` gives at least as many bytes as asked, in whole words. */
  constructor(takeChunk: (bytes: number) => SharedArrayBuffer) {
    this.#takeChunk = takeChunk;
    this.#chunks = [];
    this.#used = [];
    this.#bytes = new Uint8Array(0);
    this.#words = new Uint32Array(0);
    this.#at = 0;
  }

  /** Copies both. */
  put(table: Table, key: Uint8Array, value: Uint8Array): void {
    const at = this.#begin(tableNumbers[table], key, value.length);
    this.#bytes.set(value, at + headBytes + key.length);
  }

  delete(table: Table, key: Uint8Array): void {
    this.#begin(tableNumbers[table] | deletion, key, 0);
  }

  /** All of it; the writer is not used again. */
  finish(): BatchBytes {
    this.#closeChunk();
    return { chunks: this.#chunks, used: this.#used };
  }

  #begin(what: number, key: Uint8Array, valueBytes: number): number {
    const bytes = (headBytes + key.length + valueBytes + 3) & ~3;
    if (this.#at + bytes > this.#bytes.length) this.#openChunk(bytes);
    const at = this.#at;
    const word = at >> 2;
    this.#words[word] = what;
    this.#words[word + 1] = key.length;
    this.#words[word + 2] = valueBytes;
    for (let i = 0; i < key.length; i++) this.#bytes[at + headBytes + i] = key[i]!;
    this.#at = at + bytes;
    return at;
  }

  #openChunk(bytes: number): void {
    this.#closeChunk();
    const chunk = this.#takeChunk(Math.max(bytes, chunkBytes));
    this.#chunks.push(chunk);
    this.#bytes = new Uint8Array(chunk);
    this.#words = new Uint32Array(chunk);
    this.#at = 0;
  }

  #closeChunk(): void {
    if (this.#chunks.length > 0) this.#used.push(this.#at);
  }
}

/** Views are valid during the call. `value` is null for a deletion. */
export type OperationVisitor = (table: Table, key: Uint8Array, value: Uint8Array | null) => void;

/** Reads batches. What it keeps between them is one copy of the largest chunk so far. */
export class BatchReader {
  #bytes: Uint8Array = new Uint8Array(0);
  #words: Uint32Array = new Uint32Array(0);

  /** Calls back for every operation, in the order in which they were written. */
  visit(batch: BatchBytes, visit: OperationVisitor): void {
    for (let i = 0; i < batch.chunks.length; i++) {
      const used = batch.used[i]!;
      this.#copy(batch.chunks[i]!, used);
      this.#visitChunk(used, visit);
    }
  }

  #copy(chunk: SharedArrayBuffer, used: number): void {
    if (used > this.#bytes.length) {
      this.#bytes = new Uint8Array(Math.max(used, chunkBytes));
      this.#words = new Uint32Array(this.#bytes.buffer);
    }
    this.#bytes.set(new Uint8Array(chunk, 0, used));
  }

  #visitChunk(used: number, visit: OperationVisitor): void {
    const bytes = this.#bytes;
    const words = this.#words;
    let at = 0;
    while (at < used) {
      const what = words[at >> 2]!;
      const keyEnd = at + headBytes + words[(at >> 2) + 1]!;
      const end = keyEnd + words[(at >> 2) + 2]!;
      assert(end <= used, 'an operation lies within its chunk');
      const value = (what & deletion) === 0 ? bytes.subarray(keyEnd, end) : null;
      visit(tables[what & ~deletion]!, bytes.subarray(at + headBytes, keyEnd), value);
      at = (end + 3) & ~3;
    }
  }
}
