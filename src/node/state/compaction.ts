/**
 * Compaction: at once for readers, then, behind the answers, in slices: the index lets go of old records, and the next
 * transaction removes them from the backend.
 *
 *   compact -> (until no open range reads below it) -> sweep in slices -> flush -> finished
 *
 * Promises: a sweep passes no pinned revision; what waits to be removed is bounded, because a sweep stops until it is
 * flushed. A crash may fall between any two flushes, in the middle of a key: what is left then reads as before, at every
 * revision that can be read (a tombstone goes after what it hides, see `KeyIndex.compact`), and the start sweeps again.
 */
import { etcdErrors, type EtcdError } from '../../api/errors.ts';
import type { Clock, Storage, WriteTransaction } from '../ports.ts';
import { NumberColumn } from './number-column.ts';
import { metaKeys, type PendingWrites } from './pending-writes.ts';
import type { Pins } from './pins.ts';
import { RevisionKey } from './revision-key.ts';
import type { RevisionStore } from './revision-store.ts';
import type { MvccCounters, PhysicalCompaction } from './state.ts';

/** Keys looked at in one slice: about a millisecond. */
const sliceKeys = 4000;
/** Records that wait for the next transaction; beyond, the sweep waits too. */
const removedMax = 10_000;

interface Waiter {
  readonly revision: number;
  readonly done: () => void;
}

export class Compaction {
  readonly #store: RevisionStore;
  readonly #pins: Pins;
  readonly #writes: PendingWrites;
  readonly #counters: MvccCounters;
  readonly #clock: Pick<Clock, 'wallMs'>;
  readonly #key = new RevisionKey();
  /**
   * What the next sweep goes to. Compactions that come while it waits for a range leave it where it is: moved on each
   * time, it would never begin under ranges that overlap.
   */
  #next = -1;
  /** What the sweep goes to, -1 when there is none, and where it is. */
  #sweeping = -1;
  #cursor = 0;
  /** The last revision swept, the one in the transaction under way, and the last one in the backend. */
  #swept = -1;
  #flushing = -1;
  #finished = -1;
  readonly #mains = new NumberColumn(Float64Array);
  readonly #subs = new NumberColumn(Uint32Array);
  readonly #tombstones = new NumberColumn(Uint8Array);
  #waiters: Waiter[] = [];

  constructor(
    store: RevisionStore,
    pins: Pins,
    writes: PendingWrites,
    counters: MvccCounters,
    clock: Pick<Clock, 'wallMs'>,
  ) {
    this.#store = store;
    this.#pins = pins;
    this.#writes = writes;
    this.#counters = counters;
    this.#clock = clock;
  }

  load(storage: Storage): void {
    this.#finished = this.#swept = this.#stored(storage, metaKeys.finishedCompaction);
    this.#store.compactedRevision = Math.max(this.#finished, this.#stored(storage, metaKeys.scheduledCompaction));
  }

  /** Revision 0 once, on a store that was never compacted. */
  compact(revision: number): EtcdError | null {
    const store = this.#store;
    if (revision <= store.compactedRevision) return etcdErrors.COMPACTED;
    if (revision > store.revision) return etcdErrors.FUTURE_REV;
    store.compactedRevision = revision;
    this.#writes.put('meta', metaKeys.scheduledCompaction, this.#key.write(revision, 0, false).slice());
    return null;
  }

  /** The removal up to `revision`. */
  physical(revision: number): PhysicalCompaction {
    return { whenDone: (done) => this.#whenDone(revision, done) };
  }

  /** Operations of the next transaction. */
  get pendingOperations(): number {
    return this.#mains.length + (this.#swept > Math.max(this.#flushing, this.#finished) ? 1 : 0);
  }

  /** One slice; false when there is nothing to do, or nothing until a transaction begins or a range is closed. */
  work(): boolean {
    const budget = Math.min(sliceKeys, removedMax - this.#mains.length);
    if (budget <= 0) return false;
    if (this.#sweeping < 0 && !this.#begin()) return false;
    this.#cursor = this.#store.index.compact(this.#sweeping, this.#cursor, budget, this.#onRemoved);
    this.#counters.keys = this.#store.index.keyCount;
    if (this.#cursor >= 0) return true;
    this.#swept = this.#sweeping;
    this.#sweeping = -1;
    this.#counters.lastCompactionUnixSeconds = Math.floor(this.#clock.wallMs() / 1000);
    return true;
  }

  /** After the records of the same transaction: some that it removes may be among them. */
  flushInto(transaction: WriteTransaction): void {
    for (let i = 0; i < this.#mains.length; i++) {
      const isTombstone = this.#tombstones.values[i] === 1;
      transaction.delete('key', this.#key.write(this.#mains.values[i]!, this.#subs.values[i]!, isTombstone));
    }
    this.#mains.length = this.#subs.length = this.#tombstones.length = 0;
    this.#flushing = this.#swept;
    if (this.#swept === this.#finished) return;
    transaction.put('meta', metaKeys.finishedCompaction, this.#key.write(this.#swept, 0, false).slice());
  }

  /** That transaction is committed. */
  flushed(): void {
    if (this.#flushing === this.#finished) return;
    this.#finished = this.#flushing;
    const ready = this.#waiters.filter((waiter) => waiter.revision <= this.#finished);
    this.#waiters = this.#waiters.filter((waiter) => waiter.revision > this.#finished);
    for (const waiter of ready) waiter.done();
  }

  #whenDone(revision: number, done: () => void): void {
    if (revision <= this.#finished) done();
    else this.#waiters.push({ revision, done });
  }

  #begin(): boolean {
    if (this.#next <= this.#swept) this.#next = this.#store.compactedRevision;
    if (this.#next <= this.#swept || this.#pins.lowest < this.#next) return false;
    this.#sweeping = this.#next;
    this.#cursor = 0;
    return true;
  }

  readonly #onRemoved = (main: number, sub: number, isTombstone: boolean): void => {
    this.#mains.push(main);
    this.#subs.push(sub);
    this.#tombstones.push(isTombstone ? 1 : 0);
    this.#counters.compactedRevisions++;
  };

  #stored(storage: Storage, name: Uint8Array): number {
    const value = storage.get('meta', name);
    return value !== null && this.#key.read(value) ? this.#key.main : -1;
  }
}
