/** What the log holds and what must outlive a crash, in etcd's terms (raftpb). Ids of members are opaque 64-bit integers. */

export const EntryType = { normal: 0, confChange: 1, confChangeV2: 2 } as const;
export type EntryType = (typeof EntryType)[keyof typeof EntryType];

/** One log entry. Indexes and terms are counts, safe below 2^53. */
export interface Entry {
  readonly term: number;
  readonly index: number;
  readonly type: EntryType;
  /**
   * Owned by the log: never a slice of a socket's chunk. An InternalRaftRequest, a ConfChange, or empty. Whoever keeps it
   * longer than the log does copies it: the memory is used again.
   */
  readonly data: Uint8Array;
}

/** raftpb.HardState. `vote` is 0n for none. */
export interface HardState {
  readonly term: number;
  readonly vote: bigint;
  readonly commit: number;
}

/** raftpb.ConfState: who votes and who only listens. Joint configurations are read, never made. */
export interface ConfState {
  readonly voters: readonly bigint[];
  readonly learners: readonly bigint[];
}

/** Where a log may begin instead of at 1: raftpb.SnapshotMetadata. */
export interface SnapshotMetadata {
  readonly index: number;
  readonly term: number;
  readonly confState: ConfState;
}

/** raftpb.ConfChange. `context` is the member as JSON (docs/etcd-facts.md, members as json). */
export interface ConfChange {
  readonly id: bigint;
  readonly type: ConfChangeType;
  readonly nodeId: bigint;
  readonly context: Uint8Array;
}

export const ConfChangeType = { addNode: 0, removeNode: 1, updateNode: 2, addLearnerNode: 3 } as const;
export type ConfChangeType = (typeof ConfChangeType)[keyof typeof ConfChangeType];
