/**
 * The storage port on LMDB: every table a named database of one file, one write transaction at a time.
 *
 * Promises: `done` of a commit comes after the data and then the meta page are on the disk; a transaction is there whole
 * or not at all; a record that is not what was written is a `Failure`, never a value. Reads hold LMDB's snapshot for the
 * current turn of the event loop only. The lock on the data directory is the caller's: LMDB would open a file twice.
 */
import { statSync } from 'node:fs';
import { getLastVersion, open, type Database, type RootDatabase } from 'lmdb';
import { assert } from '../../base/assert.ts';
import { ExitCode, Failure, messageOf } from '../../base/failure.ts';
import { tables, type Done, type ScanVisitor, type Storage, type Table, type WriteTransaction } from '../ports.ts';
import { damaged, keyText, recordChecksum } from './lmdb-record.ts';

export interface StorageOptions {
  /**
   * Address space for the file's map, in bytes: what the file can ever grow to. Costs no memory, and growing it while
   * readers are about costs a second map, so it is generous. Default: 64 GiB.
   */
  readonly mapSizeBytes?: number;
}

/** 16 KiB pages hold eleven records of 256 B + 1 KiB; 4 KiB pages hold two and waste a third. */
export const pageSizeBytes = 16_384;
const mapSizeBytesDefault = 64 * 2 ** 30;
/** LMDB's own limit at this page size is higher; lmdb-js's key buffer is what binds. */
export const keyBytesMax = 1_978;

type Bytes = Database<Uint8Array, Uint8Array>;

/** Opens or creates the backend's file. Throws `Failure` when it cannot be used. */
export function openStorage(path: string, options: StorageOptions = {}): Storage {
  return new LmdbStorage(path, openEnvironment(path, options));
}

function openEnvironment(path: string, options: StorageOptions): RootDatabase<Uint8Array, Uint8Array> {
  const settings = {
    noSubdir: true,
    permissionsMode: 0o600,
    pageSize: pageSizeBytes,
    mapSize: options.mapSizeBytes ?? mapSizeBytesDefault,
    maxDbs: tables.length,
    overlappingSync: false,
    eventTurnBatching: false,
    encoding: 'binary',
    keyEncoding: 'binary',
  } as const;
  try {
    return open<Uint8Array, Uint8Array>(path, settings);
  } catch (error) {
    throw unusable(path, error);
  }
}

function unusable(path: string, error: unknown): Failure {
  return new Failure('BACKEND_UNUSABLE', `${path}: the backend cannot be opened: ${messageOf(error)}`, {
    exitCode: ExitCode.fail,
    remedy: 'check that it is a file of this program and that its directory can be written',
    cause: error,
  });
}

class LmdbStorage implements Storage {
  readonly #path: string;
  readonly #root: RootDatabase<Uint8Array, Uint8Array>;
  readonly #tables: Readonly<Record<Table, Bytes>>;
  #writing: boolean;

  constructor(path: string, root: RootDatabase<Uint8Array, Uint8Array>) {
    this.#path = path;
    this.#root = root;
    this.#tables = Object.fromEntries(tables.map((name) => [name, openTable(root, name)])) as Record<Table, Bytes>;
    this.#writing = false;
  }

  get(table: Table, key: Uint8Array): Uint8Array | null {
    const found = this.#tables[table].getBinaryFast(key);
    if (found === undefined) return null;
    const value = new Uint8Array(found.buffer, found.byteOffset, found.length);
    this.#check(table, key, value, getLastVersion());
    return value;
  }

  scan(table: Table, from: Uint8Array, to: Uint8Array | null, visit: ScanVisitor): void {
    const start = from.length === 0 ? Uint8Array.of(0) : from;
    const range = this.#tables[table].getRange({ start, ...(to === null ? {} : { end: to }), versions: true });
    for (const { key, value, version } of range) {
      this.#check(table, key, value, version!);
      if (!visit(key, value)) return;
    }
  }

  begin(): WriteTransaction {
    assert(!this.#writing, 'one write transaction at a time');
    this.#writing = true;
    return new LmdbTransaction(this.#tables, this.#root, (error, done) => {
      this.#writing = false;
      done(error);
    });
  }

  get sizeBytes(): number {
    return statSync(this.#path).size;
  }

  get sizeInUseBytes(): number {
    let pages = 2;
    for (const name of tables) pages += pagesOf(this.#tables[name].getStats() as TreeStats);
    const root = this.#root.getStats() as TreeStats & { readonly root: TreeStats; readonly free: TreeStats };
    return (pages + pagesOf(root.root) + pagesOf(root.free)) * pageSizeBytes;
  }

  close(): Promise<void> {
    return this.#root.close();
  }

  #check(table: Table, key: Uint8Array, value: Uint8Array, checksum: number): void {
    if (recordChecksum(key, value) === checksum) return;
    throw damaged(this.#path, table, `the record of key ${keyText(key)} does not match its checksum`);
  }
}

function openTable(root: RootDatabase<Uint8Array, Uint8Array>, name: Table): Bytes {
  return root.openDB<Uint8Array, Uint8Array>({ name, encoding: 'binary', keyEncoding: 'binary', useVersions: true });
}

interface TreeStats {
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

function pagesOf(stats: TreeStats): number {
  return stats.treeBranchPageCount + stats.treeLeafPageCount + stats.overflowPages;
}

/** Gathers operations, and hands them to LMDB in one go: what lmdb-js is given in one batch is one transaction of its. */
class LmdbTransaction implements WriteTransaction {
  readonly #tables: Readonly<Record<Table, Bytes>>;
  readonly #root: RootDatabase<Uint8Array, Uint8Array>;
  readonly #finished: (error: Error | null, done: Done) => void;
  readonly #names: Table[] = [];
  readonly #keys: Uint8Array[] = [];
  readonly #values: (Uint8Array | null)[] = [];

  constructor(
    all: Readonly<Record<Table, Bytes>>,
    root: RootDatabase<Uint8Array, Uint8Array>,
    finished: (error: Error | null, done: Done) => void,
  ) {
    this.#tables = all;
    this.#root = root;
    this.#finished = finished;
  }

  put(table: Table, key: Uint8Array, value: Uint8Array): void {
    this.#add(table, key, value);
  }

  delete(table: Table, key: Uint8Array): void {
    this.#add(table, key, null);
  }

  commit(done: Done): void {
    const committed = this.#root.batch(() => {
      for (let i = 0; i < this.#keys.length; i++) this.#issue(i);
    });
    committed.then(
      () => this.#finished(null, done),
      (error: unknown) => this.#finished(error instanceof Error ? error : new Error(messageOf(error)), done),
    );
  }

  #add(table: Table, key: Uint8Array, value: Uint8Array | null): void {
    assert(key.length > 0 && key.length <= keyBytesMax, 'a key of the backend has 1 to keyBytesMax bytes');
    this.#names.push(table);
    this.#keys.push(Uint8Array.prototype.slice.call(key));
    this.#values.push(value);
  }

  #issue(i: number): void {
    const table = this.#tables[this.#names[i]!];
    const key = this.#keys[i]!;
    const value = this.#values[i]!;
    if (value === null) void table.remove(key);
    else void table.put(key, value, recordChecksum(key, value));
  }
}
