/**
 * The fields that one direction of a connection has learned (RFC 7541 2.3.2): a ring, newest first, evicted by size.
 *
 *   slots   [ . . | 3 | 2 | 1 | 0 | . . ]      index 0 is the newest entry
 *                 ^ oldest       ^ #newest
 *
 * Promises: `bytes` never exceeds `bytesMax`; `generation` changes whenever an index could mean another field.
 */
import type { Field } from './static-table.ts';

/** The table both sides start with (RFC 9113 6.5.2, SETTINGS_HEADER_TABLE_SIZE). */
export const tableBytesInitial = 4_096;

/** What an entry counts beyond its octets (RFC 7541 4.1). */
export const entryOverheadBytes = 32;

export function fieldBytes(field: Field): number {
  return field[0].length + field[1].length + entryOverheadBytes;
}

export class DynamicTable {
  generation = 0;
  length = 0;
  bytes = 0;
  bytesMax: number;
  #slots: (Field | undefined)[] = new Array<Field | undefined>(16).fill(undefined);
  #newest = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /** The entry at `index` (0 is the newest). The caller has checked that it is below `length`. */
  at(index: number): Field {
    return this.#slots[(this.#newest - index) & (this.#slots.length - 1)]!;
  }

  /** Evicts until the field fits, then adds it; one that never fits leaves the table empty (RFC 7541 4.4). */
  insert(field: Field): void {
    const bytes = fieldBytes(field);
    this.generation++;
    this.#evictTo(this.bytesMax - bytes);
    if (bytes > this.bytesMax) return;
    if (this.length === this.#slots.length) this.#grow();
    this.#newest = (this.#newest + 1) & (this.#slots.length - 1);
    this.#slots[this.#newest] = field;
    this.length++;
    this.bytes += bytes;
  }

  /** A new maximum; what no longer fits goes, oldest first (RFC 7541 4.3). */
  resize(bytesMax: number): void {
    this.generation++;
    this.bytesMax = bytesMax;
    this.#evictTo(bytesMax);
  }

  #evictTo(bytesMax: number): void {
    while (this.length > 0 && this.bytes > bytesMax) {
      const oldest = (this.#newest - this.length + 1) & (this.#slots.length - 1);
      this.bytes -= fieldBytes(this.#slots[oldest]!);
      this.#slots[oldest] = undefined;
      this.length--;
    }
  }

  /** Doubles the ring. Entries count at least 32 bytes each, so it never passes bytesMax / 32 slots by more than twice. */
  #grow(): void {
    const ordered: (Field | undefined)[] = [];
    for (let index = this.length - 1; index >= 0; index--) ordered.push(this.at(index));
    this.#newest = this.length - 1;
    while (ordered.length < this.#slots.length * 2) ordered.push(undefined);
    this.#slots = ordered;
  }
}
