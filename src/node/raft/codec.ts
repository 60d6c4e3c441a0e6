/**
 * raftpb by hand: log entries, hard state, configurations (docs/etcd-facts.md, raft messages). Each message has its size, a
 * writer into somebody's buffer that answers the end, and a reader that answers null for bytes that are no such message.
 *
 * Promises: the bytes are etcd's: fields in order of their numbers, every scalar written, zero or not (proto2), byte
 * fields left out when empty; readers take fields in any order, absent ones and unknown ones.
 */
import { emptyBytes } from '../../base/bytes.ts';
import type { ConfChange, ConfChangeType, ConfState, Entry, EntryType, HardState, SnapshotMetadata } from './entry.ts';
import { EntryType as entryTypes, ConfChangeType as confChangeTypes } from './entry.ts';
import {
  FieldReader,
  WireType,
  tagOf,
  varint64Bytes,
  varintBytes,
  writeVarint,
  writeVarint64,
} from './proto-fields.ts';

/** Tags of the first four fields, as a varint and as bytes: each one byte. */
const varint1 = tagOf(1, WireType.varint);
const varint2 = tagOf(2, WireType.varint);
const varint3 = tagOf(3, WireType.varint);
const varint4 = tagOf(4, WireType.varint);
const varint5 = tagOf(5, WireType.varint);
const bytes1 = tagOf(1, WireType.bytes);
const bytes2 = tagOf(2, WireType.bytes);
const bytes3 = tagOf(3, WireType.bytes);
const bytes4 = tagOf(4, WireType.bytes);

// Entry {Type = 1, Term = 2, Index = 3, Data = 4}

export function entryBytes(entry: Entry): number {
  const { length } = entry.data;
  const data = length === 0 ? 0 : 1 + varintBytes(length) + length;
  return 4 + varintBytes(entry.term) + varintBytes(entry.index) + data; // 4: three tags and a type of one byte
}

export function writeEntry(entry: Entry, into: Uint8Array, at: number): number {
  const { data } = entry;
  into[at++] = varint1;
  into[at++] = entry.type;
  into[at++] = varint2;
  at = writeVarint(into, at, entry.term);
  into[at++] = varint3;
  at = writeVarint(into, at, entry.index);
  if (data.length === 0) return at;
  into[at++] = bytes4;
  at = writeVarint(into, at, data.length);
  into.set(data, at);
  return at + data.length;
}

/** The entry owns its data. */
export function readEntry(bytes: Uint8Array, start = 0, end: number = bytes.length): Entry | null {
  const reader = new FieldReader(bytes, start, end);
  let type = 0;
  let term = 0;
  let index = 0;
  let data = emptyBytes;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === varint1) type = reader.number();
    else if (tag === varint2) term = reader.number();
    else if (tag === varint3) index = reader.number();
    else if (tag === bytes4) data = reader.bytes();
    else reader.skip(tag);
  }
  if (reader.failed || !isEntryType(type)) return null;
  return { term, index, type, data };
}

function isEntryType(value: number): value is EntryType {
  return value >= entryTypes.normal && value <= entryTypes.confChangeV2;
}

// HardState {term = 1, vote = 2, commit = 3}

export function hardStateBytes(state: HardState): number {
  return 3 + varintBytes(state.term) + varint64Bytes(state.vote) + varintBytes(state.commit);
}

export function writeHardState(state: HardState, into: Uint8Array, at: number): number {
  into[at++] = varint1;
  at = writeVarint(into, at, state.term);
  into[at++] = varint2;
  at = writeVarint64(into, at, state.vote);
  into[at++] = varint3;
  return writeVarint(into, at, state.commit);
}

export function readHardState(bytes: Uint8Array, start = 0, end: number = bytes.length): HardState | null {
  const reader = new FieldReader(bytes, start, end);
  let term = 0;
  let vote = 0n;
  let commit = 0;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === varint1) term = reader.number();
    else if (tag === varint2) vote = reader.uint64();
    else if (tag === varint3) commit = reader.number();
    else reader.skip(tag);
  }
  return reader.failed ? null : { term, vote, commit };
}

// ConfState {voters = 1, learners = 2, voters_outgoing = 3, learners_next = 4, auto_leave = 5}

export function confStateBytes(state: ConfState): number {
  let count = 2; // auto_leave
  for (const id of state.voters) count += 1 + varint64Bytes(id);
  for (const id of state.learners) count += 1 + varint64Bytes(id);
  return count;
}

