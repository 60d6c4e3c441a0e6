/**
 * The part of the log that is in memory: contiguous entries behind a snapshot point.
 *
 *   1 ... snapshotIndex | snapshotIndex + 1 ... lastIndex
 *         its term is known, its entries are forgotten
 */
import { assert } from '../../base/assert.ts';
import type { Entry } from './entry.ts';

export class EntryLog {
  #snapshotIndex: number;
  #snapshotTerm: number;
  readonly #entries: Entry[] = [];
  /** Of all entries here. */
  payloadBytes = 0;

  constructor(snapshotIndex: number, snapshotTerm: number, entries: readonly Entry[]) {
    this.#snapshotIndex = snapshotIndex;
    this.#snapshotTerm = snapshotTerm;
    for (const entry of entries) this.append(entry);
  }

  get snapshotIndex(): number {
    return this.#snapshotIndex;
  }

  get lastIndex(): number {
    return this.#snapshotIndex + this.#entries.length;
  }

  get lastTerm(): number {
    const { length } = this.#entries;
    return length === 0 ? this.#snapshotTerm : this.#entries[length - 1]!.term;
  }

  /** Null when every entry is forgotten. */
  get oldest(): Entry | null {
    return this.#entries[0] ?? null;
  }

  /** `index` is the snapshot's or one of an entry here. */
  termAt(index: number): number {
    if (index === this.#snapshotIndex) return this.#snapshotTerm;
    const entry = this.#entries[index - this.#snapshotIndex - 1];
    assert(entry !== undefined, 'the term asked for is in the log');
    return entry.term;
  }

  append(entry: Entry): void {
    assert(entry.index === this.lastIndex + 1, 'the log is contiguous');
    assert(entry.term >= this.lastTerm, 'terms never fall along the log');
    this.#entries.push(entry);
    this.payloadBytes += entry.data.length;
  }

  /** Entries after `after` up to and including `to`. */
  between(after: number, to: number): Entry[] {
    assert(after >= this.#snapshotIndex, 'the entries asked for are not forgotten');
    assert(to <= this.lastIndex, 'the entries asked for exist');
    return this.#entries.slice(after - this.#snapshotIndex, to - this.#snapshotIndex);
  }

  /** Forgets entries up to and including `index`. */
  compact(index: number): void {
    if (index <= this.#snapshotIndex) return;
    this.#snapshotTerm = this.termAt(index);
    for (const entry of this.#entries.splice(0, index - this.#snapshotIndex)) this.payloadBytes -= entry.data.length;
    this.#snapshotIndex = index;
  }
}
