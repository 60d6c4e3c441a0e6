/**
 * All that is agreed, as one object over the storage port: entries in, what they did out; everything else of this room
 * serves one noun each and is put together here.
 *
 * Promises: the same entries give the same replies and the same stored bytes, whenever flushes and restarts come between;
 * what is flushed is whole entries with their index. An entry that cannot be read, or asks for what there is not yet,
 * changes nothing, on every member alike.
 */
import { assert } from '../../base/assert.ts';
import { utf8, utf8Text } from '../../base/bytes.ts';
import { DecodeError } from '../../api/decode-error.ts';
import { etcdErrors } from '../../api/errors.ts';
import { PutRequestReader } from '../../api/hot/put-request-reader.ts';
import { CompactionRequest, DeleteRangeRequest, TxnRequest } from '../../api/gen/etcdserverpb/kv.ts';
import { AlarmRequest, type AlarmMember } from '../../api/gen/etcdserverpb/maintenance.ts';
import type { Member } from '../../api/gen/etcdserverpb/cluster.ts';
import type { Clock, Storage, Timed, WriteTransaction } from '../ports.ts';
import { readConfChange } from '../raft/codec.ts';
import { EntryType, type ConfState, type Entry } from '../raft/entry.ts';
import { Alarms } from './alarms.ts';
import { Compaction } from './compaction.ts';
import { deleteRange } from './deletes.ts';
import { InternalRequestReader, RequestKind } from './internal-request.ts';
import type { KeyIndex } from './key-index.ts';
import { noLeases, type LeaseTable } from './leases.ts';
import { Members } from './members.ts';
import { readClusterVersion, readMemberAttributes } from './membership-messages.ts';
import { Mvcc } from './mvcc.ts';
import { metaKeys, PendingWrites } from './pending-writes.ts';
import { Pins } from './pins.ts';
import { PutCommand } from './put-command.ts';
import { Puts } from './puts.ts';
import { recoverRecords } from './recovery.ts';
import { txnCostBytes } from './request-cost.ts';
import { revisionHeader } from './revision-header.ts';
import { readBigEndian64, writeBigEndian64 } from './revision-key.ts';
import { RevisionStore } from './revision-store.ts';
import type { Applied, MvccCounters, MvccView, State } from './state.ts';
import { Transactions } from './transactions.ts';

export interface StateOptions {
  /** Only for the time of the last compaction, a metric: nothing that is agreed depends on it. */
  readonly clock: Pick<Clock, 'wallMs'>;
  /** Default: there are none. */
  readonly leases?: LeaseTable;
}

/**
 * Records that each entry hands to the open transaction, so that a flush of 10,000 finds its work done and stops nobody for
 * ten milliseconds: more than an entry mostly adds, to catch up after one that added many.
 */
const handedOverPerEntry = 4;
const clusterVersionKey = utf8('clusterVersion');

