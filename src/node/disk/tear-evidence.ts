/**
 * Whether what looks torn was acknowledged. The encoder writes no commit index beyond what was on the disk before, so a
 * state behind the tear, its checksum continuing its neighbour's, that calls the entry at the tear committed means: sectors
 * were lost later than in the crash that would explain them, and to cut here would lose what somebody was told is safe.
 */
import { readHardState } from '../raft/codec.ts';
import type { Files } from '../ports.ts';
import { crc32cOfRange } from './crc32c.ts';
import { RecordFields } from './record-fields.ts';
import type { SegmentReader } from './segment-reader.ts';
import { RecordType, frameBytes, paddingOf, readFrame, sectorBytes } from './wal-record.ts';

/**
 * The highest index that a record behind `offset` calls committed; 0 when none does. `running` is the checksum before the
 * record there, in case it is its own that is damaged.
 */
export function committedBehind(files: Files, reader: SegmentReader, running: number): number {
  const { path, offset, sizeBytes } = reader;
  const bytes = new Uint8Array(sizeBytes - offset); // at most a segment
  files.read(path, offset, bytes);
  const first = new RecordFields();
  const second = new RecordFields();
  let committed = 0;
  for (let at = 0; at + frameBytes < bytes.length; at += frameBytes) {
    const next = endOfRecord(bytes, at, first, at === 0 && (offset + frameBytes) % sectorBytes === 0);
    if (next < 0 || endOfRecord(bytes, next, second, false) < 0) continue;
    if (second.type !== RecordType.state) continue;
    const isNext = follows(bytes, second, first.crc);
    const isNextOfRepaired = at === 0 && follows(bytes, second, checksumOf(bytes, first, running));
    if (!isNext && !isNextOfRepaired) continue;
    committed = Math.max(committed, readHardState(bytes, second.dataFrom, second.dataTo)?.commit ?? 0);
  }
  return committed;
}

function checksumOf(bytes: Uint8Array, { dataFrom, dataTo }: RecordFields, running: number): number {
  return crc32cOfRange(bytes, dataFrom, dataTo, running);
}

function follows(bytes: Uint8Array, record: RecordFields, running: number): boolean {
  return checksumOf(bytes, record, running) === record.crc;
}

/**
 * Where the record that begins at `at` ends, or -1. `mayLackFrame`: the length field is in a sector of its own, of which
 * nothing is left; the record behind it tells its length itself.
 */
function endOfRecord(bytes: Uint8Array, at: number, fields: RecordFields, mayLackFrame: boolean): number {
  if (at + frameBytes > bytes.length) return -1;
  const start = at + frameBytes;
  const length = readFrame(bytes, at);
  if (length === 0 && mayLackFrame) {
    if (fields.parse(bytes, start, bytes.length, -1) !== 'sound') return -1;
    return fields.dataTo + paddingOf(fields.dataTo - start);
  }
  if (length <= 0 || start + length > bytes.length) return -1;
  return fields.parse(bytes, start, start + length, length) === 'sound' ? start + length + paddingOf(length) : -1;
}
