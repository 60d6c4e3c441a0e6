/**
 * What the services see of the node: propose a change, ask for leave to read, look at the state. rpc/ and http.ts hold
 * this; node.ts implements it. One object waits for each request and no closure is made for it.
 */
import type { EtcdError } from '../api/errors.ts';
import type { Applied, State } from './state/state.ts';

/** Exactly one of the two is called, once, in a later turn. */
export interface Proposer {
  /** The entry is committed, on disk and applied. `applied` is valid only during the call. */
  onApplied(applied: Applied): void;
  /** It was not handed to the log, or nobody knows whether it will be committed (then with Unavailable or a time-out). */
  onFailed(error: EtcdError): void;
}

/** Exactly one of the two is called, once. */
export interface Reader {
  /** The state has every write that was acknowledged before the question: read now, in this turn. */
  onReadable(): void;
  onFailed(error: EtcdError): void;
}

export interface Requests {
  /**
   * Puts `request` (the fields of an InternalRaftRequest but its header, encoded) into the log under a fresh id. Copied
   * before the return. Checked here: --max-request-bytes (REQUEST_TOO_LARGE), the backlog of 5,000 unapplied entries
   * (TOO_MANY_REQUESTS), a node that is stopping (STOPPED).
   */
  propose(request: Uint8Array, proposer: Proposer): void;
  /** The hot path of `propose`: a PutRequest's own bytes become field 4 of the InternalRaftRequest. */
  proposePut(put: Uint8Array, proposer: Proposer): void;
  /** A linearizable read: rounds are batched, all that ask in one turn share one. */
  readIndex(reader: Reader): void;
  readonly state: State;
  readonly status: NodeStatus;
}

/** Plain fields, read at any time. */
export interface NodeStatus {
  readonly memberId: bigint;
  readonly clusterId: bigint;
  /** 0n: none known. */
  readonly leader: bigint;
  readonly isLeader: boolean;
  readonly isLearner: boolean;
  readonly term: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly leaderChangesSeen: number;
  readonly proposalsPending: number;
  readonly proposalsFailed: number;
  readonly slowApplies: number;
  /** SIGTERM has come, or something fatal. */
  readonly stopping: boolean;
}
