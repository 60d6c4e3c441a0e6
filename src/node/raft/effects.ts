/**
 * The face of consensus: `step(input) -> effects`, a pure function of (config, restored log, inputs so far). Time comes as
 * ticks, chance as a seed, durability as `persisted`; who holds a `Raft` does what its effects say, in their order.
 *
 *   propose -> persist ---- disk ----> persisted -> commit -> apply
 *           -> send now (appends need not wait for our own disk)
 *              send after persist (votes and acknowledgements promise durability)
 *
 * Effects of one step are valid until the next; inputs are taken over (a recorded log of them replays to equal effects).
 */
import type { ConfState, Entry, EntryType, HardState } from './entry.ts';

export interface RaftConfig {
  readonly id: bigint;
  /** Ticks without a leader until a campaign (etcd: election timeout / heartbeat interval, 10). */
  readonly electionTicks: number;
  readonly heartbeatTicks: number;
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
  /** Draws the election jitter. */
  readonly seed: number;
  /** Payload bytes of the leader's entries that are not committed yet, beyond which it refuses more. Infinity: no bound. */
  readonly uncommittedBytesMax: number;
}

/** What the disk gave back at the start. */
export interface Restored {
  readonly hardState: HardState;
  /** As of `applied`. */
  readonly confState: ConfState;
  /** The last index and term that are only in a snapshot: 0, 0 for a log from the beginning. */
  readonly snapshotIndex: number;
  readonly snapshotTerm: number;
  /** Contiguous from snapshotIndex + 1. */
  readonly entries: readonly Entry[];
  /** The state has everything up to here already; between the snapshot and the commit index. */
  readonly applied: number;
}

export type Input =
  /** One heartbeat interval has passed. */
  | { readonly kind: 'tick' }
  /** Do not wait for the election timeout (raftpb.MsgHup): a single voter at its start. */
  | { readonly kind: 'campaign' }
  /** New entries at the end of the leader's log, in this order. Whoever is no leader refuses all of them. */
  | { readonly kind: 'propose'; readonly proposals: readonly Proposal[] }
  /** `Persist` number `number` and every one before it is on our own disk. */
  | { readonly kind: 'persisted'; readonly number: number }
  /** Asks for an index that every write acknowledged before now is at or below. `id` is never used twice. */
  | { readonly kind: 'readIndex'; readonly id: number }
  /** Every entry up to `index` is applied; a configuration change among them has led to `confState`. */
  | { readonly kind: 'applied'; readonly index: number; readonly confState: ConfState | null }
  /** A snapshot at `index` is on the disk: entries up to `keepAfter` may be forgotten. */
  | { readonly kind: 'compact'; readonly keepAfter: number };

export interface Proposal {
  readonly type: EntryType;
  /** Owned by the log from now on. */
  readonly data: Uint8Array;
}

export interface Effects {
  /** First of all: append `entries` (cutting what an earlier index replaces) and the hard state, and sync if `mustSync`. */
  readonly persist: Persist | null;
  /** Committed: to be applied in this order. Consecutive over all steps. */
  readonly commit: readonly Entry[];
  /** Answered read requests: read once `applied` is at or above `index`. */
  readonly reads: readonly ReadIndex[];
  /** The role changed, or the leader, or the term. */
  readonly role: Role | null;
  /** The proposals of this step were refused: there is no leader, or the uncommitted log is too large. */
  readonly refused: boolean;
}

export interface Persist {
  /**
   * Counts from 1, one more each time: what `persisted` names. Indexes would not do, as a vote has none, and an entry that
   * was cut may come back under the same one.
   */
  readonly number: number;
  readonly entries: readonly Entry[];
  /** Null when it is as before. */
  readonly hardState: HardState | null;
  /** With entries, or a new term or vote; a commit index needs no sync (docs/etcd-facts.md, when the wal syncs). */
  readonly mustSync: boolean;
}

export interface ReadIndex {
  readonly id: number;
  /** -1: no leader can be asked, ask again later. */
  readonly index: number;
}

export interface Role {
  readonly role: 'leader' | 'follower' | 'candidate' | 'preCandidate';
  readonly term: number;
  /** 0n: none known. */
  readonly leader: bigint;
}
