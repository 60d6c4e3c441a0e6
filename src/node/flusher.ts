/**
 * When the state goes to the backend: after an interval or after so many operations, whichever is first, one transaction
 * at a time. What was flushed is what a snapshot may stand on.
 */
import type { NodeLog } from './config.ts';
import type { Clock, Meter, Timer } from './ports.ts';
import type { SnapshotMetadata } from './raft/entry.ts';
import type { State } from './state/state.ts';

export interface FlusherOptions {
  readonly state: State;
  readonly clock: Clock;
  /** Told at debug level when a transaction begins and ends: a crash test learns from it where it struck. */
  readonly lines: NodeLog;
  /** etcd's --backend-batch-interval. */
  readonly intervalMs: number;
  /** etcd's --backend-batch-limit. */
  readonly operationsMax: number;
  /** What the disk took for each transaction. */
  readonly commitSeconds: Meter;
  /** Everything up to here is in the backend's file. */
  readonly onFlushed: (flushed: SnapshotMetadata) => void;
  /** A commit failed: what the file holds is unknown. Once; nothing is flushed any more. */
  readonly onFailed: (error: Error) => void;
}

export class Flusher {
  readonly #options: FlusherOptions;
  #timer: Timer | null = null;
  #underWay = false;
  #failed = false;
  #onIdle: (() => void) | null = null;

  constructor(options: FlusherOptions) {
    this.#options = options;
  }

  /** To be called whenever something was applied. */
  check(): void {
    if (this.#underWay || this.#failed) return;
    const { state, clock, operationsMax, intervalMs } = this.#options;
    if (state.unflushedOperations >= operationsMax) this.#flush();
    else if (this.#isBehind) this.#timer ??= clock.after(intervalMs, () => this.#onInterval());
  }

  /** Flushes what is there, without waiting for an interval; resolves when nothing is under way, also after a failure. */
  drain(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      if (!this.#underWay) this.#drainOn();
    });
  }

  get #isBehind(): boolean {
    const { state } = this.#options;
    return state.unflushedOperations > 0 || state.appliedIndex > state.flushedIndex;
  }

  #onInterval(): void {
    this.#timer = null;
    if (!this.#underWay && !this.#failed) this.#flush();
  }

  #flush(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#underWay = true;
    const { state, lines, commitSeconds } = this.#options;
    lines.debug('flush begins', { index: state.appliedIndex, operations: state.unflushedOperations });
    const flushed = { index: state.appliedIndex, term: state.appliedTerm, confState: state.confState };
    state.flush((error, seconds) => {
      commitSeconds.observe(seconds);
      this.#onDone(error, flushed);
    });
  }

  #onDone(error: Error | null, flushed: SnapshotMetadata): void {
    this.#underWay = false;
    if (error !== null) {
      this.#failed = true;
      this.#options.onFailed(error);
    } else {
      this.#options.lines.debug('flush done', { index: flushed.index });
      this.#options.onFlushed(flushed);
    }
    if (this.#onIdle === null) this.check();
    else this.#drainOn();
  }

  #drainOn(): void {
    if (this.#isBehind && !this.#failed) return this.#flush();
    this.#onIdle?.();
  }
}
