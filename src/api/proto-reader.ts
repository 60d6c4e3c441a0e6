/**
 * Protobuf's wire format, read from bytes that a stranger sent: what generated decoders stand on.
 *
 * Promises: throws DecodeError and nothing else; never reads outside the given bytes, nor outside the message it is in;
 * recursion is bounded by `messageDepthMax`; reads without allocating except for strings, bigints and views.
 * Strict where Go's protobuf is strict: field 0, overlong varints, stray ends of groups, invalid UTF-8 are errors; a
 * known field with another wire type is an unknown field, and unknown fields are skipped.
 *
 * Not the reader of @bufbuild/protobuf, which is lenient about all of these.
 */
import { DecodeError } from './decode-error.ts';
import { clampInt64, clampUint64 } from './int64.ts';

/**
 * Messages and groups inside each other. A transaction needs two levels (request, operation); etcd bounds nesting by
 * --max-txn-ops (128 by default), so 128 x 2 + 2 must fit; 1,000 frames are far from any stack's end.
 */
export const messageDepthMax = 1000;

const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class ProtoReader {
  pos = 0;
  #bytes: Uint8Array;
  /** Where the innermost message ends. */
  #end: number;
  /** Ends of the messages around it. */
  readonly #outerEnds: number[] = [];
  /** Halves of the varint read last. */
  #low = 0;
  #high = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#end = bytes.length;
  }

  /** Begins anew with other bytes, or with a message that lies inside them: hot decoders keep one reader. */
  reset(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    this.pos = start;
    this.#bytes = bytes;
    this.#end = end;
    this.#outerEnds.length = 0;
  }

  /** Enters a message (or a packed field) of `length` bytes, or one that fills all input; returns where it ends. */
  begin(length: number | undefined): number {
    if (this.#outerEnds.length >= messageDepthMax) throw this.#error('messages nested too deeply');
    const end = length === undefined ? this.#bytes.length : this.pos + length;
    if (end > this.#end) throw this.#error('length goes beyond the end');
    this.#outerEnds.push(this.#end);
    this.#end = end;
    return end;
  }

  /** Leaves what `begin` entered. */
  finish(end: number): void {
    if (this.pos !== end) throw this.#error('field goes beyond the end of its message');
    this.#end = this.#outerEnds.pop()!;
  }

  /** Field number x 8 + wire type. */
  tag(): number {
    this.#varint();
    // Field numbers have 29 bits, and 0 is none (protobuf encoding guide, "Message Structure").
    if (this.#high !== 0 || this.#low >>> 3 === 0) throw this.#error('illegal tag');
    return this.#low >>> 0;
  }

  /** Of what comes next, for `begin`. */
  length(): number {
    this.#varint();
    if (this.#high !== 0) throw this.#error('length goes beyond the end');
    return this.#low >>> 0;
  }

  /** An unsigned 32-bit value: the low half, as every protobuf library cuts it. */
  uint32(): number {
    this.#varint();
    return this.#low >>> 0;
  }

  int32(): number {
    this.#varint();
    return this.#low | 0;
  }

  bool(): boolean {
    this.#varint();
    return (this.#low | this.#high) !== 0;
  }

  int64(): bigint {
    return BigInt.asIntN(64, this.uint64());
  }

  uint64(): bigint {
    this.#varint();
    return (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0);
  }

  /** Halves of a 64-bit identity, for those who want no bigint: the low one now, the high one in `high`. */
  int64Low(): number {
    this.#varint();
    return this.#low | 0;
  }

  /** The upper half of the number read last. */
  get high(): number {
    return this.#high | 0;
  }

  int64Number(): number {
    this.#varint();
    return clampInt64(this.#low, this.#high);
  }

  uint64Number(): number {
    this.#varint();
    return clampUint64(this.#low, this.#high);
  }

  /** A view of the input: valid as long as the input is. A plain Uint8Array, also when the input is a Buffer. */
  bytes(): Uint8Array {
    const start = this.passBytes();
    const { buffer, byteOffset } = this.#bytes;
    return new Uint8Array(buffer, byteOffset + start, this.pos - start);
  }

  /** Passes over a byte field and returns where its bytes begin; they end at `pos`. */
  passBytes(): number {
    const length = this.length();
    const start = this.pos;
    this.#advance(length);
    return start;
  }

  string(): string {
    const start = this.passBytes();
    try {
      return utf8Decoder.decode(this.#bytes.subarray(start, this.pos));
    } catch {
      throw this.#error('invalid UTF-8');
    }
  }

  /** Passes over the field whose tag was just read. */
  skip(tag: number): void {
    switch (tag & 7) {
      case 0:
        return this.#skipVarint();
      case 1:
        return this.#advance(8);
      case 2:
        return void this.passBytes();
      case 3:
        return this.#skipGroup(tag >>> 3);
      case 5:
        return this.#advance(4);
      default:
        throw this.#error(`illegal wire type ${tag & 7}`);
    }
  }

  /** Groups inside groups are counted, not recursed into: a byte each must not cost a stack frame each. */
  #skipGroup(field: number): void {
    const open = [field];
    while (open.length > 0) {
      const tag = this.tag();
      if ((tag & 7) === 4) {
        if (open.pop() !== tag >>> 3) throw this.#error('end of another group');
      } else if ((tag & 7) === 3) {
        if (open.push(tag >>> 3) > messageDepthMax) throw this.#error('groups nested too deeply');
      } else {
        this.skip(tag);
      }
    }
  }

  #advance(count: number): void {
    if (count > this.#end - this.pos) throw this.#error('length goes beyond the end');
    this.pos += count;
  }

  /** Seven bits a byte, lowest first: one byte here, as most numbers are, up to ten in `#longVarint`. */
  #varint(): void {
    const pos = this.pos;
    if (pos >= this.#end) throw this.#error('message ends inside a number');
    const byte = this.#bytes[pos]!;
    this.pos = pos + 1;
    if (byte < 0x80) {
      this.#low = byte;
      this.#high = 0;
    } else {
      this.#longVarint(byte & 0x7f);
    }
  }

  /** Bits 7 to 27, then the byte that lies across both halves, then bits 35 to 63. */
  #longVarint(first: number): void {
    let low = first;
    let byte = 0x80;
    for (let shift = 7; shift < 28 && byte >= 0x80; shift += 7) {
      byte = this.#byte();
      low |= (byte & 0x7f) << shift;
    }
    let high = 0;
    if (byte >= 0x80) {
      byte = this.#byte();
      low |= (byte & 0x7f) << 28;
      high = (byte & 0x7f) >>> 4;
    }
    for (let shift = 3; shift < 32 && byte >= 0x80; shift += 7) {
      byte = this.#byte();
      high |= (byte & 0x7f) << shift;
      if (shift === 31 && byte > 1) throw this.#error('number longer than 64 bits'); // the tenth byte holds one bit
    }
    this.#low = low;
    this.#high = high;
  }

  #byte(): number {
    if (this.pos >= this.#end) throw this.#error('message ends inside a number');
    return this.#bytes[this.pos++]!;
  }

  /** Passes over a number of any length, under the same rules. */
  #skipVarint(): void {
    for (let length = 1; ; length++) {
      const byte = this.#byte();
      if (length === 10 && byte > 1) throw this.#error('number longer than 64 bits');
      if (byte < 0x80) return;
    }
  }

  #error(what: string): DecodeError {
    return new DecodeError(what, this.pos);
  }
}
