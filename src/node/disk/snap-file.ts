/**
 * The .snap files: raft's state at an index, in etcd's format (snappb.snapshot {crc = 1, data = 2} around a
 * raftpb.Snapshot {data = 1, metadata = 2}). What etcd keeps in `data`, its old store, is nothing of ours and left out.
 */
import { join } from 'node:path';
import type { LogMeters } from '../log-store.ts';
import type { Clock, Done, Files, OpenFile } from '../ports.ts';
import { readSnapshotMetadata, snapshotMetadataBytes, writeSnapshotMetadata } from '../raft/codec.ts';
import type { SnapshotMetadata } from '../raft/entry.ts';
import { FieldReader, WireType, tagOf, varintBytes, writeVarint } from '../raft/proto-fields.ts';
import { crc32c, crc32cOfRange } from './crc32c.ts';
import { snapFileName } from './wal-names.ts';

const varint1 = tagOf(1, WireType.varint);
const bytes2 = tagOf(2, WireType.bytes);

/** etcd's old store is in there when the file is etcd's: some megabytes; anything beyond this is no snapshot. */
const snapBytesMax = 512 * 1024 * 1024;

export function encodeSnap(snapshot: SnapshotMetadata): Uint8Array {
  const metadata = snapshotMetadataBytes(snapshot);
  const data = new Uint8Array(1 + varintBytes(metadata) + metadata);
  data[0] = bytes2;
  writeSnapshotMetadata(snapshot, data, writeVarint(data, 1, metadata));
  const crc = crc32c(data);
  const head = 1 + varintBytes(crc) + 1 + varintBytes(data.length);
  const bytes = new Uint8Array(head + data.length);
  bytes[0] = varint1;
  const at = writeVarint(bytes, 1, crc);
  bytes[at] = bytes2;
  bytes.set(data, writeVarint(bytes, at + 1, data.length));
  return bytes;
}

/** Null: not a snapshot, or its checksum does not match. */
export function decodeSnap(bytes: Uint8Array): SnapshotMetadata | null {
  const reader = new FieldReader(bytes);
  let crc = -1;
  let from = -1;
  let to = -1;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === varint1) crc = reader.number();
    else if (tag === bytes2) {
      from = reader.passBytes();
      to = reader.pos;
    } else reader.skip(tag);
  }
  if (reader.failed || from < 0 || crc32cOfRange(bytes, from, to, 0) !== crc) return null;
  return metadataIn(bytes, from, to);
}

function metadataIn(bytes: Uint8Array, from: number, to: number): SnapshotMetadata | null {
  const reader = new FieldReader(bytes, from, to);
  let snapshot: SnapshotMetadata | null = null;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === bytes2) {
      const start = reader.passBytes();
      snapshot = reader.failed ? null : readSnapshotMetadata(bytes, start, reader.pos);
    } else reader.skip(tag);
  }
  return reader.failed ? null : snapshot;
}

/** What the file of that name holds: null when there is none, or none that can be used. */
export function readSnapFile(files: Files, path: string): SnapshotMetadata | null {
  const size = files.sizeOf(path);
  if (size === null || size > snapBytesMax) return null;
  const bytes = new Uint8Array(size);
  return files.read(path, 0, bytes) === size ? decodeSnap(bytes) : null;
}

export interface SnapSaverOptions {
  readonly files: Files;
  readonly snapDir: string;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly meters: LogMeters;
}

/** Writes one .snap file: under another name first, synced, renamed, and the directory synced. */
export function saveSnap(options: SnapSaverOptions, snapshot: SnapshotMetadata, done: Done): void {
  const { files, snapDir, clock, meters } = options;
  const path = join(snapDir, snapFileName(snapshot));
  const temporary = `${path}.tmp`;
  const startedMs = clock.nowMs();
  writeWhole(options, temporary, encodeSnap(snapshot), (writeError) => {
    if (writeError !== null) return done(writeError);
    files.rename(temporary, path, (renameError) => {
      if (renameError !== null) return done(renameError);
      files.syncDirectory(snapDir, (error) => {
        meters.snapshotSaveSeconds.observe((clock.nowMs() - startedMs) / 1e3);
        done(error);
      });
    });
  });
}

function writeWhole(options: SnapSaverOptions, path: string, bytes: Uint8Array, done: Done): void {
  options.files.open(path, 'create', (openError, file) => {
    if (openError !== null || file === null) return done(openError);
    file.write(bytes, 0, (writeError) => {
      if (writeError !== null) return closeThen(file, writeError, done);
      file.sync((error, seconds) => {
        options.meters.snapshotFsyncSeconds.observe(seconds);
        closeThen(file, error, done);
      });
    });
  });
}

/** The first error is the one to tell. */
function closeThen(file: OpenFile, error: Error | null, done: Done): void {
  file.close((closeError) => {
    done(error ?? closeError);
  });
}
