/**
 * Files in memory that remember every system call, and can fail any of them. Completions come in a later turn, or when the
 * test says so, and in a seeded order, as those of different files may on a real disk.
 */
import { createRandom, type Random } from '../../../src/base/random.ts';
import { sectorBytes } from '../../../src/node/disk/wal-record.ts';
import type { Done, Files, OpenFile } from '../../../src/node/ports.ts';

/** What happened, in order. A sync counts from when it was completed, for what had been issued before it began. */
export type DiskEvent =
  | { readonly kind: 'create'; readonly path: string; readonly inode: number }
  | { readonly kind: 'write'; readonly inode: number; readonly position: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly inode: number; readonly sizeBytes: number }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'synced'; readonly inode: number; readonly issued: number }
  | { readonly kind: 'directorySynced'; readonly path: string; readonly issued: number };

export type DiskImage = ReadonlyMap<string, Uint8Array>;

export interface Fault {
  /** Which of the asynchronous calls fails, counted from 1. */
  readonly call: number;
  readonly code: string;
}

interface Inode {
  readonly id: number;
  bytes: Uint8Array;
  /** Else they belong to the image that we began with, which stays as it is. */
  isOurs: boolean;
  syncFailed: boolean;
}

export class MemoryFiles implements Files {
  readonly events: DiskEvent[] = [];
  /** Calls that no correct program makes. */
  readonly violations: string[] = [];
  calls = 0;
  /** Of the call that the fault hit, if it was made. */
  failed: string | null = null;
  readonly #names = new Map<string, Inode>();
  readonly #queue: (() => void)[] = [];
  readonly #random: Random;
  readonly #fault: Fault | null;
  readonly #later: (finish: () => void) => void;
  #inodes = 0;

  /** `later` is when a call ends, as in MemoryStorage. */
  constructor(
    image: DiskImage = new Map(),
    seed = 1,
    fault: Fault | null = null,
    later: (finish: () => void) => void = setImmediate,
  ) {
    for (const [path, bytes] of image)
      this.#names.set(path, { id: this.#inodes++, bytes, isOurs: false, syncFailed: false });
    this.#random = createRandom(seed);
    this.#fault = fault;
    this.#later = later;
  }

  /** What a process would find that starts now, no power lost. */
  image(): Map<string, Uint8Array> {
    return new Map([...this.#names].map(([path, { bytes }]) => [path, bytes.slice()]));
  }

  open(path: string, mode: 'create' | 'update', done: (error: Error | null, file: OpenFile | null) => void): void {
    this.#call(`open ${path}`, (error) => done(error, error === null ? this.#openNow(path, mode) : null));
  }

  rename(from: string, to: string, done: Done): void {
    this.#call(`rename ${from}`, done, () => {
      this.#names.set(to, this.#inode(from));
      this.#names.delete(from);
      this.events.push({ kind: 'rename', from, to });
    });
  }

  remove(path: string, done: Done): void {
    const missing = this.#names.has(path) ? null : noEntry(path);
    const effect = (): void => {
      if (this.#names.delete(path)) this.events.push({ kind: 'remove', path });
    };
    this.#call(`remove ${path}`, (error) => done(error ?? missing), effect);
  }

  syncDirectory(path: string, done: Done): void {
    const issued = this.events.length;
    this.#call(`syncDirectory ${path}`, (error) => {
      if (error === null) this.events.push({ kind: 'directorySynced', path, issued });
      done(error);
    });
  }

  makeDirectory(): void {}

  list(path: string): string[] {
    return [...this.#names.keys()]
      .filter((name) => name.startsWith(`${path}/`))
      .map((name) => name.slice(path.length + 1));
  }

  sizeOf(path: string): number | null {
    return this.#names.get(path)?.bytes.length ?? null;
  }

  read(path: string, position: number, into: Uint8Array): number {
    const piece = this.#inode(path).bytes.subarray(position, position + into.length);
    into.set(piece);
    return piece.length;
  }

  #openNow(path: string, mode: 'create' | 'update'): OpenFile {
    if (mode === 'create') {
      if (this.#names.has(path)) throw new Error(`EEXIST: ${path}`);
      this.#names.set(path, { id: this.#inodes, bytes: new Uint8Array(0), isOurs: true, syncFailed: false });
      this.events.push({ kind: 'create', path, inode: this.#inodes++ });
    }
    return this.#handle(path, this.#inode(path));
  }

  #handle(path: string, inode: Inode): OpenFile {
    let isOpen = true;
    const expectOpen = (what: string): void => {
      if (!isOpen) this.violations.push(`${what} of ${path} after its close`);
    };
    return {
      path,
      write: (bytes, position, done) => {
        expectOpen('write');
        this.#call(
          `write ${path}`,
          done,
          () => this.#write(inode, bytes, position),
          () => {
            // A failed write may have written some: whole sectors, as the page cache takes pages and a disk blocks.
            const end = position + (bytes.length >> 1);
            const count = Math.max(0, end - (end % sectorBytes) - position);
            this.#write(inode, bytes.subarray(0, count), position);
          },
        );
      },
      sync: (done) => {
        expectOpen('sync');
        if (inode.syncFailed) this.violations.push(`sync of ${path} after one that failed`);
        const issued = this.events.length;
        this.#call(
          `sync ${path}`,
          (error) => done(error, 0),
          () => this.events.push({ kind: 'synced', inode: inode.id, issued }),
          () => {
            inode.syncFailed = true;
          },
          true,
        );
      },
      truncate: (sizeBytes, done) => {
        expectOpen('truncate');
        this.#call(`truncate ${path}`, done, () => {
          inode.bytes = resized(inode.bytes, sizeBytes);
          this.events.push({ kind: 'truncate', inode: inode.id, sizeBytes });
        });
      },
      close: (done) => {
        expectOpen('close');
        isOpen = false;
        this.#call(`close ${path}`, done);
      },
    };
  }

  #write(inode: Inode, bytes: Uint8Array, position: number): void {
    const sizeBytes = Math.max(inode.bytes.length, position + bytes.length);
    if (!inode.isOurs || sizeBytes > inode.bytes.length) inode.bytes = resized(inode.bytes, sizeBytes);
    inode.isOurs = true;
    inode.bytes.set(bytes, position);
    this.events.push({ kind: 'write', inode: inode.id, position, bytes: bytes.slice() });
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path);
    if (inode === undefined) throw noEntry(path);
    return inode;
  }

  /** `effect` happens when the call is made, or when it is completed (`late`); `onFault` instead of it. */
  #call(what: string, done: Done, effect = (): unknown => null, onFault = (): unknown => null, late = false): void {
    const fails = ++this.calls === this.#fault?.call;
    if (fails) {
      this.failed = what;
      onFault();
    } else if (!late) effect();
    this.#queue.push(() => {
      if (!fails && late) effect();
      done(fails ? Object.assign(new Error(`${this.#fault.code}: ${what}`), { code: this.#fault.code }) : null);
    });
    this.#later(() => this.#queue.splice(this.#random.below(this.#queue.length), 1)[0]!());
  }
}

function noEntry(path: string): Error {
  return Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
}

export function resized(bytes: Uint8Array, sizeBytes: number): Uint8Array {
  const result = new Uint8Array(sizeBytes);
  result.set(bytes.subarray(0, sizeBytes));
  return result;
}
