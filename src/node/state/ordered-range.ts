/**
 * A Range in the order of keys and without filters, as most are: it keeps nothing of what it finds. One walk counts and
 * sums the sizes, a second one, at the same revision and so over the same keys, writes.
 */
import type { KeyValue } from '../../api/gen/mvccpb/kv.ts';
import { KeyValueField } from './key-value-field.ts';
import { KeyWalk } from './key-walk.ts';
import type { Pins } from './pins.ts';
import type { RevisionStore } from './revision-store.ts';
import type { RangeCursor, RangeQuery } from './state.ts';

export class OrderedRange implements RangeCursor {
  count = 0;
  more = false;
  keyValuesCount = 0;
  encodedBytes = 0;
  readonly #limit: number;
  readonly #walk: KeyWalk;
  readonly #field: KeyValueField;
  readonly #pins: Pins;
  #pinned: number;
  #isPrepared = false;
  #written = 0;

  constructor(store: RevisionStore, pins: Pins, query: RangeQuery, revision: number) {
    this.#limit = query.countOnly ? 0 : query.limit > 0 ? query.limit : Infinity;
    this.#walk = new KeyWalk(store.index, query.key, query.rangeEnd, revision);
    this.#field = new KeyValueField(store, query.keysOnly ? 'keys' : 'all');
    this.#pins = pins;
    this.#pinned = pins.add(revision);
  }

  prepare(budget: number): boolean {
    if (this.#isPrepared) return true;
    const walk = this.#walk;
    walk.resume();
    for (let left = budget; left > 0 && !walk.atEnd; left--) if (walk.step()) this.#take(walk.slot, walk.record);
    if (!walk.atEnd) {
      walk.pause();
      return false;
    }
    this.more = this.#limit > 0 && this.count > this.keyValuesCount;
    walk.restart();
    this.#isPrepared = true;
    return true;
  }

  write(into: Uint8Array, at: number): number {
    if (!this.#hasMore) return -1;
    const walk = this.#walk;
    walk.resume();
    while (this.#hasMore && at < into.length) {
      if (!this.#field.isOpen) this.#openNext();
      at = this.#field.write(into, at);
    }
    walk.pause();
    return at;
  }

  keyValues(): KeyValue[] {
    const found: KeyValue[] = [];
    this.#walk.restart();
    while (found.length < this.keyValuesCount && this.#walk.next()) {
      found.push(this.#field.keyValue(this.#walk.slot, this.#walk.record));
    }
    return found;
  }

  close(): void {
    this.#pinned = this.#pins.remove(this.#pinned);
  }

  get #hasMore(): boolean {
    return this.#field.isOpen || this.#written < this.keyValuesCount;
  }

  #openNext(): void {
    this.#walk.next();
    this.#field.open(this.#walk.slot, this.#walk.record);
    this.#written++;
  }

  #take(slot: number, record: number): void {
    this.count++;
    if (this.keyValuesCount >= this.#limit) return;
    this.keyValuesCount++;
    this.encodedBytes += this.#field.bytes(slot, record);
  }
}
