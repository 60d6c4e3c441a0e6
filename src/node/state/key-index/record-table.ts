/**
 * The revisions of keys: one row each, chained from the newest to the oldest, with a second link per row that skips ahead
 * so that any revision of a key is found in O(log revisions of it) steps (E. Myers, "An applicative random-access stack",
 * 1983: a row's jump spans as much as the two jumps below it when those are equal, else one).
 *
 *   depth   1 <- 2 <- 3 <- 4 <- 5 <- 6 <- 7          jumps: 2->1, 3->0, 4->3, 5->4, 6->3, 7->0
 *
 * A compaction cuts the chain at its old end. Jumps beyond the cut stay behind in the rows, pointing at what may be another
 * key's by now; they are told by their depth, which lies below the slot's floor, and are never followed. Depths count on
 * for ever and wrap at 32 bits, so they are compared by their difference.
 */
import { chunkMask, chunkShift, RowTable } from './row-table.ts';

const rowWords = 12;
const rowDoubles = rowWords / 2;
/** float64 fields. */
const mainField = 0;
const createField = 1;
const versionField = 2;
/** int32 fields. Of a free row the first word is the table's. */
const subField = 6;
/** Value bytes in 31 bits; the sign bit says tombstone. */
const valueField = 7;
const previousField = 8;
const depthField = 9;
const jumpField = 10;
const jumpDepthField = 11;

const tombstoneBit = 0x80000000;
const valueBytesMask = 0x7fffffff;

export class RecordTable extends RowTable {
  constructor() {
    super(rowWords);
  }

  /** Adds a row above `previous` (-1: none); the rows of its chain have depths from `floor` on. */
  push(previous: number, floor: number, main: number, sub: number): number {
    const row = this.allocate();
    this.doubles[row >>> chunkShift]![(row & chunkMask) * rowDoubles + mainField] = main;
    const words = this.words[row >>> chunkShift]!;
    const at = (row & chunkMask) * rowWords;
    words[at + subField] = sub | 0;
    words[at + previousField] = previous;
    if (previous < 0) {
      words[at + depthField] = floor;
      words[at + jumpField] = -1;
      words[at + jumpDepthField] = floor - 1;
    } else this.#link(words, at, previous, floor);
    return row;
  }

  #link(words: Int32Array, at: number, previous: number, floor: number): void {
    const below = this.words[previous >>> chunkShift]!;
    const belowAt = (previous & chunkMask) * rowWords;
    const depth = below[belowAt + depthField]!;
    const skipped = below[belowAt + jumpDepthField]!;
    words[at + depthField] = depth + 1;
    words[at + jumpField] = previous;
    words[at + jumpDepthField] = depth;
    if (((skipped - floor) | 0) < 0) return;
    const jump = below[belowAt + jumpField]!;
    const far = this.words[jump >>> chunkShift]!;
    const farAt = (jump & chunkMask) * rowWords;
    if (((depth - skipped) | 0) !== ((skipped - far[farAt + jumpDepthField]!) | 0)) return;
    words[at + jumpField] = far[farAt + jumpField]!;
    words[at + jumpDepthField] = far[farAt + jumpDepthField]!;
  }

  /** The second half of a new row. */
  describe(row: number, createRevision: number, version: number, isTombstone: boolean, valueBytes: number): void {
    const doubles = this.doubles[row >>> chunkShift]!;
    const at = (row & chunkMask) * rowDoubles;
    doubles[at + createField] = createRevision;
    doubles[at + versionField] = version;
    this.words[row >>> chunkShift]![(row & chunkMask) * rowWords + valueField] =
      valueBytes | (isTombstone ? tombstoneBit : 0);
  }

  main(row: number): number {
    return this.doubles[row >>> chunkShift]![(row & chunkMask) * rowDoubles + mainField]!;
  }

  createRevision(row: number): number {
    return this.doubles[row >>> chunkShift]![(row & chunkMask) * rowDoubles + createField]!;
  }

  version(row: number): number {
    return this.doubles[row >>> chunkShift]![(row & chunkMask) * rowDoubles + versionField]!;
  }

  sub(row: number): number {
    return this.#word(row, subField) >>> 0;
  }

  isTombstone(row: number): boolean {
    return this.#word(row, valueField) < 0;
  }

  valueBytes(row: number): number {
    return this.#word(row, valueField) & valueBytesMask;
  }

  previous(row: number): number {
    return this.#word(row, previousField);
  }

  depth(row: number): number {
    return this.#word(row, depthField);
  }

  /** The newest row of the chain from `newest` whose main is at or below `revision`, -1 for none. */
  at(newest: number, floor: number, revision: number): number {
    let row = newest;
    while (row >= 0 && this.main(row) > revision) row = this.#towards(row, floor, revision);
    return row;
  }

  /** The oldest row of the chain whose main is above `revision`; -1 when that of `newest` is not. */
  oldestAbove(newest: number, floor: number, revision: number): number {
    let row = newest;
    let above = -1;
    while (row >= 0 && this.main(row) > revision) {
      above = row;
      row = this.#towards(row, floor, revision);
    }
    return above;
  }

  /** Puts `previous` (-1: none) behind `row`; rows between are the caller's. Jumps stay: the caller minds the floor. */
  linkBehind(row: number, previous: number): void {
    this.words[row >>> chunkShift]![(row & chunkMask) * rowWords + previousField] = previous;
  }

  /** From a row above `revision`: as far down as the first row below it may be, without passing that. */
  #towards(row: number, floor: number, revision: number): number {
    const words = this.words[row >>> chunkShift]!;
    const at = (row & chunkMask) * rowWords;
    if (((words[at + jumpDepthField]! - floor) | 0) >= 0) {
      const jump = words[at + jumpField]!;
      if (this.main(jump) > revision) return jump;
    }
    return words[at + previousField]!;
  }

  #word(row: number, field: number): number {
    return this.words[row >>> chunkShift]![(row & chunkMask) * rowWords + field]!;
  }
}
