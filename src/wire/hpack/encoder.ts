/**
 * Header lists to header blocks (RFC 7541 6): one encoder per connection and direction.
 *
 * The table is filled once and evicts only when the peer shrinks it. What repeats on a gRPC connection (method paths,
 * authority, content type, agent) repeats from its first calls on, and a table that stands still lets whole blocks be
 * encoded once and sent many times; a table that kept up with values that never come back would gain nothing and void them.
 */
import type { Metadata } from '../contract.ts';
import { DynamicTable, fieldBytes, tableBytesInitial } from './dynamic-table.ts';
import { huffmanBytes, huffmanEncode, octetAt } from './huffman.ts';
import { integerBytesMax, writeInteger } from './integer.ts';
import { type Field, staticFieldIndex, staticLength, staticNameIndex } from './static-table.ts';

/** Secrets: marked so that no intermediary puts them into a table that others could probe (RFC 7541 7.1.3). */
const neverIndexed: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'token', // etcd's
]);

/** Values that rarely come twice: an entry would be spent on each. A deadline is the rest of one, so it differs by call. */
const notIndexed: ReadonlySet<string> = new Set([
  'grpc-timeout',
  'grpc-message',
  'grpc-status-details-bin',
  'content-length',
  'date',
]);

// RFC 7541 6.1, 6.2.1, 6.2.2, 6.2.3, 6.3 and 5.2: the bits before the integer, and how many are left for it.
const indexed = { pattern: 0x80, prefixBits: 7 };
const literalIndexed = { pattern: 0x40, prefixBits: 6 };
const literalPlain = { pattern: 0x00, prefixBits: 4 };
const literalNever = { pattern: 0x10, prefixBits: 4 };
const sizeUpdate = { pattern: 0x20, prefixBits: 5 };
const stringHuffman = { pattern: 0x80, prefixBits: 7 };
const stringPlain = { pattern: 0x00, prefixBits: 7 };

export interface HpackEncoderOptions {
  /** The largest table we keep, however large the peer's may be. Default 4,096. */
  readonly tableBytesMax?: number;
}

export class HpackEncoder {
  readonly #tableBytesMax: number;
  readonly #table: DynamicTable;
  /** What the next block has to announce (RFC 7541 4.2): the smallest size since the last block; -1 is nothing. */
  #smallestOwed = -1;
  #generation = 0;

  constructor(options: HpackEncoderOptions = {}) {
    this.#tableBytesMax = options.tableBytesMax ?? 4_096;
    this.#table = new DynamicTable(tableBytesInitial);
    this.setPeerTableBytes(tableBytesInitial); // a choice of ours below it is announced like any other change
  }

  /** Changes with the table and with every duty to announce its size: while it stands, encoded blocks may be sent again. */
  get generation(): number {
    return this.#generation;
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE. The next block starts with the size updates that this calls for. */
  setPeerTableBytes(bytes: number): void {
    const next = Math.min(bytes, this.#tableBytesMax);
    if (next === this.#table.bytesMax) return;
    this.#table.resize(next);
    this.#smallestOwed = this.#smallestOwed < 0 ? next : Math.min(this.#smallestOwed, next);
    this.#generation++;
  }

  /** Writes the block for `headers` at `offset`, where `encodedBoundBytes` must have room; returns the offset behind it. */
  encode(headers: Metadata, out: Uint8Array, offset: number): number {
    let at = this.#smallestOwed < 0 ? offset : this.#announce(out, offset);
    for (const field of headers) at = this.#field(field, out, at);
    return at;
  }

  /** RFC 7541 4.2: the smallest size first, so that the peer evicts what we evicted, then the final one. */
  #announce(out: Uint8Array, offset: number): number {
    let at = offset;
    if (this.#smallestOwed < this.#table.bytesMax) at = writeInteger(out, at, sizeUpdate, this.#smallestOwed);
    this.#smallestOwed = -1;
    this.#generation++;
    return writeInteger(out, at, sizeUpdate, this.#table.bytesMax);
  }

  #field(field: Field, out: Uint8Array, offset: number): number {
    const [name, value] = field;
    if (neverIndexed.has(name)) return this.#literal(literalNever, field, out, offset);
    const index = this.#indexOf(name, value);
    if (index > 0) return writeInteger(out, offset, indexed, index);
    if (!this.#worthKeeping(field)) return this.#literal(literalPlain, field, out, offset);
    const end = this.#literal(literalIndexed, field, out, offset);
    this.#table.insert(field);
    this.#generation++;
    return end;
  }

  #worthKeeping(field: Field): boolean {
    return !notIndexed.has(field[0]) && this.#table.bytes + fieldBytes(field) <= this.#table.bytesMax;
  }

  #literal(kind: typeof literalPlain, field: Field, out: Uint8Array, offset: number): number {
    const nameIndex = this.#nameIndexOf(field[0]);
    const at = writeInteger(out, offset, kind, nameIndex);
    return writeString(field[1], out, nameIndex > 0 ? at : writeString(field[0], out, at));
  }

  /** A scan: at most 128 entries of 32 bytes and more fit into 4,096, and blocks that repeat do not come here. */
  #indexOf(name: string, value: string): number {
    const known = staticFieldIndex(name, value);
    if (known > 0) return known;
    for (let i = 0; i < this.#table.length; i++) {
      const entry = this.#table.at(i);
      if (entry[1] === value && entry[0] === name) return staticLength + 1 + i;
    }
    return 0;
  }

  #nameIndexOf(name: string): number {
    const known = staticNameIndex(name);
    if (known > 0) return known;
    for (let i = 0; i < this.#table.length; i++) if (this.#table.at(i)[0] === name) return staticLength + 1 + i;
    return 0;
  }
}

/** Room that `encode` can need: two size updates, and each field as a literal with two plain strings. */
export function encodedBoundBytes(headers: Metadata): number {
  let bytes = 2 * integerBytesMax;
  for (const [name, value] of headers) bytes += 3 * integerBytesMax + name.length + value.length;
  return bytes;
}

/** RFC 7541 5.2: coded when that is shorter, so a string never takes more than its length. */
function writeString(text: string, out: Uint8Array, offset: number): number {
  const coded = huffmanBytes(text);
  if (coded < text.length) return huffmanEncode(text, out, writeInteger(out, offset, stringHuffman, coded));
  let at = writeInteger(out, offset, stringPlain, text.length);
  for (let i = 0; i < text.length; i++) out[at++] = octetAt(text, i);
  return at;
}