export class StateMachine implements State {
  appliedIndex = 0;
  appliedTerm = 0;
  flushedIndex = 0;
  clusterVersion: string | null = null;
  readonly mvcc: MvccView;
  readonly #storage: Storage;
  readonly #store: RevisionStore;
  readonly #writes = new PendingWrites();
  readonly #counters: MvccCounters = {
    puts: 0,
    deletes: 0,
    ranges: 0,
    txns: 0,
    keys: 0,
    putBytes: 0,
    compactedRevisions: 0,
    lastCompactionUnixSeconds: 0,
  };
  readonly #puts: Puts;
  readonly #transactions: Transactions;
  readonly #compaction: Compaction;
  readonly #alarms = new Alarms(this.#writes);
  readonly #members = new Members(this.#writes);
  readonly #request = new InternalRequestReader();
  readonly #putReader = new PutRequestReader();
  readonly #put = new PutCommand();
  /** Entries since the last transaction began. */
  #unflushedEntries = 0;
  #transaction: WriteTransaction | null = null;
  /** Stays so after an error: no other transaction is committed, and none begun. */
  #isFlushing = false;
  #hasFailed = false;

  /** Reads everything back from `storage`; `index` is empty. Throws `Failure` when the backend is damaged. */
  constructor(storage: Storage, index: KeyIndex, options: StateOptions) {
    const pins = new Pins();
    this.#storage = storage;
    this.#store = new RevisionStore(index, storage);
    this.#puts = new Puts(this.#store, options.leases ?? noLeases);
    this.#transactions = new Transactions(this.#store, pins, this.#puts, this.#counters);
    this.#compaction = new Compaction(this.#store, pins, this.#writes, this.#counters, options.clock);
    this.mvcc = new Mvcc(this.#store, pins, this.#transactions, this.#counters);
    this.#load();
  }

  get confState(): ConfState {
    return this.#members.confState;
  }

  get members(): readonly Member[] {
    return this.#members.list;
  }

  get alarms(): readonly AlarmMember[] {
    return this.#alarms.list;
  }

  get unflushedOperations(): number {
    return this.#unflushedEntries + this.#compaction.pendingOperations;
  }

  get unflushedBytes(): number {
    return this.#store.unflushedBytes;
  }

  apply(entry: Entry, applied: Applied): void {
    applied.error = null;
    applied.response = null;
    if (entry.index > this.appliedIndex) {
      assert(entry.index === this.appliedIndex + 1, 'entries are applied in order, without a gap');
      assert(entry.term >= this.appliedTerm, 'terms never regress');
      this.#applyNext(entry, applied);
      this.appliedIndex = entry.index;
      this.appliedTerm = entry.term;
      this.#unflushedEntries++;
      if (!this.#hasFailed) this.#store.handOver(this.#openTransaction(), handedOverPerEntry);
    }
    applied.revision = this.#store.revision;
  }

  flush(done: Timed): void {
    assert(!this.#isFlushing, 'one flush at a time');
    const index = this.appliedIndex;
    const transaction = this.#openTransaction();
    this.#isFlushing = true;
    this.#transaction = null;
    this.#unflushedEntries = 0;
    this.#store.flushInto(transaction);
    this.#compaction.flushInto(transaction);
    this.#writes.flushInto(transaction);
    transaction.put('meta', metaKeys.consistentIndex, bigEndian(index));
    transaction.put('meta', metaKeys.term, bigEndian(this.appliedTerm));
    transaction.commit((error, seconds) => {
      if (error === null) this.#flushed(index);
      else this.#hasFailed = true;
      done(error, seconds);
    });
  }

  /** The one that the next flush commits. */
  #openTransaction(): WriteTransaction {
    return (this.#transaction ??= this.#storage.begin());
  }

  work(): boolean {
    return this.#compaction.work();
  }

  #flushed(index: number): void {
    this.#isFlushing = false;
    this.flushedIndex = index;
    this.#store.flushed();
    this.#compaction.flushed();
  }

  #load(): void {
    const storage = this.#storage;
    this.#alarms.load(storage);
    this.#members.load(storage);
    this.#compaction.load(storage);
    recoverRecords(storage, this.#store);
    this.#counters.keys = this.#store.index.keyCount;
    this.appliedIndex = this.flushedIndex = storedNumber(storage, metaKeys.consistentIndex);
    this.appliedTerm = storedNumber(storage, metaKeys.term);
    const version = storage.get('cluster', clusterVersionKey);
    if (version !== null) this.clusterVersion = utf8Text(version);
  }

  #applyNext(entry: Entry, applied: Applied): void {
    if (entry.type === EntryType.confChange) this.#applyConfChange(entry.data, applied);
    else if (entry.type === EntryType.normal && this.#request.read(entry.data)) this.#applyRequest(entry.data, applied);
  }

  #applyConfChange(data: Uint8Array, applied: Applied): void {
    const change = readConfChange(data);
    if (change !== null) applied.error = this.#members.apply(change);
  }

  /** Everything but puts is decoded into objects first: what cannot be has changed nothing then. */
  #applyRequest(data: Uint8Array, applied: Applied): void {
    const { kind, start, end } = this.#request;
    try {
      if (kind === RequestKind.put) this.#applyPut(data, start, end, applied);
      else if (kind !== RequestKind.none) this.#applyOther(kind, data.subarray(start, end), applied);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
    }
  }

  #applyOther(kind: number, bytes: Uint8Array, applied: Applied): void {
    switch (kind) {
      case RequestKind.deleteRange:
        return this.#applyDelete(DeleteRangeRequest.decode(bytes), applied);
      case RequestKind.txn:
        return this.#applyTxn(TxnRequest.decode(bytes), applied);
      case RequestKind.compaction:
        return this.#applyCompaction(CompactionRequest.decode(bytes), applied);
      case RequestKind.alarm:
        applied.response = { kind: 'alarm', response: this.#alarms.apply(AlarmRequest.decode(bytes)) };
        return;
      case RequestKind.clusterMemberAttrSet:
        return this.#members.setAttributes(readMemberAttributes(bytes));
      case RequestKind.clusterVersionSet:
        return this.#setClusterVersion(readClusterVersion(bytes));
    }
  }

  #applyPut(data: Uint8Array, start: number, end: number, applied: Applied): void {
    const reader = this.#putReader;
    const put = this.#put;
    reader.read(data, start, end);
    put.fromReader(reader, data);
    if (reader.keyStart === reader.keyEnd) applied.error = etcdErrors.EMPTY_KEY;
    else applied.error = this.#alarms.refusal(true) ?? this.#puts.leaseError(put) ?? this.#puts.keyError(put);
    if (applied.error !== null) return;
    this.#counters.puts++;
    this.#counters.putBytes += put.keyEnd - put.keyStart + put.valueEnd - put.valueStart;
    const previous = this.#puts.execute(put);
    this.#commit();
    if (!put.prevKv) return;
    applied.response = { kind: 'put', response: { header: revisionHeader(this.#store.revision), prev_kv: previous } };
  }

  #applyDelete(request: DeleteRangeRequest, applied: Applied): void {
    applied.error = this.#alarms.refusal(false);
    if (applied.error !== null) return;
    this.#counters.deletes++;
    const response = deleteRange(this.#store, request);
    this.#commit();
    applied.response = { kind: 'delete', response };
  }

  #applyTxn(request: TxnRequest, applied: Applied): void {
    applied.error = this.#alarms.refusal(txnCostBytes(request) > 0);
    if (applied.error !== null) return;
    const outcome = this.#transactions.run(request);
    if ('grpc' in outcome) applied.error = outcome;
    else applied.response = { kind: 'txn', response: outcome };
    this.#commit();
  }

  #applyCompaction({ revision }: CompactionRequest, applied: Applied): void {
    applied.error = this.#alarms.refusal(false) ?? this.#compaction.compact(revision);
    if (applied.error !== null) return;
    const response = { header: revisionHeader(this.#store.revision) };
    applied.response = { kind: 'compaction', response, physical: this.#compaction.physical(revision) };
  }

  #setClusterVersion(version: string): void {
    this.clusterVersion = version;
    this.#writes.put('cluster', clusterVersionKey, utf8(version));
  }

  #commit(): void {
    this.#store.commit();
    this.#counters.keys = this.#store.index.keyCount;
  }
}

function storedNumber(storage: Storage, key: Uint8Array): number {
  const value = storage.get('meta', key);
  return value === null ? 0 : readBigEndian64(value, 0);
}

function bigEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  writeBigEndian64(bytes, 0, value);
  return bytes;
}
