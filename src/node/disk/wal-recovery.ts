/**
 * From the files of a log to what it says. Reads every segment in order, in a window of bounded size.
 *
 * Promises: changes nothing; answers all that was acknowledged, or throws a `Failure` with file and byte; a tear, which
 * only the newest segment can have, is reported for whoever opens the log to cut.
 */
import { join } from 'node:path';
import { ExitCode, Failure } from '../../base/failure.ts';
import type { RestoredLog } from '../log-store.ts';
import type { Files } from '../ports.ts';
import { LogAssembly } from './log-assembly.ts';
import { SegmentReader, type Outcome } from './segment-reader.ts';
import { readSnapFile } from './snap-file.ts';
import { committedBehind } from './tear-evidence.ts';
import type { LogEnd } from './wal-encoder.ts';
import { segmentFileName, segmentsAmong, snapFileName, snapsAmong, type SegmentName } from './wal-names.ts';
import type { WalTrace } from './wal-trace.ts';

export interface FoundLog {
  readonly restored: RestoredLog;
  readonly segments: SegmentName[];
  /** Where the newest segment's records end. */
  readonly end: LogEnd;
  /** Something lies behind the end that a crash left there, and has to be cut off. */
  readonly torn: boolean;
  readonly tailPath: string;
  readonly tailBytes: number;
}

export interface RecoveryOptions {
  readonly files: Files;
  readonly walDir: string;
  readonly snapDir: string;
  readonly trace: WalTrace;
}

const remedy =
  'the log is as it was found; restore this member from a snapshot, or remove its data directory and add it anew';

/** Null: there is no log yet. Throws `Failure` WAL_DAMAGED. */
export function recoverLog(options: RecoveryOptions): FoundLog | null {
  const { files, walDir, snapDir } = options;
  const segments = consecutiveEnd(segmentsAmong(files.list(walDir)));
  if (segments.length === 0) {
    if (snapsAmong(files.list(snapDir)).length > 0) throw damaged(walDir, 0, 'there are snapshots and no log');
    return null;
  }
  const assembly = new LogAssembly((snapshot) => loadSnap(options, snapshot));
  const { reader, outcome, gap } = readSegments(options, segments, assembly);
  const problem = assembly.finish();
  if (problem !== null) throw damaged(gap?.path ?? reader.path, gap?.offset ?? reader.offset, problem);
  return foundLog(segments, assembly, reader, outcome !== 'end');
}

function foundLog(segments: SegmentName[], assembly: LogAssembly, reader: SegmentReader, torn: boolean): FoundLog {
  const { hardState, snapshot, entries, crc, lastIndex } = assembly;
  const metadata = assembly.metadata!; // there in every segment that was read
  return {
    restored: { existed: true, ...metadata, hardState, snapshot, entries },
    segments,
    end: { metadata, hardState, crc, lastIndex, position: reader.offset },
    torn,
    tailPath: reader.path,
    tailBytes: reader.sizeBytes,
  };
}

interface LastSegment {
  readonly reader: SegmentReader;
  readonly outcome: Outcome;
  readonly gap: Place | null;
}

/** Where the entries do not continue those before. */
interface Place {
  readonly path: string;
  readonly offset: number;
}

function readSegments(options: RecoveryOptions, segments: SegmentName[], assembly: LogAssembly): LastSegment {
  const last = segments.length - 1;
  let gap: Place | null = null;
  for (let i = 0; ; i++) {
    const reader = new SegmentReader(options.files, join(options.walDir, segmentFileName(segments[i]!)));
    const mayBeginAnywhere = i === 0 && segments[0]!.sequence > 0;
    const outcome = readRecords(reader, assembly, mayBeginAnywhere, (offset) => (gap = { path: reader.path, offset }));
    if (outcome !== 'end' && (i < last || !isTear(options.files, reader, outcome, assembly))) {
      throw damaged(reader.path, reader.offset, reader.problem);
    }
    if (!assembly.hasHead) throw damaged(reader.path, reader.offset, 'a segment has no head');
    if (i === last) return { reader, outcome, gap };
  }
}

function readRecords(
  reader: SegmentReader,
  assembly: LogAssembly,
  mayBeginAnywhere: boolean,
  onGap: (offset: number) => void,
): Outcome {
  assembly.beginSegment();
  for (;;) {
    const outcome = reader.next(assembly.crc);
    if (outcome !== 'record') return outcome;
    const problem = assembly.take(reader.record, reader.bytes, mayBeginAnywhere);
    if (problem !== null) throw damaged(reader.path, reader.offset, problem);
    if (assembly.hasGap) onGap(reader.offset);
    assembly.hasGap = false;
  }
}

function isTear(files: Files, reader: SegmentReader, outcome: Outcome, assembly: LogAssembly): boolean {
  if (outcome === 'damaged' || !assembly.hasHead) return false;
  return committedBehind(files, reader, assembly.crc) <= assembly.lastIndex;
}

function loadSnap(options: RecoveryOptions, claimed: { index: number; term: number }): RestoredLog['snapshot'] | null {
  const path = join(options.snapDir, snapFileName(claimed));
  const snapshot = readSnapFile(options.files, path);
  if (snapshot !== null && snapshot.index === claimed.index && snapshot.term === claimed.term) return snapshot;
  if (options.files.sizeOf(path) !== null) options.trace.warn('a snapshot file cannot be used', { path });
  return null;
}

/**
 * The newest segments without a gap: one before a gap was to be removed, and the removals of those between were the ones
 * that reached the disk. If it is another gap, entries are missing, and `finish` says which.
 */
function consecutiveEnd(segments: readonly SegmentName[]): SegmentName[] {
  let first = segments.length - 1;
  while (first > 0 && segments[first - 1]!.sequence === segments[first]!.sequence - 1) first--;
  return segments.slice(first);
}

function damaged(path: string, offset: number, problem: string): Failure {
  return new Failure('WAL_DAMAGED', `${path}: byte ${offset}: ${problem}`, { remedy, exitCode: ExitCode.fail });
}
