/** One write transaction: gathered as bytes here, carried out by the writer thread, all of it or nothing. */
import { assert } from '../../base/assert.ts';
import type { Done, Table, Timed, WriteTransaction } from '../ports.ts';
import { BatchWriter } from './lmdb-batch.ts';
import type { LmdbWriter } from './lmdb-writer.ts';

/** lmdb-js's key buffer is what binds; LMDB's own limit at our page size is higher. */
export const keyBytesMax = 1_978;

export interface TransactionObserver {
  /** It is full, and on its way. */
  onCommit(): void;
  /** It is on the disk, or nobody knows. Before its own `done`. */
  readonly onFinished: Done;
}

export class LmdbTransaction implements WriteTransaction {
  readonly #batch: BatchWriter;
  readonly #writer: LmdbWriter;
  readonly #observer: TransactionObserver;
  #isOpen: boolean;

  constructor(writer: LmdbWriter, observer: TransactionObserver) {
    this.#batch = new BatchWriter((bytes) => writer.takeChunk(bytes));
    this.#writer = writer;
    this.#observer = observer;
    this.#isOpen = true;
  }

  put(table: Table, key: Uint8Array, value: Uint8Array): void {
    this.#checkWritable(key);
    this.#batch.put(table, key, value);
  }

  delete(table: Table, key: Uint8Array): void {
    this.#checkWritable(key);
    this.#batch.delete(table, key);
  }

  commit(done: Timed): void {
    assert(this.#isOpen, 'a transaction is committed once');
    this.#isOpen = false;
    this.#observer.onCommit();
    this.#writer.write(this.#batch.finish(), (error, seconds) => {
      this.#observer.onFinished(error);
      done(error, seconds);
    });
  }

  #checkWritable(key: Uint8Array): void {
    assert(this.#isOpen, 'nothing is written after the commit');
    assert(key.length > 0 && key.length <= keyBytesMax, 'a key of the backend has 1 to 1,978 bytes');
  }
}
