/**
 * Protobuf's wire format for the messages that are written by hand: raftpb here, walpb and snappb in disk/. Sizes are
 * computed first and fields written where they belong, so that an entry goes into the log's buffer without a copy between.
 *
 * Promises: a reader never throws and never looks beyond its end; whatever is malformed makes it `failed`.
 */
const twoTo32 = 0x1_0000_0000;

/** Wire types (protobuf encoding guide, "Message Structure"). */
export const WireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

export function tagOf(field: number, wireType: number): number {
  return field * 8 + wireType;
}

/** Bytes of a varint; `value` is an integer in [0, 2^53). */
export function varintBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  if (value < 0x1000_0000) return 4;
  let count = 4;
  for (let rest = value / 0x1000_0000; rest >= 1; rest /= 128) count++;
  return count;
}

/** Writes an integer in [0, 2^53) at `at`; answers the end. */
export function writeVarint(into: Uint8Array, at: number, value: number): number {
  let rest = value;
  if (rest >= twoTo32) return writeVarintHalves(into, at, rest % twoTo32, Math.floor(rest / twoTo32));
  while (rest >= 0x80) {
    into[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  into[at++] = rest;
  return at;
}

/** The same for 64 bits in two unsigned halves. */
export function writeVarintHalves(into: Uint8Array, at: number, low: number, high: number): number {
  while (high !== 0) {
    into[at++] = (low & 0x7f) | 0x80;
    low = ((low >>> 7) | (high << 25)) >>> 0;
    high >>>= 7;
  }
  while (low >= 0x80) {
    into[at++] = (low & 0x7f) | 0x80;
    low >>>= 7;
  }
  into[at++] = low;
  return at;
}

export function varintHalvesBytes(low: number, high: number): number {
  if (high < 0x20_0000) return varintBytes(high * twoTo32 + low);
  if (high < 0x100_0000) return 8;
  return high < 0x8000_0000 ? 9 : 10;
}

export function varint64Bytes(value: bigint): number {
  return varintHalvesBytes(Number(BigInt.asUintN(32, value)), Number(BigInt.asUintN(32, value >> 32n)));
}

/** Writes the 64 bits of `value`, two's complement when it is negative. */
export function writeVarint64(into: Uint8Array, at: number, value: bigint): number {
  return writeVarintHalves(into, at, Number(BigInt.asUintN(32, value)), Number(BigInt.asUintN(32, value >> 32n)));
}

/** Walks over the fields of one message: `for (tag = reader.tag(); tag !== 0; tag = reader.tag())`. */
export class FieldReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  pos: number;
  /** Cut short, a varint too long, an unknown wire type, or a number beyond what is asked for. */
  failed = false;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.pos = start;
    this.#end = end;
  }

  /** 0 at the end, and after a failure. */
  tag(): number {
    if (this.pos >= this.#end || this.failed) return 0;
    const tag = this.number();
    if (tag < 8 || tag >= twoTo32) return this.#fail();
    return tag;
  }

  /** A varint below 2^53; others fail. */
  number(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 8; count++) {
      if (this.pos >= this.#end) return this.#fail();
      const byte = this.#bytes[this.pos++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value <= Number.MAX_SAFE_INTEGER ? value : this.#fail();
      scale *= 128;
    }
    return this.#fail();
  }

  /** An unsigned 64-bit varint. Bits beyond the 64th are dropped, as other readers do. */
  uint64(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (this.pos >= this.#end) return BigInt(this.#fail());
      const byte = this.#bytes[this.pos++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    return BigInt(this.#fail());
  }

  /** Passes over a length-delimited field and answers where its bytes start; they end at `pos`. */
  passBytes(): number {
    const length = this.number();
    const start = this.pos;
    if (this.failed || length > this.#end - start) return this.#fail();
    this.pos = start + length;
    return start;
  }

  /** An owned copy of a length-delimited field. */
  bytes(): Uint8Array {
    const start = this.passBytes();
    return Uint8Array.prototype.slice.call(this.#bytes, start, this.failed ? start : this.pos);
  }

  /** The fields of a message inside this one, which has failed by itself when its length is wrong. */
  message(): FieldReader {
    const start = this.passBytes();
    const inner = new FieldReader(this.#bytes, start, this.failed ? start : this.pos);
    inner.failed = this.failed;
    return inner;
  }

  /** Passes over a field that nobody here knows. */
  skip(tag: number): void {
    const wireType = tag % 8;
    if (wireType === WireType.varint) this.uint64();
    else if (wireType === WireType.bytes) this.passBytes();
    else if (wireType === WireType.fixed64) this.#passFixed(8);
    else if (wireType === WireType.fixed32) this.#passFixed(4);
    else this.#fail();
  }

  #passFixed(count: number): void {
    if (count > this.#end - this.pos) this.#fail();
    else this.pos += count;
  }

  #fail(): 0 {
    this.failed = true;
    return 0;
  }
}
