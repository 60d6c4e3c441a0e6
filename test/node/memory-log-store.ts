/**
 * A log in memory with a crash. One sync at a time, as the real one: what is appended meanwhile goes with the next. What was
 * not synced is lost with the process, or part of it is not, in order.
 */
import { assert } from '../../src/base/assert.ts';
import type { LogObserver, LogStore, RestoredLog } from '../../src/node/log-store.ts';
import type { Clock, Done } from '../../src/node/ports.ts';
import type { Persist } from '../../src/node/raft/effects.ts';
import type { Entry, HardState, SnapshotMetadata } from '../../src/node/raft/entry.ts';

/** What survives a crash. */
export class MemoryLogDisk {
  readonly memberId: bigint;
  readonly clusterId: bigint;
  existed = false;
  hardState: HardState = { term: 0, vote: 0n, commit: 0 };
  snapshot: SnapshotMetadata = { index: 0, term: 0, confState: { voters: [], learners: [] } };
  /** From the first on, whatever the snapshot. */
  readonly entries: Entry[] = [];

  constructor(memberId: bigint, clusterId: bigint) {
    this.memberId = memberId;
    this.clusterId = clusterId;
  }

  write({ entries, hardState }: Persist): void {
    this.existed = true;
    for (const entry of entries) {
      this.entries.length = entry.index - 1;
      this.entries.push({ ...entry, data: entry.data.slice() });
    }
    if (hardState !== null) this.hardState = hardState;
  }

  restored(): RestoredLog {
    const { existed, memberId, clusterId, hardState, snapshot } = this;
    return { existed, memberId, clusterId, hardState, snapshot, entries: this.entries.slice(snapshot.index) };
  }
}

export interface MemoryLogOptions {
  readonly disk: MemoryLogDisk;
  readonly clock: Clock;
  readonly observer: LogObserver;
  /** What one sync takes; null: the test calls `sync` itself. */
  readonly syncMs: number | null;
}

export class MemoryLogStore implements LogStore {
  readonly snapshots: SnapshotMetadata[] = [];
  /** How many syncs there were. */
  syncs = 0;
  closed = false;
  readonly #options: MemoryLogOptions;
  #queued: Persist[] = [];
  #inFlight: Persist[] | null = null;
  #failure: Error | null = null;

  constructor(options: MemoryLogOptions) {
    this.#options = options;
  }

  get pendingBytes(): number {
    return [...this.#queued, ...(this.#inFlight ?? [])]
      .flatMap(({ entries }) => entries)
      .reduce((sum, { data }) => sum + data.length, 0);
  }

  append(persist: Persist): void {
    assert(!this.closed, 'nothing is appended to a closed log');
    // Encoded before the return: what the caller does to the bytes afterwards is not seen.
    this.#queued.push({
      ...persist,
      entries: persist.entries.map((entry) => ({ ...entry, data: entry.data.slice() })),
    });
    this.#launch();
  }

  snapshot(snapshot: SnapshotMetadata, keepAfter: number, done: Done): void {
    assert(keepAfter <= snapshot.index, 'entries after the snapshot are kept');
    this.#options.clock.soon(() => {
      this.snapshots.push(snapshot);
      this.#options.disk.snapshot = snapshot;
      done(null);
    });
  }

  async close(): Promise<void> {
    for (const persist of this.#queued) this.#options.disk.write(persist);
    this.closed = true;
  }

  /** Everything in flight is down, and is told. */
  sync(): void {
    const { disk, observer } = this.#options;
    const batch = this.#inFlight;
    if (batch === null || this.#failure !== null) return;
    this.#inFlight = null;
    this.syncs++;
    for (const persist of batch) disk.write(persist);
    this.#launch();
    observer.onPersisted(batch.at(-1)!.number);
  }

  /** The sync that is in flight fails, and with it the log. */
  fail(error: Error): void {
    this.#failure = error;
    this.#options.observer.onFailed(error);
  }

  /** The process is gone; of what was not synced the first `kept` steps survive by chance. */
  crash(kept: number): void {
    this.closed = true;
    this.#failure = new Error('crashed');
    for (const persist of [...(this.#inFlight ?? []), ...this.#queued].slice(0, kept))
      this.#options.disk.write(persist);
  }

  #launch(): void {
    if (this.#inFlight !== null || !this.#queued.some(({ mustSync }) => mustSync)) return;
    this.#inFlight = this.#queued;
    this.#queued = [];
    const { clock, syncMs } = this.#options;
    if (syncMs !== null) clock.after(syncMs, () => this.sync());
  }
}
