/**
 * A backend in memory with a crash: what is committed survives, what is not is gone. Values are copied when the commit ends,
 * not before, so that bytes which were reused too early show.
 */
import { copyBytes } from '../../src/base/bytes.ts';
import { assert } from '../../src/base/assert.ts';
import type { ScanVisitor, Storage, Table, Timed, WriteTransaction } from '../../src/node/ports.ts';

interface Operation {
  readonly table: Table;
  readonly key: string;
  /** Null deletes. */
  readonly value: Uint8Array | null;
}

type Tables = Map<Table, Map<string, Uint8Array>>;

export interface MemoryStorageOptions {
  /** When a commit ends. Default: in a later turn of the event loop; a test may keep the callback and end it itself. */
  readonly later?: (finish: () => void) => void;
}

export class MemoryStorage implements Storage {
  readonly #tables: Tables;
  readonly #later: (finish: () => void) => void;
  #pending: readonly Operation[] | null = null;
  #isFilling = false;
  #hasFailed = false;
  #failure: Error | null = null;
  #crashed = false;

  constructor(options: MemoryStorageOptions = {}, tables: Tables = new Map()) {
    this.#tables = tables;
    this.#later = options.later ?? setImmediate;
  }

  get(table: Table, key: Uint8Array): Uint8Array | null {
    const value = this.#table(table).get(textOf(key));
    return value === undefined ? null : copyBytes(value);
  }

  scan(table: Table, from: Uint8Array, to: Uint8Array | null, visit: ScanVisitor): void {
    const rows = [...this.#table(table)].filter(([key]) => key >= textOf(from) && (to === null || key < textOf(to)));
    for (const [key, value] of rows.sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (!visit(bytesOf(key), copyBytes(value))) return;
    }
  }

  begin(): WriteTransaction {
    assert(!this.#isFilling, 'one write transaction at a time');
    assert(!this.#hasFailed, 'nothing is written after a failed commit');
    this.#isFilling = true;
    const operations: Operation[] = [];
    return {
      put: (table, key, value) => void operations.push({ table, key: textOf(key), value }),
      delete: (table, key) => void operations.push({ table, key: textOf(key), value: null }),
      commit: (done) => this.#commit(operations, done),
    };
  }

  get sizeBytes(): number {
    return this.sizeInUseBytes;
  }

  get sizeInUseBytes(): number {
    let bytes = 0;
    for (const rows of this.#tables.values()) for (const [key, value] of rows) bytes += key.length + value.length;
    return bytes;
  }

  async close(): Promise<void> {
    while (this.#pending !== null) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Every commit from now on ends with this error, and changes nothing. */
  failWith(error: Error): void {
    this.#failure = error;
  }

  /** The process is killed now: the transaction under way is there whole, or not at all. This object is dead afterwards. */
  crash(isPendingWritten: boolean, options: MemoryStorageOptions = {}): MemoryStorage {
    if (isPendingWritten && this.#pending !== null) this.#write(this.#pending);
    this.#crashed = true;
    return new MemoryStorage(options, this.#tables);
  }

  /** Everything that is committed, as text: to compare two of them. */
  dump(): string {
    const names = [...this.#tables.keys()].sort();
    return names.map((name) => `${name}\n${dumpOf(this.#table(name))}`).join('\n');
  }

  #commit(operations: readonly Operation[], done: Timed): void {
    assert(this.#pending === null, 'one transaction is committed at a time');
    this.#isFilling = false;
    this.#pending = operations;
    this.#later(() => {
      if (this.#crashed) return;
      if (this.#failure === null) this.#write(operations);
      else this.#hasFailed = true;
      this.#pending = null;
      done(this.#failure, 0);
    });
  }

  #write(operations: readonly Operation[]): void {
    for (const { table, key, value } of operations) {
      if (value === null) this.#table(table).delete(key);
      else this.#table(table).set(key, copyBytes(value));
    }
  }

  #table(name: Table): Map<string, Uint8Array> {
    const rows = this.#tables.get(name) ?? new Map<string, Uint8Array>();
    this.#tables.set(name, rows);
    return rows;
  }
}

function dumpOf(rows: ReadonlyMap<string, Uint8Array>): string {
  const lines = [...rows].map(
    ([key, value]) => `  ${bytesOf(key).toString('hex')} ${Buffer.from(value).toString('hex')}`,
  );
  return lines.sort().join('\n');
}

/** Latin-1 has a character for every byte, in the same order. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
