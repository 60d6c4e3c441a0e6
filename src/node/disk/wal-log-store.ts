/**
 * The log store of a member: opens the log that is there or begins one, and keeps it from growing without end.
 *
 * Promises: see `LogStore`; a start that cannot tell what was acknowledged is a `Failure` and changes no file.
 */
import { dirname, join } from 'node:path';
import { assert } from '../../base/assert.ts';
import { ExitCode, Failure, messageOf, systemCodeOf } from '../../base/failure.ts';
import type { LogMeters, LogObserver, LogStore, RestoredLog } from '../log-store.ts';
import type { Clock, Done, Files, OpenFile } from '../ports.ts';
import type { Persist } from '../raft/effects.ts';
import type { SnapshotMetadata } from '../raft/entry.ts';
import { settled } from './file-steps.ts';
import { removeAll, superfluousSegments } from './old-files.ts';
import { SegmentSupply } from './segment-supply.ts';
import { saveSnap } from './snap-file.ts';
import type { LogEnd } from './wal-encoder.ts';
import { segmentFileName, snapFileName, snapsAmong, type SnapName } from './wal-names.ts';
import { recoverLog, type FoundLog } from './wal-recovery.ts';
import { openTail } from './wal-tail.ts';
import type { WalTrace } from './wal-trace.ts';
import { WalWriter } from './wal-writer.ts';

/** etcd's (wal.SegmentSizeBytes). */
export const segmentBytesDefault = 64_000_000;

export interface LogOptions {
  readonly files: Files;
  /** Absolute; both are made when they are missing. */
  readonly walDir: string;
  readonly snapDir: string;
  /** Of a log that is begun; one that is there knows its own. */
  readonly memberId: bigint;
  readonly clusterId: bigint;
  /** Default: 64,000,000. */
  readonly segmentBytes?: number;
  /** How many segments and .snap files stay at least (--max-wals, --max-snapshots). Default: 5, as in etcd. */
  readonly walsKept?: number;
  readonly snapsKept?: number;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly meters: LogMeters;
  readonly observer: LogObserver;
  readonly trace: WalTrace;
}

export interface OpenedLog {
  readonly log: LogStore;
  readonly restored: RestoredLog;
}

/** Throws `Failure`: WAL_DAMAGED with file and byte, or WAL_UNUSABLE for what the system refuses. */
export async function openLog(options: LogOptions): Promise<OpenedLog> {
  try {
    const { files, walDir, snapDir } = options;
    files.makeDirectory(walDir);
    files.makeDirectory(snapDir);
    const found = recoverLog(options);
    await removeLeftovers(files, walDir, /^\d+\.tmp$/);
    await removeLeftovers(files, snapDir, /\.snap\.tmp$/);
    return await (found === null ? begin(options) : resume(options, found));
  } catch (error) {
    if (systemCodeOf(error) === null || error instanceof Failure) throw error;
    const remedy = 'check that the directory is there, writable by this user, and has space left';
    const details = { remedy, cause: error, exitCode: ExitCode.fail };
    throw new Failure('WAL_UNUSABLE', `cannot open the log in ${options.walDir}: ${messageOf(error)}`, details);
  }
}

/** Files that a crash left before they had their names. */
async function removeLeftovers(files: Files, directory: string, pattern: RegExp): Promise<void> {
  for (const name of files.list(directory)) {
    if (pattern.test(name))
      await settled((done) => {
        files.remove(join(directory, name), done);
      });
  }
}

async function begin(options: LogOptions): Promise<OpenedLog> {
  const { memberId, clusterId } = options;
  const hardState = { term: 0, vote: 0n, commit: 0 };
  const end: LogEnd = { metadata: { memberId, clusterId }, hardState, crc: 0, position: 0, lastIndex: 0 };
  const log = new WalLogStore(options, end, null);
  await log.begin();
  await settled((done) => {
    options.files.syncDirectory(dirname(options.walDir), done);
  });
  const snapshot = { index: 0, term: 0, confState: { voters: [], learners: [] } };
  return { log, restored: { existed: false, memberId, clusterId, hardState, snapshot, entries: [] } };
}

async function resume(options: LogOptions, found: FoundLog): Promise<OpenedLog> {
  const file = await openTail(options, found, options.segmentBytes ?? segmentBytesDefault);
  return { log: new WalLogStore(options, found.end, { found, file }), restored: found.restored };
}

class WalLogStore implements LogStore {
  readonly #options: LogOptions;
  readonly #writer: WalWriter;
  /** On the disk, oldest first. */
  #snaps: SnapName[];
  #isSnapshotting = false;
  /** A close that waits for the snapshot under way. */
  #onSnapshotDone: (() => void) | null = null;

  constructor(options: LogOptions, end: LogEnd, tail: { found: FoundLog; file: OpenFile } | null) {
    const { files, walDir, segmentBytes = segmentBytesDefault } = options;
    const supply = new SegmentSupply(files, walDir, segmentBytes);
    this.#options = options;
    this.#snaps = snapsAmong(files.list(options.snapDir));
    this.#writer = new WalWriter(
      { ...options, segmentBytes, supply },
      end,
      tail?.found.segments ?? [],
      tail?.file ?? null,
    );
  }

  get pendingBytes(): number {
    return this.#writer.pendingBytes;
  }

  begin(): Promise<void> {
    return settled((done) => {
      this.#writer.begin(done);
    });
  }

  append(persist: Persist): void {
    this.#writer.append(persist);
  }

  snapshot(snapshot: SnapshotMetadata, keepAfter: number, done: Done): void {
    assert(!this.#isSnapshotting, 'one snapshot at a time');
    assert(keepAfter <= snapshot.index, 'entries after the snapshot are kept');
    this.#isSnapshotting = true;
    const finish: Done = (error) => {
      this.#isSnapshotting = false;
      done(error);
      this.#onSnapshotDone?.();
    };
    saveSnap(this.#options, snapshot, (saveError) => {
      if (saveError !== null) return finish(saveError);
      this.#writer.snapshot(snapshot, (error) => {
        if (error !== null) return finish(error);
        this.#removeOld(snapshot, keepAfter, finish);
      });
    });
  }

  async close(): Promise<void> {
    if (this.#isSnapshotting) await new Promise<void>((resolve) => (this.#onSnapshotDone = resolve));
    await new Promise<void>((resolve) => {
      this.#writer.close(resolve);
    });
  }

  /** What cannot be removed harms nothing yet: a warning, and the next snapshot tries again. */
  #removeOld(snapshot: SnapshotMetadata, keepAfter: number, done: Done): void {
    const { files, walDir, snapDir, trace, walsKept = 5, snapsKept = 5 } = this.#options;
    const { segments } = this.#writer;
    const count = superfluousSegments(segments, keepAfter, walsKept);
    removeAll(files, walDir, segments.slice(0, count).map(segmentFileName), (error) => {
      if (error === null) segments.splice(0, count);
      else trace.warn('cannot remove a segment of the log', { error: error.message });
      this.#snaps = [...this.#snaps.filter(({ index }) => index !== snapshot.index), snapshot];
      const old = Math.max(0, this.#snaps.length - snapsKept);
      removeAll(files, snapDir, this.#snaps.slice(0, old).map(snapFileName), (snapError) => {
        if (snapError === null) this.#snaps.splice(0, old);
        else trace.warn('cannot remove a snapshot', { error: snapError.message });
        done(null);
      });
    });
  }
}
