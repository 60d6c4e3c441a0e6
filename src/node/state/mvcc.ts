/** The store's revisions as queries see them: ranges in slices, one key at once, read-only transactions. */
import type { EtcdError } from '../../api/errors.ts';
import type { TxnRequest, TxnResponse } from '../../api/gen/etcdserverpb/kv.ts';
import { openRange } from './open-range.ts';
import type { Pins } from './pins.ts';
import type { RevisionStore } from './revision-store.ts';
import type { MvccCounters, MvccView, RangeCursor, RangeQuery } from './state.ts';
import type { Transactions } from './transactions.ts';

export class Mvcc implements MvccView {
  readonly counters: MvccCounters;
  readonly #store: RevisionStore;
  readonly #pins: Pins;
  readonly #transactions: Transactions;

  constructor(store: RevisionStore, pins: Pins, transactions: Transactions, counters: MvccCounters) {
    this.#store = store;
    this.#pins = pins;
    this.#transactions = transactions;
    this.counters = counters;
  }

  get revision(): number {
    return this.#store.revision;
  }

  get compactedRevision(): number {
    return this.#store.compactedRevision;
  }

  openRange(query: RangeQuery): RangeCursor | EtcdError {
    this.counters.ranges++;
    return openRange(this.#store, this.#pins, query);
  }

  newest(key: Uint8Array, start: number, end: number): Uint8Array | null {
    this.counters.ranges++;
    const { index, revision } = this.#store;
    const slot = index.find(key, start, end);
    const record = slot < 0 ? -1 : index.recordAt(slot, revision);
    return record < 0 ? null : this.#store.stored(record);
  }

  readTxn(request: TxnRequest): TxnResponse | EtcdError {
    return this.#transactions.run(request);
  }
}
