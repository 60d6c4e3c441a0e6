/**
 * What the node needs of the world, as the simulator will give it too: a clock, files, a backend. The loop (node.ts), the
 * state and the WAL hold these and nothing of `node:fs`, `lmdb` or a timer, so that one seed can stand for all three.
 *
 * Promises of every implementation: callbacks come in a later turn, never inside the call that asked; what is given
 * (paths, bytes) may be reused by the caller as soon as the callback has come, not before.
 */

/** Monotonic time and timers. */
export interface Clock {
  /** Monotonic milliseconds, with a fraction. */
  nowMs(): number;
  /** Unix milliseconds: for names, logs and request ids, never to measure with. */
  wallMs(): number;
  /** Calls `callback` once, not before `delayMs` have passed. */
  after(delayMs: number, callback: () => void): Timer;
  /** Calls `callback` at the end of this turn of the event loop, after the input that is waiting now. */
  soon(callback: () => void): void;
}

export interface Timer {
  cancel(): void;
}

/** Takes one measurement, at the cost of an increment: a histogram of src/metrics, or nothing. */
export interface Meter {
  observe(value: number): void;
}

/** Null is success. Errors are node's own (`code` EIO, ENOSPC …). */
export type Done = (error: Error | null) => void;

/** `Done`, and how long the disk took: measured where it works, as a busy event loop is not a slow disk. */
export type Timed = (error: Error | null, seconds: number) => void;

/** One open file. At most one `write` or `sync` is in flight per file. */
export interface OpenFile {
  readonly path: string;
  /** Writes all of `bytes` at `position`, however many system calls that takes. */
  write(bytes: Uint8Array, position: number, done: Done): void;
  /** The data and the size are on the disk (fdatasync). Never called again after it failed once. */
  sync(done: Timed): void;
  truncate(sizeBytes: number, done: Done): void;
  close(done: Done): void;
}

/** The few file operations that disk/ is made of. Paths are absolute. The asynchronous ones serve a running node. */
export interface Files {
  /** 0600; `create` fails when it exists. */
  open(path: string, mode: 'create' | 'update', done: (error: Error | null, file: OpenFile | null) => void): void;
  rename(from: string, to: string, done: Done): void;
  remove(path: string, done: Done): void;
  /** Names that were created, renamed or removed in it are on the disk (fsync of the directory). */
  syncDirectory(path: string, done: Done): void;
  /** The rest is for the start, before anything is served, and throws node's errors. */
  makeDirectory(path: string): void;
  list(path: string): string[];
  /** Null when there is no such file. */
  sizeOf(path: string): number | null;
  /** Fills `into` from `position`; answers how many bytes there were. */
  read(path: string, position: number, into: Uint8Array): number;
}

/** The backend's tables, with etcd's names for its buckets (docs/etcd-facts.md, backend buckets). */
export const tables = [
  'alarm',
  'auth',
  'authRoles',
  'authUsers',
  'cluster',
  'key',
  'lease',
  'members',
  'members_removed',
  'meta',
] as const;
export type Table = (typeof tables)[number];

/** Ordered tables of bytes. Reads see committed transactions only: LMDB in production, memory in simulation. */
export interface Storage {
  /** Null when absent. Valid until the next call of this storage: copy what is kept. Throws `Failure` when it is damaged. */
  get(table: Table, key: Uint8Array): Uint8Array | null;
  /** Ascending, `from` included, `to` not (null is the end); stops when `visit` answers false. Both views as in `get`. */
  scan(table: Table, from: Uint8Array, to: Uint8Array | null, visit: ScanVisitor): void;
  /**
   * Begins a write transaction, one at a time. It may be filled while the one before is being committed; its own commit
   * comes after that one's `done`.
   */
  begin(): WriteTransaction;
  /** Bytes of the backend's file, and how many of them hold something (etcd's db_total_size and _in_use). */
  readonly sizeBytes: number;
  readonly sizeInUseBytes: number;
  /** Waits for the commit that is under way; starts nothing. */
  close(): Promise<void>;
}

export type ScanVisitor = (key: Uint8Array, value: Uint8Array) => boolean;

/** Nothing of it is seen before `commit` has called back, and after a crash all of it is there or none. */
export interface WriteTransaction {
  /** `key` is copied; `value` stays the caller's, unchanged until the commit is done. */
  put(table: Table, key: Uint8Array, value: Uint8Array): void;
  delete(table: Table, key: Uint8Array): void;
  /** Calls back once it is on the disk. An error is fatal to the node: what was written is unknown. */
  commit(done: Timed): void;
}
