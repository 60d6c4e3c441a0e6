/**
 * The face of the index in memory: every key in byte order, and for each its revisions since the last compaction. Values
 * are not here; a revision's number is what they are stored under.
 *
 *   slot: one key (numbered, reused after compaction)     record: one revision of one key (numbered likewise)
 *
 * Promises: no JavaScript object per key or record (design: arenas and columns); finding, adding and stepping cost
 * O(log keys) whatever the keys are; the revision of a key at an older time costs O(log revisions of it).
 * `source, start, end` name bytes where they stand, so that looking up makes no view. Views are valid until the next change.
 */
export interface KeyIndex {
  /** Slots in use: keys that exist, and deleted ones that are not compacted yet. */
  readonly keyCount: number;
  /** Memory held by arenas and columns. */
  readonly heldBytes: number;

  /** -1 when there is none. */
  find(source: Uint8Array, start: number, end: number): number;
  /** Finds or adds. A new slot has no record: `append` follows. */
  ensure(source: Uint8Array, start: number, end: number): number;
  /** A view of the key. */
  key(slot: number): Uint8Array;
  keyLength(slot: number): number;
  /** Copies the key; answers the end. */
  copyKey(slot: number, into: Uint8Array, at: number): number;

  /** First slot whose key is at or after these bytes, -1 at the end. */
  seek(source: Uint8Array, start: number, end: number): number;
  /** The slot after this one in byte order, -1 at the end. */
  next(slot: number): number;

  /**
   * A new newest record. `main` (and within it `sub`) is above all of this slot. A tombstone ends the key's generation:
   * the next put is its version 1 again. `valueBytes` is what the caller wants to know later of the value's size.
   */
  append(slot: number, main: number, sub: number, isTombstone: boolean, valueBytes: number): number;
  /**
   * The record that a read at `revision` sees: the newest whose main is at or below it (of several subs the last). -1 when
   * the key did not exist then: never put, deleted, or compacted away.
   */
  recordAt(slot: number, revision: number): number;
  /** The newest, tombstone or not; -1 for a fresh slot. */
  newest(slot: number): number;
  main(record: number): number;
  sub(record: number): number;
  isTombstone(record: number): boolean;
  /** Main revision of its generation's first put. */
  createRevision(record: number): number;
  /** 1 for the first put of its generation. */
  version(record: number): number;
  valueBytes(record: number): number;

  /** For a start: `append` with what is stored, as a compacted log no longer has the generation's beginning. */
  restore(slot: number, stored: StoredRecord): number;

  /**
   * One slice of a compaction to `revision`: of each key the newest record at or below it stays, unless that is a
   * tombstone (at exactly `revision` a tombstone stays, as in newer etcd); older ones go, each told to `onRemoved`. After
   * each of them what is left reads the same at and above `revision`: such a tombstone goes after all that it hides.
   * Slots left without records go too. Begins at `cursor` (0 at first), looks at about `budget` keys and answers the
   * cursor to go on from, or -1 when done. Changes between slices are allowed: they are above `revision`.
   */
  compact(revision: number, cursor: number, budget: number, onRemoved: RemovedVisitor): number;
}

export interface StoredRecord {
  readonly main: number;
  readonly sub: number;
  readonly isTombstone: boolean;
  readonly createRevision: number;
  readonly version: number;
  readonly valueBytes: number;
}

export type RemovedVisitor = (main: number, sub: number, isTombstone: boolean) => void;
