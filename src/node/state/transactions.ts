/**
 * Txn: all compares, also those of the transactions inside it, are decided on the state before; then whatever could fail in
 * the branches that were chosen is checked; only then anything changes, so that nothing has to be undone.
 *
 *   choose: compares -> path (one choice per transaction, in order of visiting)    check(path)    execute(path)
 */
import { assert } from '../../base/assert.ts';
import { etcdErrors, type EtcdError, isError } from '../../api/errors.ts';
import type {
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  RequestOp,
  ResponseOp,
  TxnRequest,
  TxnResponse,
} from '../../api/gen/etcdserverpb/kv.ts';
import { holds } from './compares.ts';
import { deleteRange } from './deletes.ts';
import { openRange } from './open-range.ts';
import type { Pins } from './pins.ts';
import { PutCommand } from './put-command.ts';
import type { Puts } from './puts.ts';
import { rangeQueryOf } from './range-query.ts';
import { revisionHeader } from './revision-header.ts';
import type { RevisionStore } from './revision-store.ts';
import type { MvccCounters } from './state.ts';

export class Transactions {
  readonly #store: RevisionStore;
  readonly #pins: Pins;
  readonly #puts: Puts;
  readonly #counters: MvccCounters;
  readonly #put = new PutCommand();
  /** The choices of the transaction that is being run, and how many of them were followed. */
  readonly #path: boolean[] = [];
  #followed = 0;
  #operations = 0;

  constructor(store: RevisionStore, pins: Pins, puts: Puts, counters: MvccCounters) {
    this.#store = store;
    this.#pins = pins;
    this.#puts = puts;
    this.#counters = counters;
  }

  /** The caller ends the entry. After an error nothing has changed. */
  run(request: TxnRequest): TxnResponse | EtcdError {
    this.#path.length = 0;
    this.#choose(request);
    const error = this.#checkAll(request, 'request_put') ?? this.#checkAll(request, 'request_range');
    if (error !== null) return error;
    this.#followed = 0;
    this.#operations = 0;
    const response = this.#execute(request);
    if (this.#operations > 1) this.#counters.txns++; // as etcd counts: one operation is no transaction
    response.header = revisionHeader(this.#store.readRevision);
    return response;
  }

  #choose(request: TxnRequest): void {
    const chosen = request.compare.every((compare) => holds(this.#store, compare));
    this.#path.push(chosen);
    for (const { request: operation } of chosen ? request.success : request.failure) {
      if (operation?.$case === 'request_txn') this.#choose(operation.value);
    }
  }

  /** The operations of the branch that was chosen for the transaction that is visited next. */
  #follow(request: TxnRequest): readonly RequestOp[] {
    return this.#path[this.#followed++]! ? request.success : request.failure;
  }

  /** Once for each kind, because that is the order in which etcd finds errors. */
  #checkAll(request: TxnRequest, kind: 'request_put' | 'request_range'): EtcdError | null {
    this.#followed = 0;
    return this.#check(request, kind);
  }

  #check(request: TxnRequest, kind: 'request_put' | 'request_range'): EtcdError | null {
    for (const { request: operation } of this.#follow(request)) {
      let error: EtcdError | null = null;
      if (operation === undefined) error = etcdErrors.KEY_NOT_FOUND;
      else if (operation.$case === 'request_txn') error = this.#check(operation.value, kind);
      else if (operation.$case !== kind) continue;
      else if (operation.$case === 'request_put') error = this.#putError(operation.value);
      else if (operation.$case === 'request_range') error = this.#rangeError(operation.value);
      if (error !== null) return error;
    }
    return null;
  }

  #putError(request: PutRequest): EtcdError | null {
    if (request.key.length === 0) return etcdErrors.EMPTY_KEY;
    this.#put.fromMessage(request);
    return this.#puts.keyError(this.#put) ?? this.#puts.leaseError(this.#put);
  }

  /** Here, unlike in a Range by itself, a negative revision is an old one (etcd 3.4.23 observed). */
  #rangeError({ revision }: RangeRequest): EtcdError | null {
    if (revision > this.#store.revision) return etcdErrors.FUTURE_REV;
    return revision !== 0 && revision < this.#store.compactedRevision ? etcdErrors.COMPACTED : null;
  }

  /** A transaction inside another has an empty header. */
  #execute(request: TxnRequest): TxnResponse {
    const succeeded = this.#path[this.#followed]!;
    const responses: ResponseOp[] = [];
    for (const { request: operation } of this.#follow(request)) {
      assert(operation !== undefined, 'every operation was checked');
      responses.push({ response: this.#executeOne(operation) });
    }
    return { header: revisionHeader(0), succeeded, responses };
  }

  #executeOne(operation: NonNullable<RequestOp['request']>): ResponseOp['response'] {
    if (operation.$case !== 'request_txn') this.#operations++;
    switch (operation.$case) {
      case 'request_range':
        return { $case: 'response_range', value: this.#range(operation.value) };
      case 'request_put':
        return { $case: 'response_put', value: this.#executePut(operation.value) };
      case 'request_delete_range':
        this.#counters.deletes++;
        return { $case: 'response_delete_range', value: deleteRange(this.#store, operation.value) };
      case 'request_txn':
        return { $case: 'response_txn', value: this.#execute(operation.value) };
    }
  }

  #executePut(request: PutRequest): PutResponse {
    this.#put.fromMessage(request);
    const previous = this.#puts.execute(this.#put);
    return { header: revisionHeader(this.#store.readRevision), prev_kv: previous };
  }

  #range(request: RangeRequest): RangeResponse {
    this.#counters.ranges++;
    const range = openRange(this.#store, this.#pins, rangeQueryOf(request));
    assert(!isError(range), 'the revision of a range was checked');
    const isPrepared = range.prepare(Infinity);
    assert(isPrepared, 'a range without a bound is prepared at once');
    const kvs = range.keyValues();
    range.close();
    return { header: revisionHeader(this.#store.readRevision), kvs, more: range.more, count: range.count };
  }
}
