/**
 * Rows of numbers in chunks: what would be arrays of small objects, without the objects. A row's fields lie side by side,
 * so that one key or record costs one cache line and not one for each column; chunks never move, so that growing copies
 * nothing and pauses nothing. A row's number stays its own until it is released, then it is given out again.
 *
 * Callers read fields in place:  table.words[row >>> chunkShift]![(row & chunkMask) * table.wordsPerRow + field]
 */
import { assert } from '../../../base/assert.ts';

/** 2,048 rows a chunk: small enough for a small index, large enough that a million rows are some hundred objects. */
export const chunkShift = 11;
export const chunkMask = (1 << chunkShift) - 1;

/** Row numbers are int32, -1 is none; three rows short of 2^31 is far beyond any memory. */
const rowsMax = 2 ** 31 - 1;

export class RowTable {
  readonly wordsPerRow: number;
  readonly words: Int32Array[] = [];
  /** The same memory in pairs of words; for tables whose rows begin with float64 fields. */
  readonly doubles: Float64Array[] = [];
  /** Rows that were ever given out: every row in use is below. */
  highRow = 0;
  usedRows = 0;
  #freeRow = -1;

  /** `wordsPerRow` is even. */
  constructor(wordsPerRow: number) {
    assert(wordsPerRow % 2 === 0, 'rows are whole float64s');
    this.wordsPerRow = wordsPerRow;
  }

  get heldBytes(): number {
    return this.words.length * (this.wordsPerRow << chunkShift) * 4;
  }

  /** A row whose fields hold anything: the caller sets all of them. */
  allocate(): number {
    this.usedRows++;
    const free = this.#freeRow;
    if (free >= 0) {
      this.#freeRow = this.words[free >>> chunkShift]![(free & chunkMask) * this.wordsPerRow]!;
      return free;
    }
    const row = this.highRow++;
    if (row >>> chunkShift === this.words.length) this.#addChunk();
    return row;
  }

  /** Field 0 of a released row is the table's own. */
  release(row: number): void {
    this.words[row >>> chunkShift]![(row & chunkMask) * this.wordsPerRow] = this.#freeRow;
    this.#freeRow = row;
    this.usedRows--;
  }

  #addChunk(): void {
    assert(this.highRow < rowsMax, 'row numbers fit into 31 bits');
    const memory = new ArrayBuffer((this.wordsPerRow << chunkShift) * 4);
    this.words.push(new Int32Array(memory));
    this.doubles.push(new Float64Array(memory));
  }
}
