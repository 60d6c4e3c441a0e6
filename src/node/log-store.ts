/** The log's face to the loop: group commit over the WAL, and what a start found there. disk/ implements it over `Files`. */
import type { Entry, HardState, SnapshotMetadata } from './raft/entry.ts';
import type { Persist } from './raft/effects.ts';
import type { Done, Meter } from './ports.ts';

/** Everything a start needs of the WAL and the newest usable .snap file. */
export interface RestoredLog {
  /** False: the directory was empty, and a new log has been begun in it. */
  readonly existed: boolean;
  readonly memberId: bigint;
  readonly clusterId: bigint;
  readonly hardState: HardState;
  readonly snapshot: SnapshotMetadata;
  /** Contiguous from snapshot.index + 1; those that a later leader replaced are gone. */
  readonly entries: readonly Entry[];
}

export interface LogObserver {
  /** All that `append` was given up to the `Persist` of this number is on the disk. Once for each sync, with the newest. */
  onPersisted(number: number): void;
  /** A write or sync failed: nothing later is durable, nothing may be acknowledged any more. Once, the last call. */
  onFailed(error: Error): void;
}

export interface LogStore {
  /**
   * Queues one step's worth. One write + sync is in flight; what arrives meanwhile leaves together with the next.
   * Entries are encoded before the return.
   */
  append(persist: Persist): void;
  /** Bytes that are queued or in flight: for backpressure. */
  readonly pendingBytes: number;
  /**
   * The .snap file, then the WAL record, both synced; then segments that hold nothing after `keepAfter` go. The state up
   * to `snapshot.index` must be in the backend's file already.
   */
  snapshot(snapshot: SnapshotMetadata, keepAfter: number, done: Done): void;
  /** After what is in flight, a snapshot too. Nothing may be given to it any more. */
  close(): Promise<void>;
}

/** Where a log store says what it did: etcd's disk metrics. */
export interface LogMeters {
  readonly fsyncSeconds: Meter;
  readonly writeSeconds: Meter;
  readonly snapshotFsyncSeconds: Meter;
  readonly snapshotSaveSeconds: Meter;
  writtenBytes: number;
}
