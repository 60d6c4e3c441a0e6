/**
 * Protobuf's wire format, written: what generated encoders stand on.
 *
 * Promises: `finish` returns bytes that nobody else holds; what a field cannot hold (a fraction, 65 bits) is a broken
 * invariant, as no input from outside gets here unchecked. One buffer serves message after message, because allocating
 * and growing one for each costs more than all the writing.
 */
import { assert } from '../base/assert.ts';
import { utf8 } from '../base/bytes.ts';

const spareBytesMin = 64 * 1024;
/** Larger buffers are let go, so that one huge message is not paid for ever after. */
const spareBytesMax = 4 * 1024 * 1024;
const twoTo32 = 0x1_0000_0000;

let spare: Uint8Array | null = null;

export class ProtoWriter {
  #bytes: Uint8Array;
  #pos = 0;
  /** Where the messages begin that are being written, innermost last. */
  readonly #forks: number[] = [];

  constructor() {
    this.#bytes = spare ?? new Uint8Array(spareBytesMin);
    spare = null; // ours until `finish`; a second writer meanwhile gets its own
  }

  /** An owned copy of what was written; the writer must not be used afterwards. */
  finish(): Uint8Array {
    assert(this.#forks.length === 0, 'every message that was begun has ended');
    const result = this.#bytes.slice(0, this.#pos);
    if (this.#bytes.length <= spareBytesMax) spare = this.#bytes;
    return result;
  }

  /** Begins a message inside this one; `join` writes its length in front of it. */
  fork(): this {
    this.#reserve(1);
    this.#forks.push(this.#pos);
    this.#pos += 1; // most are shorter than 128 bytes
    return this;
  }

  join(): this {
    const start = this.#forks.pop();
    assert(start !== undefined, 'a message that ends has begun');
    const length = this.#pos - start - 1;
    const lengthBytes = uint32Bytes(length);
    if (lengthBytes > 1) {
      this.#reserve(lengthBytes - 1);
      this.#bytes.copyWithin(start + lengthBytes, start + 1, this.#pos);
    }
    this.#pos = start;
    this.#varint(length, 0);
    this.#pos += length;
    return this;
  }

  /** Also tags and lengths. */
  uint32(value: number): this {
    assert(value >>> 0 === value, 'the value is an unsigned 32-bit integer');
    return this.#varint(value, 0);
  }

  /** Negative ones have ten bytes, as if they were 64-bit integers (protobuf encoding guide, "Signed Integers"). */
  int32(value: number): this {
    assert((value | 0) === value, 'the value is a signed 32-bit integer');
    return this.#varint(value >>> 0, value < 0 ? 0xffff_ffff : 0);
  }

  bool(value: boolean): this {
    return this.#varint(value ? 1 : 0, 0);
  }

  int64(value: bigint | number): this {
    if (typeof value === 'number') return this.#integer(value);
    assert(BigInt.asIntN(64, value) === value, 'the value is a signed 64-bit integer');
    return this.#bits(value);
  }

  uint64(value: bigint | number): this {
    assert(value >= 0, 'the value is not negative');
    if (typeof value === 'number') return this.#integer(value);
    assert(BigInt.asUintN(64, value) === value, 'the value is an unsigned 64-bit integer');
    return this.#bits(value);
  }

  bytes(value: Uint8Array): this {
    this.#varint(value.length, 0);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#pos);
    this.#pos += value.length;
    return this;
  }

  string(value: string): this {
    return this.bytes(utf8(value));
  }

  #integer(value: number): this {
    assert(Number.isSafeInteger(value), 'the value is an integer below 2^53');
    const high = Math.floor(value / twoTo32);
    return this.#varint(value - high * twoTo32, high >>> 0);
  }

  #bits(value: bigint): this {
    return this.#varint(Number(BigInt.asUintN(32, value)), Number(BigInt.asUintN(32, value >> 32n)));
  }

  /** Both halves unsigned. */
  #varint(low: number, high: number): this {
    this.#reserve(10);
    const bytes = this.#bytes;
    let pos = this.#pos;
    while (high !== 0) {
      bytes[pos++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    while (low >= 0x80) {
      bytes[pos++] = (low & 0x7f) | 0x80;
      low >>>= 7;
    }
    bytes[pos++] = low;
    this.#pos = pos;
    return this;
  }

  #reserve(count: number): void {
    const needed = this.#pos + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

function uint32Bytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}
