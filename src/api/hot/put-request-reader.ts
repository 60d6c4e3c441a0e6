/**
 * A PutRequest as offsets into the bytes it came in: what a server on the load path needs to check, log and apply a put
 * without making an object, a view or a bigint of it.
 */
import { emptyBytes } from '../../base/bytes.ts';
import { ProtoReader } from '../proto-reader.ts';

/** One object for all requests: its fields describe the request read last, and its offsets are into those bytes. */
export class PutRequestReader {
  keyStart = 0;
  keyEnd = 0;
  valueStart = 0;
  valueEnd = 0;
  /** The lease's halves, as signed 32-bit integers; both 0 without one. */
  leaseLow = 0;
  leaseHigh = 0;
  prevKv = false;
  ignoreValue = false;
  ignoreLease = false;
  readonly #reader = new ProtoReader(emptyBytes);

  /** Throws DecodeError and nothing else; the fields are meaningless then. The request may lie inside other bytes. */
  read(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    this.#clear();
    const reader = this.#reader;
    reader.reset(bytes, start, end);
    while (reader.pos < end) this.#field(reader.tag());
  }

  get keyBytes(): number {
    return this.keyEnd - this.keyStart;
  }

  get valueBytes(): number {
    return this.valueEnd - this.valueStart;
  }

  get hasLease(): boolean {
    return (this.leaseLow | this.leaseHigh) !== 0;
  }

  #clear(): void {
    this.keyStart = this.keyEnd = this.valueStart = this.valueEnd = 0;
    this.leaseLow = this.leaseHigh = 0;
    this.prevKv = this.ignoreValue = this.ignoreLease = false;
  }

  #field(tag: number): void {
    const reader = this.#reader;
    switch (tag) {
      case 0x0a:
        this.keyStart = reader.passBytes();
        this.keyEnd = reader.pos;
        return;
      case 0x12:
        this.valueStart = reader.passBytes();
        this.valueEnd = reader.pos;
        return;
      case 0x18:
        this.leaseLow = reader.int64Low();
        this.leaseHigh = reader.high;
        return;
      case 0x20:
        this.prevKv = reader.bool();
        return;
      case 0x28:
        this.ignoreValue = reader.bool();
        return;
      case 0x30:
        this.ignoreLease = reader.bool();
        return;
      default:
        reader.skip(tag);
    }
  }
}
