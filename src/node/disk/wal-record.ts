/**
 * walpb and the frame around it (docs/etcd-facts.md, wal framing): what the log's writer and reader both know.
 *
 *   | 8 bytes little-endian: length, top byte 0x80 | padding | walpb.Record | zeros to a multiple of 8 |
 */
import type { SnapshotMetadata } from '../raft/entry.ts';
import { confStateBytes, readConfState, writeConfState } from '../raft/codec.ts';
import {
  FieldReader,
  WireType,
  tagOf,
  varint64Bytes,
  varintBytes,
  writeVarint,
  writeVarint64,
} from '../raft/proto-fields.ts';

export const RecordType = { metadata: 1, entry: 2, state: 3, crc: 4, snapshot: 5 } as const;
export type RecordType = (typeof RecordType)[keyof typeof RecordType];

/** The length field before each record; records begin at multiples of it. */
export const frameBytes = 8;

/** What a disk writes whole or not at all. */
export const sectorBytes = 512;

/** Record {type = 1, crc = 2, data = 3} */
export const recordTags = {
  type: tagOf(1, WireType.varint),
  crc: tagOf(2, WireType.varint),
  data: tagOf(3, WireType.bytes),
} as const;

const varint1 = tagOf(1, WireType.varint);
const varint2 = tagOf(2, WireType.varint);
const bytes3 = tagOf(3, WireType.bytes);

/** Zeros after a record of `recordBytes`. */
export function paddingOf(recordBytes: number): number {
  return (frameBytes - (recordBytes % frameBytes)) % frameBytes;
}

/** The length field. `recordBytes` is below 2^32. */
export function writeFrame(into: Uint8Array, at: number, recordBytes: number): void {
  const padding = paddingOf(recordBytes);
  into[at] = recordBytes;
  into[at + 1] = recordBytes >>> 8;
  into[at + 2] = recordBytes >>> 16;
  into[at + 3] = recordBytes >>> 24;
  into[at + 4] = into[at + 5] = into[at + 6] = 0;
  into[at + 7] = padding === 0 ? 0 : 0x80 | padding;
}

/** Bytes of the record whose length field is at `at`; 0 is the end of the log, -1 is no length field. */
export function readFrame(bytes: Uint8Array, at: number): number {
  const low = bytes[at]! + bytes[at + 1]! * 0x100 + bytes[at + 2]! * 0x1_0000 + bytes[at + 3]! * 0x100_0000;
  if ((bytes[at + 4]! | bytes[at + 5]! | bytes[at + 6]!) !== 0) return -1;
  const padding = paddingOf(low);
  return bytes[at + 7] === (padding === 0 ? 0 : 0x80 | padding) ? low : -1;
}

/** Whose log it is: etcdserverpb.Metadata {NodeID = 1, ClusterID = 2}. */
export interface WalMetadata {
  readonly memberId: bigint;
  readonly clusterId: bigint;
}

export function metadataBytes(metadata: WalMetadata): number {
  return 2 + varint64Bytes(metadata.memberId) + varint64Bytes(metadata.clusterId);
}

export function writeMetadata(metadata: WalMetadata, into: Uint8Array, at: number): number {
  into[at] = varint1;
  const next = writeVarint64(into, at + 1, metadata.memberId);
  into[next] = varint2;
  return writeVarint64(into, next + 1, metadata.clusterId);
}

export function readMetadata(bytes: Uint8Array, start: number, end: number): WalMetadata | null {
  const reader = new FieldReader(bytes, start, end);
  let memberId = 0n;
  let clusterId = 0n;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === varint1) memberId = reader.uint64();
    else if (tag === varint2) clusterId = reader.uint64();
    else reader.skip(tag);
  }
  return reader.failed ? null : { memberId, clusterId };
}

/** walpb.Snapshot {index = 1, term = 2, conf_state = 3}; the one at index 0 has no configuration. */
export function walSnapshotBytes(snapshot: SnapshotMetadata): number {
  const plain = 2 + varintBytes(snapshot.index) + varintBytes(snapshot.term);
  if (snapshot.index === 0) return plain;
  const conf = confStateBytes(snapshot.confState);
  return plain + 1 + varintBytes(conf) + conf;
}

export function writeWalSnapshot(snapshot: SnapshotMetadata, into: Uint8Array, at: number): number {
  into[at++] = varint1;
  at = writeVarint(into, at, snapshot.index);
  into[at++] = varint2;
  at = writeVarint(into, at, snapshot.term);
  if (snapshot.index === 0) return at;
  into[at++] = bytes3;
  at = writeVarint(into, at, confStateBytes(snapshot.confState));
  return writeConfState(snapshot.confState, into, at);
}

/** Strict about the third field, so that no state or entry passes for a snapshot when its type is damaged. */
export function readWalSnapshot(bytes: Uint8Array, start: number, end: number): SnapshotMetadata | null {
  const reader = new FieldReader(bytes, start, end);
  let index = 0;
  let term = 0;
  let confState: SnapshotMetadata['confState'] | null = { voters: [], learners: [] };
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === varint1) index = reader.number();
    else if (tag === varint2) term = reader.number();
    else if (tag === bytes3) {
      const from = reader.passBytes();
      confState = reader.failed ? null : readConfState(bytes, from, reader.pos);
    } else reader.failed = true;
  }
  return reader.failed || confState === null ? null : { index, term, confState };
}