export function writeConfState(state: ConfState, into: Uint8Array, at: number): number {
  for (const id of state.voters) {
    into[at++] = varint1;
    at = writeVarint64(into, at, id);
  }
  for (const id of state.learners) {
    into[at++] = varint2;
    at = writeVarint64(into, at, id);
  }
  into[at++] = varint5;
  into[at++] = 0;
  return at;
}

/** Ids may be packed or not. A joint configuration is no configuration of ours: null. */
export function readConfState(bytes: Uint8Array, start = 0, end: number = bytes.length): ConfState | null {
  return confStateOf(new FieldReader(bytes, start, end));
}

function confStateOf(reader: FieldReader): ConfState | null {
  const voters: bigint[] = [];
  const learners: bigint[] = [];
  let joint = false;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === varint1) voters.push(reader.uint64());
    else if (tag === varint2) learners.push(reader.uint64());
    else if (tag === bytes1) readPacked(reader, voters);
    else if (tag === bytes2) readPacked(reader, learners);
    else {
      joint ||= tag === varint3 || tag === varint4 || tag === bytes3 || tag === bytes4;
      reader.skip(tag);
    }
  }
  return reader.failed || joint ? null : { voters, learners };
}

function readPacked(reader: FieldReader, ids: bigint[]): void {
  let start = reader.passBytes();
  if (reader.failed) return;
  const end = reader.pos;
  for (reader.pos = start; start < end && !reader.failed; start = reader.pos) ids.push(reader.uint64());
  if (reader.pos !== end) reader.failed = true;
}

// SnapshotMetadata {conf_state = 1, index = 2, term = 3}

export function snapshotMetadataBytes(snapshot: SnapshotMetadata): number {
  const conf = confStateBytes(snapshot.confState);
  return 3 + varintBytes(conf) + conf + varintBytes(snapshot.index) + varintBytes(snapshot.term);
}

export function writeSnapshotMetadata(snapshot: SnapshotMetadata, into: Uint8Array, at: number): number {
  into[at++] = bytes1;
  at = writeVarint(into, at, confStateBytes(snapshot.confState));
  at = writeConfState(snapshot.confState, into, at);
  into[at++] = varint2;
  at = writeVarint(into, at, snapshot.index);
  into[at++] = varint3;
  return writeVarint(into, at, snapshot.term);
}

export function readSnapshotMetadata(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): SnapshotMetadata | null {
  const reader = new FieldReader(bytes, start, end);
  let confState: ConfState | null = { voters: [], learners: [] };
  let index = 0;
  let term = 0;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === bytes1) confState = confStateOf(reader.message());
    else if (tag === varint2) index = reader.number();
    else if (tag === varint3) term = reader.number();
    else reader.skip(tag);
  }
  return reader.failed || confState === null ? null : { index, term, confState };
}

// ConfChange {id = 1, type = 2, node_id = 3, context = 4}

export function confChangeBytes(change: ConfChange): number {
  const { length } = change.context;
  const context = length === 0 ? 0 : 1 + varintBytes(length) + length;
  return 4 + varint64Bytes(change.id) + varint64Bytes(change.nodeId) + context; // 4: three tags and a type of one byte
}

/** An owned array: changes are rare. */
export function encodeConfChange(change: ConfChange): Uint8Array {
  const into = new Uint8Array(confChangeBytes(change));
  into[0] = varint1;
  let at = writeVarint64(into, 1, change.id);
  into[at++] = varint2;
  into[at++] = change.type;
  into[at++] = varint3;
  at = writeVarint64(into, at, change.nodeId);
  if (change.context.length === 0) return into;
  into[at++] = bytes4;
  at = writeVarint(into, at, change.context.length);
  into.set(change.context, at);
  return into;
}

/** The change owns its context. */
export function readConfChange(bytes: Uint8Array, start = 0, end: number = bytes.length): ConfChange | null {
  const reader = new FieldReader(bytes, start, end);
  let id = 0n;
  let type = 0;
  let nodeId = 0n;
  let context = emptyBytes;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === varint1) id = reader.uint64();
    else if (tag === varint2) type = reader.number();
    else if (tag === varint3) nodeId = reader.uint64();
    else if (tag === bytes4) context = reader.bytes();
    else reader.skip(tag);
  }
  return reader.failed || !isConfChangeType(type) ? null : { id, type, nodeId, context };
}

function isConfChangeType(value: number): value is ConfChangeType {
  return value >= confChangeTypes.addNode && value <= confChangeTypes.addLearnerNode;
}
