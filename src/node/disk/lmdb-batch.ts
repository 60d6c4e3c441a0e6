/**
 * A transaction's operations as bytes on their way to the writer thread: written by the main thread for the price of a
 * copy, without an object per operation, into chunks that are handed over and come back to be used again.
 *
 *   chunk: operation, operation, ...      operation: three words (what, key bytes, value bytes), key, value, padding to 4
 */
import { assert } from '../../base/assert.ts';
import { tables, type Table } from '../ports.ts';

/** An operation that is larger has a chunk of its own. */
export const chunkBytes = 1_048_576;

/** What travels; `used[i]` bytes of `chunks[i]` are operations. */
export interface BatchBytes {
  readonly chunks: ArrayBuffer[];
  readonly used: number[];
}

const headBytes = 12;
const deletion = 0x100;
const tableNumbers = Object.fromEntries(tables.map((name, i) => [name, i])) as Readonly<Record<Table, number>>;

export class BatchWriter {
  readonly #takeChunk: (bytes: number) => ArrayBuffer;
  readonly #chunks: ArrayBuffer[];
  readonly #used: number[];
  #bytes: Uint8Array;
  #words: Uint32Array;
  #at: number;

  /** `takeChunk` gives at least as many bytes as asked, in whole words. */
  constructor(takeChunk: (bytes: number) => ArrayBuffer) {
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

/** Calls back for every operation, in the order in which they were written. */
export function visitBatch(batch: BatchBytes, visit: OperationVisitor): void {
  for (let i = 0; i < batch.chunks.length; i++) visitChunk(batch.chunks[i]!, batch.used[i]!, visit);
}

function visitChunk(chunk: ArrayBuffer, used: number, visit: OperationVisitor): void {
  const bytes = new Uint8Array(chunk);
  const words = new Uint32Array(chunk);
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
