/**
 * The key index over typed arrays: keys in an arena, a B+tree over them, their revisions in chained rows. Nothing of it is
 * an object per key, so a million keys neither show in the garbage collector nor pay for headers and pointers.
 *
 *   hints: hash -> slot        tree: slots in key order
 *   slots (a row per key) -> arena (bytes), records (a row per revision)
 *
 * Relies on its caller for the order of revisions: what is appended is above what the slot has, compactions go upwards.
 */
import { assert } from '../../../base/assert.ts';
import type { KeyIndex, RemovedVisitor, StoredRecord } from '../key-index.ts';
import { KeyArena } from './key-arena.ts';
import { KeyHints } from './key-hints.ts';
import { KeyTree } from './key-tree.ts';
import { Probe } from './probe.ts';
import { RecordTable } from './record-table.ts';
import { chunkMask, chunkShift, RowTable } from './row-table.ts';
import { slotChunk, slotFloor, slotNewest, slotWords } from './slot-row.ts';

/** The depth of the first record of a key. */
const firstDepth = 1;

export class ArenaKeyIndex implements KeyIndex {
  readonly #slots = new RowTable(slotWords);
  readonly #arena = new KeyArena(this.#slots);
  readonly #tree = new KeyTree(this.#slots, this.#arena);
  readonly #hints = new KeyHints(this.#arena);
  readonly #probe = new Probe();
  readonly #records = new RecordTable();
  /** The newest record of a chain that a compaction cut off and has not removed yet; -1 for none. */
  #cutOff = -1;

  get keyCount(): number {
    return this.#slots.usedRows;
  }

  get heldBytes(): number {
    const keyBytes = this.#slots.heldBytes + this.#arena.heldBytes;
    return keyBytes + this.#tree.heldBytes + this.#hints.heldBytes + this.#records.heldBytes;
  }

  find(source: Uint8Array, start: number, end: number): number {
    this.#probe.read(source, start, end);
    const hinted = this.#hints.find(this.#probe, source, start);
    if (hinted >= 0) return hinted;
    const found = this.#tree.find(source, start, end);
    if (found >= 0) this.#hints.put(this.#probe.hash, found);
    return found;
  }

  ensure(source: Uint8Array, start: number, end: number): number {
    this.#probe.read(source, start, end);
    const hinted = this.#hints.find(this.#probe, source, start);
    if (hinted >= 0) return hinted;
    const found = this.#tree.locate(source, start, end);
    const slot = found >= 0 ? found : this.#add(source, start);
    this.#hints.put(this.#probe.hash, slot);
    return slot;
  }

