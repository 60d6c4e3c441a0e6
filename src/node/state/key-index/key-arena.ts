/**
 * The bytes of all keys, in chunks. Keys are laid one behind the other with a header, so that a chunk can be walked:
 *
 *   | slot | length | key bytes, padded to 4 | slot | length | ...        slot is -1 once the key is removed
 *
 * A closed chunk that is less than half in use is emptied: its keys move to the open one. So no more than half of the
 * closed chunks' bytes is waste, and a removal moves at most half a chunk. A key too large for that has a chunk alone.
 * Promises: answers of `view` hold until the next `add` or `remove`.
 */
import { chunkMask, chunkShift, type RowTable } from './row-table.ts';
import { type Probe, probeBytesMax } from './probe.ts';
import { slotChunk, slotLength, slotOffset, slotWords } from './slot-row.ts';

const headerBytes = 8;
const chunkBytes = 256 * 1024;
/** A quarter of a chunk, so that the end of a closed chunk that fits no further key is at most a quarter of it. */
const sharedEntryBytesMax = chunkBytes / 4;
/** Emptied chunks kept for the next ones, so that churn at a border does not go through the allocator. */
const spareChunksMax = 4;
/** From here on one native comparison is cheaper than a loop over bytes, its call included. */
const nativeCompareBytesMin = 96;

export class KeyArena {
  readonly #slots: RowTable;
  readonly #bytes: Buffer[] = [];
  readonly #words: Int32Array<ArrayBuffer>[] = [];
  /** Per chunk: bytes laid out, and those of them that are still keys. */
  readonly #usedBytes: number[] = [];
  readonly #liveBytes: number[] = [];
  readonly #freeChunks: number[] = [];
  readonly #spares: ArrayBuffer[] = [];
  #openChunk = -1;
  /** Memory held by chunks, spare ones included. */
  heldBytes = 0;

  constructor(slots: RowTable) {
    this.#slots = slots;
  }

