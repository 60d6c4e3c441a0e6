/** The key index as plainly as it can be written: sorted arrays of objects. The model of property tests. */
import { compareBytes, copyBytes } from '../../../src/base/bytes.ts';
import type { KeyIndex, RemovedVisitor, StoredRecord } from '../../../src/node/state/key-index.ts';

interface NaiveKey {
  readonly slot: number;
  readonly key: Uint8Array;
  /** Ascending. */
  records: number[];
}

export class NaiveKeyIndex implements KeyIndex {
  /** In byte order. */
  #keys: NaiveKey[] = [];
  readonly #bySlot = new Map<number, NaiveKey>();
  readonly #records: StoredRecord[] = [];
  #slots = 0;

  get keyCount(): number {
    return this.#keys.length;
  }

  get heldBytes(): number {
    return 0;
  }

  find(source: Uint8Array, start: number, end: number): number {
    const wanted = source.subarray(start, end);
    return this.#keys.find(({ key }) => compareBytes(key, wanted) === 0)?.slot ?? -1;
  }

  ensure(source: Uint8Array, start: number, end: number): number {
    const found = this.find(source, start, end);
    if (found >= 0) return found;
    const added = { slot: this.#slots++, key: copyBytes(source.subarray(start, end)), records: [] };
    this.#bySlot.set(added.slot, added);
    this.#keys.push(added);
    this.#keys.sort((a, b) => compareBytes(a.key, b.key));
    return added.slot;
  }

  key(slot: number): Uint8Array {
    return this.#at(slot).key;
  }

  keyLength(slot: number): number {
    return this.#at(slot).key.length;
  }

  copyKey(slot: number, into: Uint8Array, at: number): number {
    into.set(this.key(slot), at);
    return at + this.keyLength(slot);
  }

  seek(source: Uint8Array, start: number, end: number): number {
    const wanted = source.subarray(start, end);
    return this.#keys.find(({ key }) => compareBytes(key, wanted) >= 0)?.slot ?? -1;
  }

  next(slot: number): number {
    return this.#keys[this.#keys.indexOf(this.#at(slot)) + 1]?.slot ?? -1;
  }

  append(slot: number, main: number, sub: number, isTombstone: boolean, valueBytes: number): number {
    const before = this.#records[this.newest(slot)];
    const isFirst = before === undefined || before.isTombstone;
    return this.restore(slot, {
      main,
      sub,
      isTombstone,
      valueBytes,
      createRevision: isFirst ? main : before.createRevision,
      version: isFirst ? 1 : before.version + 1,
    });
  }

  recordAt(slot: number, revision: number): number {
    const record = this.#at(slot).records.findLast((each) => this.main(each) <= revision) ?? -1;
    return record < 0 || this.isTombstone(record) ? -1 : record;
  }

  newest(slot: number): number {
    return this.#at(slot).records.at(-1) ?? -1;
  }

  main(record: number): number {
    return this.#records[record]!.main;
  }

  sub(record: number): number {
    return this.#records[record]!.sub;
  }

  isTombstone(record: number): boolean {
    return this.#records[record]!.isTombstone;
  }

  createRevision(record: number): number {
    return this.#records[record]!.createRevision;
  }

  version(record: number): number {
    return this.#records[record]!.version;
  }

  valueBytes(record: number): number {
    return this.#records[record]!.valueBytes;
  }

  restore(slot: number, stored: StoredRecord): number {
    this.#records.push({ ...stored });
    this.#at(slot).records.push(this.#records.length - 1);
    return this.#records.length - 1;
  }

  /** In one slice, whatever the budget. */
  compact(revision: number, _cursor: number, _budget: number, onRemoved: RemovedVisitor): number {
    for (const each of this.#keys) {
      const newest = each.records.findLast((record) => this.main(record) <= revision) ?? -1;
      const stays = (record: number) =>
        this.main(record) > revision ||
        (record === newest && (!this.isTombstone(record) || this.main(record) === revision));
      for (const record of each.records.filter((record) => !stays(record))) {
        onRemoved(this.main(record), this.sub(record), this.isTombstone(record));
      }
      each.records = each.records.filter(stays);
    }
    for (const { slot } of this.#keys.filter(({ records }) => records.length === 0)) this.#bySlot.delete(slot);
    this.#keys = this.#keys.filter(({ records }) => records.length > 0);
    return -1;
  }

  #at(slot: number): NaiveKey {
    return this.#bySlot.get(slot)!;
  }
}