  /** The probed key, for which the tree was just asked. */
  #add(source: Uint8Array, start: number): number {
    const slot = this.#slots.allocate();
    const row = this.#slots.words[slot >>> chunkShift]!;
    row[(slot & chunkMask) * slotWords + slotNewest] = -1;
    row[(slot & chunkMask) * slotWords + slotFloor] = firstDepth;
    this.#arena.addProbed(slot, this.#probe, source, start);
    this.#tree.insert(slot);
    return slot;
  }

  key(slot: number): Uint8Array {
    return this.#arena.view(slot);
  }

  keyLength(slot: number): number {
    return this.#arena.length(slot);
  }

  copyKey(slot: number, into: Uint8Array, at: number): number {
    return this.#arena.copy(slot, into, at);
  }

  seek(source: Uint8Array, start: number, end: number): number {
    return this.#tree.seek(source, start, end);
  }

  next(slot: number): number {
    return this.#tree.next(slot);
  }

  append(slot: number, main: number, sub: number, isTombstone: boolean, valueBytes: number): number {
    const records = this.#records;
    const previous = this.newest(slot);
    const isFirst = previous < 0 || records.isTombstone(previous);
    assert(!isTombstone || !isFirst, 'only what exists is deleted');
    const record = this.#push(slot, previous, main, sub);
    if (isTombstone) records.describe(record, 0, 0, true, valueBytes);
    else if (isFirst) records.describe(record, main, 1, false, valueBytes);
    else records.describe(record, records.createRevision(previous), records.version(previous) + 1, false, valueBytes);
    return record;
  }

  restore(slot: number, stored: StoredRecord): number {
    const record = this.#push(slot, this.newest(slot), stored.main, stored.sub);
    this.#records.describe(record, stored.createRevision, stored.version, stored.isTombstone, stored.valueBytes);
    return record;
  }

  recordAt(slot: number, revision: number): number {
    const record = this.#records.at(this.newest(slot), this.#field(slot, slotFloor), revision);
    return record < 0 || this.#records.isTombstone(record) ? -1 : record;
  }

  newest(slot: number): number {
    return this.#field(slot, slotNewest);
  }

  main(record: number): number {
    return this.#records.main(record);
  }

  sub(record: number): number {
    return this.#records.sub(record);
  }

  isTombstone(record: number): boolean {
    return this.#records.isTombstone(record);
  }

  createRevision(record: number): number {
    return this.#records.createRevision(record);
  }

  version(record: number): number {
    return this.#records.version(record);
  }

  valueBytes(record: number): number {
    return this.#records.valueBytes(record);
  }

  compact(revision: number, cursor: number, budget: number, onRemoved: RemovedVisitor): number {
    let slot = cursor;
    let left = budget;
    while (left > 0 || slot === cursor) {
      left -= this.#removeCutOff(left, onRemoved);
      if (this.#cutOff >= 0) return slot;
      if (slot >= this.#slots.highRow) return -1;
      this.#compactSlot(slot, revision);
      slot++;
      left--;
    }
    return slot;
  }

  #push(slot: number, previous: number, main: number, sub: number): number {
    const records = this.#records;
    if (previous >= 0) {
      const newestMain = records.main(previous);
      assert(main > newestMain || (main === newestMain && sub > records.sub(previous)), 'revisions of a key ascend');
    }
    const row = this.#slots.words[slot >>> chunkShift]!;
    const at = (slot & chunkMask) * slotWords;
    const record = records.push(previous, row[at + slotFloor]!, main, sub);
    row[at + slotNewest] = record;
    return record;
  }

  /** Cuts off what a read at or above `revision` cannot see; it is removed by the next steps. */
  #compactSlot(slot: number, revision: number): void {
    if (this.#field(slot, slotChunk) < 0) return;
    const records = this.#records;
    const newest = this.newest(slot);
    const above = records.oldestAbove(newest, this.#field(slot, slotFloor), revision);
    const kept = above < 0 ? newest : records.previous(above);
    if (kept < 0) return;
    const isGone = records.isTombstone(kept) && records.main(kept) < revision;
    this.#cutOff = isGone ? kept : records.previous(kept);
    const oldest = isGone ? above : kept;
    if (oldest < 0) this.#removeSlot(slot);
    else {
      records.linkBehind(oldest, -1);
      this.#slots.words[slot >>> chunkShift]![(slot & chunkMask) * slotWords + slotFloor] = records.depth(oldest);
    }
  }

  #removeSlot(slot: number): void {
    this.#tree.remove(slot);
    const start = this.#arena.start(slot);
    this.#probe.read(this.#arena.bytes(slot), start, start + this.#arena.length(slot));
    this.#hints.remove(this.#probe.hash, slot);
    this.#arena.remove(slot);
    this.#slots.release(slot);
  }

  /** Removes records that were cut off, at most `budget`; answers how many. Their newest, which may hide them, is the last. */
  #removeCutOff(budget: number, onRemoved: RemovedVisitor): number {
    const newest = this.#cutOff;
    if (newest < 0) return 0;
    const records = this.#records;
    let removed = 0;
    let record = records.previous(newest);
    for (; record >= 0 && removed < budget; removed++) record = this.#removeRecord(record, onRemoved);
    records.linkBehind(newest, record);
    if (record >= 0 || removed === budget) return removed;
    this.#cutOff = this.#removeRecord(newest, onRemoved);
    return removed + 1;
  }

  /** Answers the one before it. */
  #removeRecord(record: number, onRemoved: RemovedVisitor): number {
    const records = this.#records;
    const previous = records.previous(record);
    onRemoved(records.main(record), records.sub(record), records.isTombstone(record));
    records.release(record);
    return previous;
  }

  #field(slot: number, field: number): number {
    return this.#slots.words[slot >>> chunkShift]![(slot & chunkMask) * slotWords + field]!;
  }
}