  /** Copies the probed key in, and points the slot's row at it. */
  addProbed(slot: number, probe: Probe, source: Uint8Array, start: number): void {
    const length = probe.length;
    if (length > probeBytesMax || !isLittleEndian) {
      this.add(slot, source, start, start + length);
      return;
    }
    const entryBytes = entryBytesOf(length);
    const chunk = this.#roomFor(entryBytes);
    const offset = this.#place(chunk, slot, length, entryBytes);
    copyWords(probe.words, this.#words[chunk]!, offset >> 2, (length + 3) >> 2);
  }

  /** The same with bytes. */
  add(slot: number, source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    const entryBytes = entryBytesOf(length);
    const chunk = entryBytes > sharedEntryBytesMax ? this.#openAlone(entryBytes) : this.#roomFor(entryBytes);
    const offset = this.#place(chunk, slot, length, entryBytes);
    copyInto(this.#bytes[chunk]!, offset, source, start, end);
  }

  /** Frees the key of a slot; may move the bytes of others. */
  remove(slot: number): void {
    const row = this.#slots.words[slot >>> chunkShift]!;
    const at = (slot & chunkMask) * slotWords;
    const chunk = row[at + slotChunk]!;
    this.#words[chunk]![(row[at + slotOffset]! - headerBytes) >> 2] = -1;
    this.#liveBytes[chunk]! -= entryBytesOf(row[at + slotLength]!);
    row[at + slotChunk] = -1;
    if (chunk !== this.#openChunk) this.#emptyIfSparse(chunk);
  }

  length(slot: number): number {
    return this.#slots.words[slot >>> chunkShift]![(slot & chunkMask) * slotWords + slotLength]!;
  }

  /** The chunk that the key's bytes are in, from `start` to `start + length`. */
  bytes(slot: number): Buffer {
    return this.#bytes[this.#slots.words[slot >>> chunkShift]![(slot & chunkMask) * slotWords + slotChunk]!]!;
  }

  start(slot: number): number {
    return this.#slots.words[slot >>> chunkShift]![(slot & chunkMask) * slotWords + slotOffset]!;
  }

  view(slot: number): Uint8Array {
    return new Uint8Array(this.bytes(slot).buffer, this.start(slot), this.length(slot));
  }

  copy(slot: number, into: Uint8Array, at: number): number {
    const start = this.start(slot);
    const end = start + this.length(slot);
    copyInto(into, at, this.bytes(slot), start, end);
    return at + end - start;
  }

  /** The four bytes of the key from `from` on, see `fragmentOf`. */
  fragment(slot: number, from: number): number {
    const start = this.start(slot);
    return fragmentOf(this.bytes(slot), start + from, start + this.length(slot));
  }

  /** How many bytes the key shares with source[start, end), of the first `limit`, when the first `from` are known to be. */
  sharedBytes(slot: number, source: Uint8Array, start: number, end: number, from: number, limit: number): number {
    const length = Math.min(limit, end - start, this.length(slot));
    return from + sharedLength(this.bytes(slot), this.start(slot) + from, source, start + from, length - from);
  }

  /** Whether a slot, if it is in use, has the probed key; `source` from `start` is what was probed. */
  equals(slot: number, probe: Probe, source: Uint8Array, start: number): boolean {
    const length = probe.length;
    const row = this.#slots.words[slot >>> chunkShift]!;
    const field = (slot & chunkMask) * slotWords;
    const chunk = row[field + slotChunk]!;
    if (chunk < 0 || row[field + slotLength] !== length) return false;
    const offset = row[field + slotOffset]!;
    if (length > probeBytesMax) return compareRange(this.#bytes[chunk]!, offset, source, start, length) === 0;
    return equalWords(this.#words[chunk]!, offset >> 2, probe.words, length);
  }

  /** Below 0: the key is before source[start, end) in byte order. The first `from` bytes count as equal. */
  compare(slot: number, source: Uint8Array, start: number, end: number, from: number): number {
    const length = this.length(slot);
    const sourceLength = end - start;
    const shorter = length < sourceLength ? length : sourceLength;
    if (from < shorter) {
      const bytes = this.bytes(slot);
      const at = this.start(slot);
      const order = compareRange(bytes, at + from, source, start + from, shorter - from);
      if (order !== 0) return order;
    }
    return length - sourceLength;
  }

  #roomFor(entryBytes: number): number {
    const open = this.#openChunk;
    if (open >= 0 && this.#usedBytes[open]! + entryBytes <= chunkBytes) return open;
    this.#openChunk = this.#addChunk(this.#spares.pop() ?? this.#allocate(chunkBytes));
    if (open >= 0) this.#emptyIfSparse(open);
    // What was moved just now may have filled it: by at most half a chunk, and an entry takes at most a quarter.
    return this.#openChunk;
  }

  #openAlone(entryBytes: number): number {
    return this.#addChunk(this.#allocate(entryBytes));
  }

  #allocate(bytes: number): ArrayBuffer {
    this.heldBytes += bytes;
    return new ArrayBuffer(bytes);
  }

  #addChunk(memory: ArrayBuffer): number {
    const chunk = this.#freeChunks.pop() ?? this.#bytes.length;
    this.#bytes[chunk] = Buffer.from(memory);
    this.#words[chunk] = new Int32Array(memory);
    this.#usedBytes[chunk] = 0;
    this.#liveBytes[chunk] = 0;
    return chunk;
  }

  /** Lays out an entry and its header; answers where its key's bytes begin. */
  #place(chunk: number, slot: number, length: number, entryBytes: number): number {
    const at = this.#usedBytes[chunk]!;
    const words = this.#words[chunk]!;
    words[at >> 2] = slot;
    words[(at >> 2) + 1] = length;
    this.#usedBytes[chunk]! += entryBytes;
    this.#liveBytes[chunk]! += entryBytes;
    const row = this.#slots.words[slot >>> chunkShift]!;
    const field = (slot & chunkMask) * slotWords;
    row[field + slotChunk] = chunk;
    row[field + slotOffset] = at + headerBytes;
    row[field + slotLength] = length;
    return at + headerBytes;
  }

  #emptyIfSparse(chunk: number): void {
    const live = this.#liveBytes[chunk]!;
    if (live > 0 && live * 2 >= this.#bytes[chunk]!.length) return;
    if (live > 0) this.#moveAll(chunk);
    this.#drop(chunk);
  }

  #moveAll(chunk: number): void {
    const bytes = this.#bytes[chunk]!;
    const words = this.#words[chunk]!;
    const used = this.#usedBytes[chunk]!;
    for (let at = 0; at < used; at += entryBytesOf(words[(at >> 2) + 1]!)) {
      const slot = words[at >> 2]!;
      if (slot >= 0) this.add(slot, bytes, at + headerBytes, at + headerBytes + words[(at >> 2) + 1]!);
    }
  }

