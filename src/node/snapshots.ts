/**
 * When the log is cut: once so many entries were applied since the last time, a snapshot record makes the WAL's older
 * segments superfluous. It stands on what is flushed, so the backend never lacks what the log no longer has.
 */
import type { NodeLog } from './config.ts';
import type { LogStore } from './log-store.ts';
import type { SnapshotMetadata } from './raft/entry.ts';

export interface SnapshotsOptions {
  readonly log: LogStore;
  readonly lines: NodeLog;
  /** Hexadecimal, for the log lines. */
  readonly memberId: string;
  /** Of the newest snapshot that the start found. */
  readonly index: number;
  /** etcd's --snapshot-count. */
  readonly snapshotCount: number;
  /** The disk failed. */
  readonly onFailed: (error: Error) => void;
}

export class Snapshots {
  readonly #options: SnapshotsOptions;
  #index: number;
  #underWay = false;

  constructor(options: SnapshotsOptions) {
    this.#options = options;
    this.#index = options.index;
  }

  /** To be called after every flush. */
  onFlushed(flushed: SnapshotMetadata): void {
    const { lines, memberId, snapshotCount } = this.#options;
    if (this.#underWay || flushed.index - this.#index <= snapshotCount) return;
    lines.info('triggering snapshot', {
      'local-member-id': memberId,
      'local-member-applied-index': flushed.index,
      'local-member-snapshot-index': this.#index,
      'local-member-snapshot-count': snapshotCount,
    });
    this.#underWay = true;
    this.#options.log.snapshot(flushed, flushed.index, (error) => this.#onDone(error, flushed.index));
  }

  #onDone(error: Error | null, index: number): void {
    this.#underWay = false;
    if (error !== null) return this.#options.onFailed(error);
    this.#index = index;
    this.#options.lines.info('saved snapshot', { 'snapshot-index': index });
  }
}
