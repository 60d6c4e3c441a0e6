/** What etcd wrote, against what we would have written. */
import { join } from 'node:path';
import { realFiles } from '../../../src/node/disk/real-files.ts';
import { SegmentReader } from '../../../src/node/disk/segment-reader.ts';
import { Batch, WalEncoder } from '../../../src/node/disk/wal-encoder.ts';
import { segmentFileName, segmentsAmong } from '../../../src/node/disk/wal-names.ts';
import { RecordType, readMetadata, readWalSnapshot, type WalMetadata } from '../../../src/node/disk/wal-record.ts';
import { readEntry, readHardState } from '../../../src/node/raft/codec.ts';

export interface Rewritten {
  /** Of etcd's first segment, as far as there are records. */
  readonly theirs: Uint8Array;
  readonly ours: Uint8Array;
  readonly records: number;
}

/**
 * The records of etcd's first segment through our encoder, up to its first snapshot: etcd 3.4 leaves the configuration out
 * of that record, later ones and we do not.
 */
export function rewritten(walDir: string): Rewritten {
  const reader = new SegmentReader(realFiles, join(walDir, segmentFileName(segmentsAmong(realFiles.list(walDir))[0]!)));
  let encoder: WalEncoder | null = null;
  const batch = new Batch();
  let running = 0;
  let records = 0;
  for (; reader.next(running) === 'record'; records++) {
    const { record, bytes } = reader;
    const { type, dataFrom, dataTo } = record;
    running = record.crc;
    if (type === RecordType.metadata) encoder = begun(batch, readMetadata(bytes, dataFrom, dataTo)!);
    if (type === RecordType.snapshot && readWalSnapshot(bytes, dataFrom, dataTo)!.index > 0) break;
    if (type === RecordType.state) encoder!.state(readHardState(bytes, dataFrom, dataTo)!);
    if (type === RecordType.entry) {
      encoder!.entry(readEntry(bytes, dataFrom, dataTo)!);
      encoder!.launched();
      encoder!.persisted();
    }
  }
  const theirs = new Uint8Array(reader.offset);
  realFiles.read(reader.path, 0, theirs);
  return { theirs, ours: batch.bytes.slice(0, batch.length), records };
}

function begun(batch: Batch, metadata: WalMetadata): WalEncoder {
  const hardState = { term: 0, vote: 0n, commit: 0 };
  const encoder = new WalEncoder(batch, 64_000_000, { metadata, hardState, crc: 0, position: 0, lastIndex: 0 });
  encoder.begin();
  return encoder;
}