  #drop(chunk: number): void {
    const memory = this.#words[chunk]!.buffer;
    if (memory.byteLength === chunkBytes && this.#spares.length < spareChunksMax) this.#spares.push(memory);
    else this.heldBytes -= memory.byteLength;
    this.#bytes[chunk] = noBytes;
    this.#words[chunk] = noWords;
    this.#freeChunks.push(chunk);
  }
}

const noBytes = Buffer.alloc(0);
const noWords = new Int32Array(0);

/**
 * Four bytes as an int32 that orders as the bytes do (the sign bit is turned round); what is behind the end counts as
 * zeros, so of two keys with equal fragments either may be the greater.
 */
export function fragmentOf(bytes: Uint8Array, from: number, end: number): number {
  if (from + 4 <= end) {
    const word = (bytes[from]! << 24) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!;
    return word ^ 0x80000000;
  }
  let word = 0;
  for (let i = 0; i < 4; i++) word = (word << 8) | (from + i < end ? bytes[from + i]! : 0);
  return word ^ 0x80000000;
}

const isLittleEndian = new Uint8Array(Int32Array.of(1).buffer)[0] === 1;

function copyWords(source: Int32Array, target: Int32Array, at: number, count: number): void {
  for (let i = 0; i < count; i++) target[at + i] = source[i]!;
}

/** Words are in the machine's order in the arena, and little-endian in a probe; where those differ the tree is asked. */
function equalWords(a: Int32Array, aStart: number, b: Int32Array, lengthBytes: number): boolean {
  const whole = lengthBytes >> 2;
  for (let i = 0; i < whole; i++) if (a[aStart + i] !== b[i]) return false;
  const rest = lengthBytes & 3;
  return rest === 0 || ((a[aStart + whole]! ^ b[whole]!) & ((1 << (rest * 8)) - 1)) === 0;
}

function entryBytesOf(keyBytes: number): number {
  return headerBytes + ((keyBytes + 3) & ~3);
}

function copyInto(target: Uint8Array, at: number, source: Uint8Array, start: number, end: number): void {
  if (end - start > 32) target.set(source.subarray(start, end), at);
  else for (let i = start; i < end; i++) target[at + i - start] = source[i]!;
}

function compareRange(a: Buffer, aStart: number, b: Uint8Array, bStart: number, length: number): number {
  // Most comparisons are decided by their first bytes, or not at all.
  let i = 0;
  const first = length < nativeCompareBytesMin ? length : 8;
  for (; i < first; i++) {
    const order = a[aStart + i]! - b[bStart + i]!;
    if (order !== 0) return order;
  }
  if (i === length) return 0;
  return a.compare(b, bStart + i, bStart + length, aStart + i, aStart + length);
}

function sharedLength(a: Buffer, aStart: number, b: Uint8Array, bStart: number, length: number): number {
  let i = 0;
  // Long runs in steps that one native comparison decides, then the rest byte by byte.
  while (length - i > 1024 && compareRange(a, aStart + i, b, bStart + i, 1024) === 0) i += 1024;
  while (i < length && a[aStart + i] === b[bStart + i]) i++;
  return i;
}
