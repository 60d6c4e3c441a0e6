/**
 * The face of all that is agreed: `apply` in index order, queries at one revision, `flush` into the backend. Pure over the
 * storage port: the same entries give the same replies, revisions and bytes on every member.
 */
import type { EtcdError } from '../../api/errors.ts';
import type { KeyValue } from '../../api/gen/mvccpb/kv.ts';
import type {
  CompactionResponse,
  DeleteRangeResponse,
  PutResponse,
  TxnRequest,
  TxnResponse,
} from '../../api/gen/etcdserverpb/kv.ts';
import type { AlarmMember, AlarmResponse } from '../../api/gen/etcdserverpb/maintenance.ts';
import type { Member } from '../../api/gen/etcdserverpb/cluster.ts';
import type { Timed } from '../ports.ts';
import type { ConfState, Entry } from '../raft/entry.ts';

/** What one entry did: one object, refilled by every `apply`. */
export interface Applied {
  /** Null: it went well. Anything else: nothing changed. */
  error: EtcdError | null;
  /** The store's revision after it. */
  revision: number;
  /** Null for a put without prev_kv: revision says it all. Headers are left for rpc to fill. */
  response: AppliedResponse | null;
}

export type AppliedResponse =
  | { readonly kind: 'put'; readonly response: PutResponse }
  | { readonly kind: 'delete'; readonly response: DeleteRangeResponse }
  | { readonly kind: 'txn'; readonly response: TxnResponse }
  | { readonly kind: 'compaction'; readonly response: CompactionResponse; readonly physical: PhysicalCompaction }
  | { readonly kind: 'alarm'; readonly response: AlarmResponse };

/** The removal of a compaction's revisions from the backend, which goes on behind the answer. */
export interface PhysicalCompaction {
  /** Calls back once the removal is committed; at once when it is already. */
  whenDone(done: () => void): void;
}

export interface State {
  /** Entries in index order, each once; those at or below `appliedIndex` (after a restart) are skipped. */
  apply(entry: Entry, applied: Applied): void;
  readonly appliedIndex: number;
  readonly appliedTerm: number;
  readonly confState: ConfState;
  readonly mvcc: MvccView;
  /** Raised alarms, of every member. */
  readonly alarms: readonly AlarmMember[];
  readonly members: readonly Member[];
  /** '3.7.0' and so on; null until it is decided. */
  readonly clusterVersion: string | null;

  /** Entries that are applied, and removals of a compaction, that are not yet in a transaction: whether to flush. */
  readonly unflushedOperations: number;
  /** Of records that no committed transaction holds yet, those of the one under way included: memory held, for pressure. */
  readonly unflushedBytes: number;
  /** Applied up to here is in the backend's file. */
  readonly flushedIndex: number;
  /** Writes all of it, with the applied index, in one transaction. Not while one is under way. */
  flush(done: Timed): void;
  /**
   * One bounded slice of whatever background work there is (compaction), at most a few milliseconds; false: nothing to do
   * before the next flush has ended or entry is applied.
   */
  work(): boolean;
}

/** The store's revisions, for queries. Nothing here changes anything. */
export interface MvccView {
  /** 1 when fresh. */
  readonly revision: number;
  /** Below this nothing can be read; -1 before any compaction. */
  readonly compactedRevision: number;
  /** Starts a Range: checks revisions (COMPACTED, FUTURE_REVISION) and pins one, so that no compaction passes it. */
  openRange(query: RangeQuery): RangeCursor | EtcdError;
  /**
   * The fast way of a Range of one key at the current revision: its encoded KeyValue, null when it does not exist. A view,
   * valid until the next call of anything here. `source, start, end` name the key's bytes where they stand.
   */
  newest(source: Uint8Array, start: number, end: number): Uint8Array | null;
  /** A read-only txn, in one go: its error or its response without header fields but the revision. */
  readTxn(request: TxnRequest): TxnResponse | EtcdError;
  readonly counters: MvccCounters;
}

/** RangeRequest after validation. Keys as etcd defines ranges: end empty is one key, `\0` is to the end. */
export interface RangeQuery {
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
  /** 0 or below: the current one. */
  readonly revision: number;
  /** 0 or below: none. */
  readonly limit: number;
  readonly sortOrder: 'none' | 'ascend' | 'descend';
  readonly sortTarget: 'key' | 'version' | 'create' | 'mod' | 'value';
  readonly keysOnly: boolean;
  readonly countOnly: boolean;
  readonly minModRevision: number;
  readonly maxModRevision: number;
  readonly minCreateRevision: number;
  readonly maxCreateRevision: number;
}

/**
 * A Range under way, in slices. First `prepare` until it is true: keys are found, filtered, sorted and counted, and the
 * size of the answer is known. Then `write` until it is -1. `close` gives the pinned revision back, in any case.
 */
export interface RangeCursor {
  /** Works for about `budget` keys; true when `count`, `more` and `encodedBytes` are final. */
  prepare(budget: number): boolean;
  /** Keys in the range at the revision, whatever limit and filters say. */
  readonly count: number;
  readonly more: boolean;
  readonly keyValuesCount: number;
  /** Bytes of all `kvs` fields of the RangeResponse, tags and lengths included. */
  readonly encodedBytes: number;
  /**
   * Appends encoded `kvs` fields to `into` from `at` until it is full or all are written: the last one may be cut anywhere,
   * and the next call goes on there. Answers the end, or -1 when none are left.
   */
  write(into: Uint8Array, at: number): number;
  /** The same as objects, for callers that need few. */
  keyValues(): KeyValue[];
  close(): void;
}

/** Counted where it happens, exposed by /metrics. */
export interface MvccCounters {
  puts: number;
  deletes: number;
  ranges: number;
  txns: number;
  /** Keys in the index, deleted ones that are not compacted counted too. */
  keys: number;
  putBytes: number;
  compactedRevisions: number;
  lastCompactionUnixSeconds: number;
}
