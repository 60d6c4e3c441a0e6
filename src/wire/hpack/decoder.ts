/**
 * Header blocks to header lists (RFC 7541 3): one decoder per connection and direction, as blocks build on each other.
 *
 * Promises: work is linear in the block's octets; what is kept is bounded by the options, whatever a peer sends; a block
 * that repeats octet for octet while the table stands still costs one hash and one comparison and yields the same object,
 * so that callers may hang what they derived from it on it.
 */
import type { Metadata } from '../contract.ts';
import { BlockCache } from './block-cache.ts';
import { DynamicTable, fieldBytes, tableBytesInitial } from './dynamic-table.ts';
import { HpackError } from './hpack-error.ts';
import { huffmanDecode, huffmanDecodedBytesMax } from './huffman.ts';
import { type Cursor, readInteger } from './integer.ts';
import { type Field, staticLength, staticTable } from './static-table.ts';

// The error is half of this file's face: who decodes, catches.
export { HpackError } from './hpack-error.ts';

export interface HpackDecoderOptions {
  /** The most the peer may set its table to: 4,096 until it has acknowledged settings that say otherwise. */
  readonly tableBytesMax: number;
  /** What a list may count (RFC 9113 6.5.2: name + value + 32 for each field) before it is cut. */
  readonly listBytesMax: number;
  /** What a list may hold before it is cut. */
  readonly fieldCountMax: number;
}

/** One decoded block. Frozen in use: it may be handed out again. */
export interface HeaderBlock {
  readonly headers: Metadata;
  /** Name + value + 32 for each field (RFC 9113 6.5.2), the cut ones too. */
  readonly listBytes: number;
  /** Over a limit: `headers` is cut, the table is right nonetheless. */
  readonly tooLarge: boolean;
}

const emptyBytes = new Uint8Array(0);
/** Shared by all decoders: a string is decoded and copied out within one turn. */
const scratch = Buffer.allocUnsafe(4_096);

export class HpackDecoder {
  readonly #listBytesMax: number;
  readonly #fieldCountMax: number;
  readonly #table: DynamicTable;
  readonly #cache = new BlockCache<HeaderBlock>();
  readonly #cursor: Cursor = { bytes: emptyBytes, at: 0, end: 0 };
  #text: Buffer = scratch;
  #tableBytesMax: number;
  /** The next block has to start by setting the table to this or less; -1 is no such duty. */
  #sizeUpdateOwed = -1;
  #headers: Field[] = [];
  #listBytes = 0;
  #tooLarge = false;

  constructor(options: HpackDecoderOptions) {
    this.#tableBytesMax = options.tableBytesMax;
    this.#listBytesMax = options.listBytesMax;
    this.#fieldCountMax = options.fieldCountMax;
    this.#table = new DynamicTable(Math.min(options.tableBytesMax, tableBytesInitial));
  }

  /** Decodes the complete block in [start, end). Throws HpackError, after which the decoder is of no more use. */
  decode(block: Uint8Array, start: number, end: number): HeaderBlock {
    const generation = this.#table.generation;
    const known = this.#sizeUpdateOwed < 0 ? this.#cache.find(block, start, end, generation) : null;
    if (known !== null) return known;
    const result = this.#decode(block, start, end);
    if (this.#table.generation === generation && !result.tooLarge) {
      this.#cache.add(block, start, end, generation, result);
    }
    return result;
  }

  /**
   * Our SETTINGS_HEADER_TABLE_SIZE, once acknowledged. When the table in use is larger, the next block has to begin with
   * a size update (RFC 9113 4.3.1); of several changes between two blocks, the smallest is owed (RFC 7541 4.2).
   */
  setTableBytesMax(bytes: number): void {
    this.#tableBytesMax = bytes;
    const owed = this.#sizeUpdateOwed;
    if (bytes < this.#table.bytesMax && (owed < 0 || bytes < owed)) this.#sizeUpdateOwed = bytes;
  }

  #decode(block: Uint8Array, start: number, end: number): HeaderBlock {
    const cursor = this.#cursor;
    cursor.bytes = block;
    cursor.at = start;
    cursor.end = end;
    this.#text = Buffer.from(block.buffer, block.byteOffset, block.length);
    this.#headers = [];
    this.#listBytes = 0;
    this.#tooLarge = false;
    this.#sizeUpdates(cursor);
    while (cursor.at < end) this.#field(cursor);
    cursor.bytes = emptyBytes;
    this.#text = scratch;
    return { headers: this.#headers, listBytes: this.#listBytes, tooLarge: this.#tooLarge };
  }

  /** RFC 7541 4.2: size updates stand at the beginning of a block, nowhere else. */
  #sizeUpdates(cursor: Cursor): void {
    let smallest = Infinity;
    while (cursor.at < cursor.end && (cursor.bytes[cursor.at]! & 0xe0) === 0x20) {
      const bytes = readInteger(cursor, 5);
      if (bytes > this.#tableBytesMax) throw new HpackError('table size update is above the limit'); // RFC 7541 6.3
      this.#table.resize(bytes);
      smallest = Math.min(smallest, bytes);
    }
    if (this.#sizeUpdateOwed >= 0 && smallest > this.#sizeUpdateOwed)
      throw new HpackError('table size update is missing');
    this.#sizeUpdateOwed = -1;
  }

  #field(cursor: Cursor): void {
    const first = cursor.bytes[cursor.at]!;
    if (first >= 0x80) return this.#keep(this.#indexed(readInteger(cursor, 7))); // RFC 7541 6.1
    if (first >= 0x40) return this.#learn(this.#literal(cursor, 6)); // 6.2.1
    if (first >= 0x20) throw new HpackError('table size update after a field'); // 4.2
    this.#keep(this.#literal(cursor, 4)); // 6.2.2 and 6.2.3: "never indexed" binds only who forwards
  }

  #learn(field: Field): void {
    this.#table.insert(field);
    this.#keep(field);
  }

  /** Past a limit only the sum goes on, so that a small block cannot pin a large list. */
  #keep(field: Field): void {
    this.#listBytes += fieldBytes(field);
    if (this.#listBytes > this.#listBytesMax || this.#headers.length === this.#fieldCountMax) this.#tooLarge = true;
    if (!this.#tooLarge) this.#headers.push(field);
  }

  #indexed(index: number): Field {
    if (index === 0) throw new HpackError('index 0'); // RFC 7541 6.1
    if (index <= staticLength) return staticTable[index]!;
    const dynamic = index - staticLength - 1;
    if (dynamic >= this.#table.length) throw new HpackError('index beyond the tables'); // RFC 7541 2.3.3
    return this.#table.at(dynamic);
  }

  #literal(cursor: Cursor, prefixBits: number): Field {
    const index = readInteger(cursor, prefixBits);
    const name = index === 0 ? this.#string(cursor) : this.#indexed(index)[0];
    return [name, this.#string(cursor)];
  }

  /** RFC 7541 5.2. The string is an owned copy: a slice would pin the socket's chunk. */
  #string(cursor: Cursor): string {
    if (cursor.at >= cursor.end) throw new HpackError('string is cut off');
    const coded = cursor.bytes[cursor.at]! >= 0x80;
    const length = readInteger(cursor, 7);
    const start = cursor.at;
    if (length > cursor.end - start) throw new HpackError('string is cut off');
    cursor.at = start + length;
    if (!coded) return this.#text.toString('latin1', start, start + length);
    const bound = huffmanDecodedBytesMax(length);
    const target = bound <= scratch.length ? scratch : Buffer.allocUnsafe(bound);
    return target.toString('latin1', 0, huffmanDecode(cursor.bytes, start, start + length, target));
  }
}
