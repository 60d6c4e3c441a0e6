/**
 * The storage port on LMDB: every table a named database of one file, one write transaction at a time.
 *
 * Promises: `done` of a commit comes after the data and then the meta page are on the disk; a transaction is there whole
 * or not at all; a record that is not what was written is a `Failure`, never a value. Reads hold LMDB's snapshot for the
 * current turn of the event loop only. The lock on the data directory is the caller's: LMDB would open a file twice.
 */
import { statSync } from 'node:fs';
import { getLastVersion } from 'lmdb';
import { assert } from '../../base/assert.ts';
import { Failure, messageOf } from '../../base/failure.ts';
import type { ScanVisitor, Storage, Table, WriteTransaction } from '../ports.ts';
import { entryCount, openEnvironment, pageSizeBytes, pagesInUse, type Environment } from './lmdb-environment.ts';
import { damaged, keyText, recordChecksum } from './lmdb-record.ts';
import { LmdbTransaction } from './lmdb-transaction.ts';
import { LmdbWriter } from './lmdb-writer.ts';

export interface StorageOptions {
  /**
   * Address space for the file's map, in bytes: what the file can ever grow to. Costs no memory, and can be made larger
   * at any start. Default: 64 GiB.
   */
  readonly mapSizeBytes?: number;
}

const mapSizeBytesDefault = 64 * 2 ** 30;
/** The smallest key there is: LMDB has none of zero bytes. */
const firstKey = Uint8Array.of(0);

/** Opens or creates the backend's file. Throws `Failure` when it cannot be used. */
export function openStorage(path: string, options: StorageOptions = {}): Storage {
  const mapSizeBytes = options.mapSizeBytes ?? mapSizeBytesDefault;
  // Opened, and perhaps created, here first: what is wrong with the file is thrown at the caller.
  const environment = openEnvironment(path, mapSizeBytes);
  return new LmdbStorage(path, environment, new LmdbWriter({ path, mapSizeBytes }));
}

class LmdbStorage implements Storage {
  readonly #path: string;
  readonly #environment: Environment;
  readonly #writer: LmdbWriter;
  /** A transaction was begun and is not committed yet. */
  #isFilling: boolean;
  #hasFailed: boolean;
  #sizeBytes: number;
  /** -1: to be counted again. */
  #sizeInUseBytes: number;

  constructor(path: string, environment: Environment, writer: LmdbWriter) {
    this.#path = path;
    this.#environment = environment;
    this.#writer = writer;
    this.#isFilling = false;
    this.#hasFailed = false;
    this.#sizeBytes = statSync(path).size;
    this.#sizeInUseBytes = -1;
  }

  get(table: Table, key: Uint8Array): Uint8Array | null {
    const found = this.#find(table, key);
    if (found === undefined) return null;
    // lmdb-js reads into one buffer, whose `length` it overrides.
    const value = new Uint8Array(found.buffer, found.byteOffset, found.length);
    this.#check(table, key, value, getLastVersion());
    return value;
  }

  scan(table: Table, from: Uint8Array, to: Uint8Array | null, visit: ScanVisitor): void {
    try {
      const seen = this.#visitRange(table, from, to, visit);
      if (seen !== -1 && from.length === 0 && to === null) this.#checkCount(table, seen);
    } catch (error) {
      throw this.#asFailure(table, error);
    }
  }

  begin(): WriteTransaction {
    assert(!this.#isFilling, 'one write transaction at a time');
    assert(!this.#hasFailed, 'nothing is written after a failed commit');
    this.#isFilling = true;
    return new LmdbTransaction(this.#writer, {
      onCommit: () => void (this.#isFilling = false),
      onFinished: (error) => this.#finish(error),
    });
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get sizeInUseBytes(): number {
    if (this.#sizeInUseBytes < 0) this.#sizeInUseBytes = pagesInUse(this.#environment) * pageSizeBytes;
    return this.#sizeInUseBytes;
  }

  async close(): Promise<void> {
    await this.#writer.close();
    await this.#environment.root.close();
  }

  #finish(error: Error | null): void {
    this.#hasFailed = error !== null;
    this.#sizeBytes = statSync(this.#path, { throwIfNoEntry: false })?.size ?? this.#sizeBytes;
    this.#sizeInUseBytes = -1;
    this.#environment.root.resetReadTxn();
  }

  #find(table: Table, key: Uint8Array): Buffer | undefined {
    try {
      return this.#environment.tables[table].getBinaryFast(key);
    } catch (error) {
      throw this.#asFailure(table, error);
    }
  }

  /** How many records there were, or -1 when the visitor had seen enough. */
  #visitRange(table: Table, from: Uint8Array, to: Uint8Array | null, visit: ScanVisitor): number {
    const start = from.length === 0 ? firstKey : from;
    let seen = 0;
    const range = to === null ? { start, versions: true } : { start, end: to, versions: true };
    for (const { key, value, version } of this.#environment.tables[table].getRange(range)) {
      seen++;
      this.#check(table, key, value, version!);
      if (!visit(key, value)) return -1;
    }
    return seen;
  }

  #check(table: Table, key: Uint8Array, value: Uint8Array, checksum: number): void {
    if (recordChecksum(key, value) === checksum) return;
    throw damaged(this.#path, table, `the record of key ${keyText(key)} does not match its checksum`);
  }

  /** A damaged page can take records away without a trace in those that are left. */
  #checkCount(table: Table, seen: number): void {
    const expected = entryCount(this.#environment.tables[table]);
    if (seen !== expected) throw damaged(this.#path, table, `${seen} records were found, ${expected} are counted`);
  }

  /** What LMDB says of a page that it cannot follow; a visitor's own errors are left as they are. */
  #asFailure(table: Table, error: unknown): unknown {
    const text = messageOf(error);
    return !(error instanceof Failure) && text.startsWith('MDB_') ? damaged(this.#path, table, text, error) : error;
  }
}
