/**
 * A Range that is filtered or sorted: what passes is collected first, 8 bytes a key (16 for order by value), then sorted,
 * then measured, each in slices. Equal ones stay in the order of keys.
 */
import { compareBytes, copyBytes } from '../../base/bytes.ts';
import type { KeyValue } from '../../api/gen/mvccpb/kv.ts';
import { KeyValueField } from './key-value-field.ts';
import { KeyWalk } from './key-walk.ts';
import { NumberColumn } from './number-column.ts';
import type { Pins } from './pins.ts';
import { passesFilters } from './range-query.ts';
import type { RevisionStore } from './revision-store.ts';
import { SliceSort, type Comparison } from './slice-sort.ts';
import type { RangeCursor, RangeQuery } from './state.ts';
import { StoredRecordReader } from './stored-record.ts';

/** Items that are put in order for the price of one key that is looked at, where no value has to be read for it. */
const sortedPerKey = 8;
/** Bytes of a value that are compared as one number: 48 bits are exact in a double. */
const prefixBytes = 6;

export class CollectedRange implements RangeCursor {
  count = 0;
  more = false;
  keyValuesCount = 0;
  encodedBytes = 0;
  readonly #store: RevisionStore;
  readonly #query: RangeQuery;
  readonly #walk: KeyWalk;
  readonly #field: KeyValueField;
  readonly #pins: Pins;
  readonly #slots = new NumberColumn(Int32Array);
  readonly #records = new NumberColumn(Int32Array);
  readonly #prefixes = new NumberColumn(Float64Array);
  readonly #reader = new StoredRecordReader();
  /** More than these are not collected: etcd sorts by another order than that of keys only what a limit has let through. */
  readonly #collectedMax: number;
  #sort: SliceSort | null = null;
  #pinned: number;
  #measured = 0;
  #written = 0;

  constructor(store: RevisionStore, pins: Pins, query: RangeQuery, revision: number, collectedMax: number) {
    this.#store = store;
    this.#query = query;
    this.#walk = new KeyWalk(store.index, query.key, query.rangeEnd, revision);
    const keysOnly = query.sortTarget === 'value' ? 'keysAndLease' : 'keys';
    this.#field = new KeyValueField(store, query.keysOnly ? keysOnly : 'all');
    this.#pins = pins;
    this.#pinned = pins.add(revision);
    this.#collectedMax = collectedMax;
  }

  prepare(budget: number): boolean {
    return this.#collect(budget) && this.#sorted(budget) && this.#measure(budget);
  }

  write(into: Uint8Array, at: number): number {
    if (!this.#hasMore) return -1;
    while (this.#hasMore && at < into.length) {
      if (!this.#field.isOpen) this.#field.open(this.#slotAt(this.#written), this.#recordAt(this.#written++));
      at = this.#field.write(into, at);
    }
    return at;
  }

  keyValues(): KeyValue[] {
    return Array.from({ length: this.keyValuesCount }, (_, i) =>
      this.#field.keyValue(this.#slotAt(i), this.#recordAt(i)),
    );
  }

  close(): void {
    this.#pinned = this.#pins.remove(this.#pinned);
  }

  get #hasMore(): boolean {
    return this.#field.isOpen || this.#written < this.keyValuesCount;
  }

  #slotAt(position: number): number {
    return this.#slots.values[this.#sort!.order[position]!]!;
  }

  #recordAt(position: number): number {
    return this.#records.values[this.#sort!.order[position]!]!;
  }

  /** This and the next two: true when that stage is over. */
  #collect(budget: number): boolean {
    const walk = this.#walk;
    walk.resume();
    for (let left = budget; left > 0 && !walk.atEnd; left--) if (walk.step()) this.#take(walk.slot, walk.record);
    walk.pause();
    return walk.atEnd;
  }

  #sorted(budget: number): boolean {
    this.#sort ??= new SliceSort(this.#slots.length, this.#comparison());
    return this.#sort.run(this.#query.sortTarget === 'value' ? budget : budget * sortedPerKey);
  }

  #measure(budget: number): boolean {
    const { limit } = this.#query;
    const { length } = this.#slots;
    this.keyValuesCount = limit > 0 ? Math.min(limit, length) : length;
    this.more = this.keyValuesCount < length;
    const end = Math.min(this.keyValuesCount, this.#measured + budget);
    for (; this.#measured < end; this.#measured++) {
      this.encodedBytes += this.#field.bytes(this.#slotAt(this.#measured), this.#recordAt(this.#measured));
    }
    return this.#measured === this.keyValuesCount;
  }

  #take(slot: number, record: number): void {
    this.count++;
    if (this.#slots.length >= this.#collectedMax || !passesFilters(this.#query, this.#store.index, record)) return;
    this.#slots.push(slot);
    this.#records.push(record);
    if (this.#query.sortTarget === 'value') this.#prefixes.push(this.#prefixOf(record));
  }

  #comparison(): Comparison {
    const ascending = this.#ascending();
    return this.#query.sortOrder === 'descend' ? (a, b) => ascending(b, a) : ascending;
  }

  #ascending(): Comparison {
    const { index } = this.#store;
    const records = this.#records;
    switch (this.#query.sortTarget) {
      case 'key':
        return (a, b) => a - b;
      case 'version':
        return (a, b) => index.version(records.values[a]!) - index.version(records.values[b]!);
      case 'create':
        return (a, b) => index.createRevision(records.values[a]!) - index.createRevision(records.values[b]!);
      case 'mod':
        return (a, b) => index.main(records.values[a]!) - index.main(records.values[b]!);
      case 'value':
        return (a, b) => this.#prefixes.values[a]! - this.#prefixes.values[b]! || this.#compareValues(a, b);
    }
  }

  /** Order of the prefixes is the order of the values, unless they are equal. */
  #prefixOf(record: number): number {
    const value = this.#value(record);
    let prefix = 0;
    for (let i = 0; i < prefixBytes; i++) prefix = prefix * 256 + (value[i] ?? 0);
    return prefix;
  }

  #compareValues(a: number, b: number): number {
    const first = copyBytes(this.#value(this.#records.values[a]!));
    return compareBytes(first, this.#value(this.#records.values[b]!));
  }

  /** A view, valid until the next read. */
  #value(record: number): Uint8Array {
    const bytes = this.#store.stored(record);
    this.#reader.read(bytes);
    return bytes.subarray(this.#reader.valueStart, this.#reader.valueEnd);
  }
}
