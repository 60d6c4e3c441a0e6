/**
 * What one revision of a key is stored as, the bytes of its mvccpb.KeyValue: sizes and writers without an object, and a
 * reader that answers offsets. The same bytes go into a RangeResponse as they are.
 *
 * Relies on the field numbers of mvccpb.KeyValue: key 1, create_revision 2, mod_revision 3, version 4, value 5, lease 6;
 * fields in this order, zero ones left out (docs/etcd-facts.md, backend buckets).
 */
import { emptyBytes } from '../../base/bytes.ts';
import { ProtoReader } from '../../api/proto-reader.ts';
import { varintBytes, varintHalvesBytes, writeVarint, writeVarintHalves } from '../raft/proto-fields.ts';

const keyTag = 0x0a;
const createTag = 0x10;
const modTag = 0x18;
const versionTag = 0x20;
const valueTag = 0x2a;
const leaseTag = 0x30;
/** Up to here a loop is cheaper than the view that `set` needs. */
const loopBytesMax = 48;

/** The revisions of a KeyValue, all above 0. */
export interface Revisions {
  create: number;
  mod: number;
  version: number;
}

export function bytesFieldBytes(length: number): number {
  return length === 0 ? 0 : 1 + varintBytes(length) + length;
}

/** Of the key and the three revisions. */
export function keyAndRevisionsBytes(keyBytes: number, revisions: Revisions): number {
  const { create, mod, version } = revisions;
  return bytesFieldBytes(keyBytes) + 3 + varintBytes(create) + varintBytes(mod) + varintBytes(version);
}

/** Of value and lease; the lease in two unsigned halves. */
export function valueAndLeaseBytes(valueBytes: number, leaseLow: number, leaseHigh: number): number {
  const lease = (leaseLow | leaseHigh) === 0 ? 0 : 1 + varintHalvesBytes(leaseLow, leaseHigh);
  return bytesFieldBytes(valueBytes) + lease;
}

/** The key's bytes come next. */
export function writeKeyHead(into: Uint8Array, at: number, keyBytes: number): number {
  if (keyBytes === 0) return at;
  into[at] = keyTag;
  return writeVarint(into, at + 1, keyBytes);
}

export function writeRevisions(into: Uint8Array, at: number, revisions: Revisions): number {
  into[at++] = createTag;
  at = writeVarint(into, at, revisions.create);
  into[at++] = modTag;
  at = writeVarint(into, at, revisions.mod);
  into[at++] = versionTag;
  return writeVarint(into, at, revisions.version);
}

/** The value's bytes come next. */
export function writeValueHead(into: Uint8Array, at: number, valueBytes: number): number {
  if (valueBytes === 0) return at;
  into[at] = valueTag;
  return writeVarint(into, at + 1, valueBytes);
}

export function writeLease(into: Uint8Array, at: number, leaseLow: number, leaseHigh: number): number {
  if ((leaseLow | leaseHigh) === 0) return at;
  into[at] = leaseTag;
  return writeVarintHalves(into, at + 1, leaseLow, leaseHigh);
}

/** Copies source[start, end) to `at`; answers the end. */
export function copyRange(into: Uint8Array, at: number, source: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length <= loopBytesMax) for (let i = 0; i < length; i++) into[at + i] = source[start + i]!;
  else into.set(source.subarray(start, end), at);
  return at + length;
}

/** One object for all records: its fields describe the one read last, and its offsets are into those bytes. */
export class StoredRecordReader {
  keyStart = 0;
  keyEnd = 0;
  create = 0;
  mod = 0;
  version = 0;
  valueStart = 0;
  valueEnd = 0;
  /** Unsigned halves; both 0 without one. */
  leaseLow = 0;
  leaseHigh = 0;
  readonly #reader = new ProtoReader(emptyBytes);

  /** Throws DecodeError when it is no KeyValue. */
  read(bytes: Uint8Array): void {
    this.keyStart = this.keyEnd = this.valueStart = this.valueEnd = 0;
    this.create = this.mod = this.version = 0;
    this.leaseLow = this.leaseHigh = 0;
    const reader = this.#reader;
    reader.reset(bytes);
    while (reader.pos < bytes.length) this.#field(reader.tag());
  }

  #field(tag: number): void {
    const reader = this.#reader;
    switch (tag) {
      case keyTag:
        this.keyStart = reader.passBytes();
        this.keyEnd = reader.pos;
        return;
      case createTag:
        this.create = reader.int64Number();
        return;
      case modTag:
        this.mod = reader.int64Number();
        return;
      case versionTag:
        this.version = reader.int64Number();
        return;
      case valueTag:
        this.valueStart = reader.passBytes();
        this.valueEnd = reader.pos;
        return;
      case leaseTag:
        this.leaseLow = reader.int64Low() >>> 0;
        this.leaseHigh = reader.high >>> 0;
        return;
      default:
        reader.skip(tag);
    }
  }
}
