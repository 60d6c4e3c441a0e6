/**
 * Protobuf's wire format, read from bytes that a stranger sent: what generated decoders stand on.
 *
 * Promises: throws DecodeError and nothing else; never reads outside the given bytes, nor outside the message it is in;
 * recursion is bounded by `messageDepthMax`; reads without allocating except for strings, bigints and views.
 * Strict where Go's protobuf is strict: field 0, overlong varints, stray ends of groups, invalid UTF-8 are errors; a
 * known field with another wire type is an unknown field, and unknown fields are skipped.
 *
 * Not the reader of @bufbuild/protobuf (whose writer we use): that one is lenient about all of these.
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

  /** Begins anew with other bytes: hot decoders keep one reader. */
  reset(bytes: Uint8Array): void {
    this.pos = 0;
    this.#bytes = bytes;
    this.#end = bytes.length;
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
        return this.#varint();
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

  /** Seven bits a byte, lowest first, ten bytes at most. */
  #varint(): void {
    const bytes = this.#bytes;
    const end = this.#end;
    let pos = this.pos;
    if (pos < end && bytes[pos]! < 0x80) {
      this.#low = bytes[pos]!;
      this.#high = 0;
      this.pos = pos + 1;
      return;
    }
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (pos >= end) throw this.#error('message ends inside a number');
      const byte = bytes[pos++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        if (shift === 63 && bits > 1) break; // the tenth byte holds the 64th bit alone
        this.pos = pos;
        this.#low = low;
        this.#high = high;
        return;
      }
    }
    throw this.#error('number longer than 64 bits');
  }

  #error(what: string): DecodeError {
    return new DecodeError(what, this.pos);
  }
}
