/**
 * Group commit. One batch is on its way to the disk; what is appended meanwhile is encoded into the other and leaves when
 * the first is down. A batch goes out as one write and one sync, and as one more of each for every segment it begins:
 *
 *   idle -> write -> sync -> down          (the usual batch)
 *                     `-> take the next file -> write -> sync -> rename -> sync the directory -> down
 *
 * Promises: what it reports as persisted is synced, in a file whose name is synced; records that need no sync (a commit
 * index alone) wait in memory for the next that does; after a failure nothing is written, synced or reported again.
 * Relies on `Files` calling back in a later turn.
 */
import { join } from 'node:path';
import { assert } from '../../base/assert.ts';
import type { Persist } from '../raft/effects.ts';
import type { SnapshotMetadata } from '../raft/entry.ts';
import type { LogMeters, LogObserver } from '../log-store.ts';
import type { Clock, Done, Files, OpenFile, Timed } from '../ports.ts';
import type { SegmentSupply } from './segment-supply.ts';
import type { WalTrace } from './wal-trace.ts';
import { Batch, WalEncoder, type LogEnd } from './wal-encoder.ts';
import { segmentFileName, type SegmentName } from './wal-names.ts';

export interface WalWriterOptions {
  readonly files: Files;
  readonly walDir: string;
  readonly segmentBytes: number;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly meters: LogMeters;
  readonly observer: LogObserver;
  readonly trace: WalTrace;
  readonly supply: SegmentSupply;
}

export class WalWriter {
  /** Of the log on the disk, oldest first; the last one is written to. Whoever removes files shifts them out. */
  readonly segments: SegmentName[];
  readonly #options: WalWriterOptions;
  readonly #encoder: WalEncoder;
  #fill = new Batch();
  #flight = new Batch();
  /** Null before the first segment of a new log. */
  #file: OpenFile | null;
  #position: number;
  /** The file of a cut, until it has its name. */
  #next: OpenFile | null = null;
  /** Which part of the batch is written: one more than it has cuts. */
  #part = 0;
  #partBytes = 0;
  #startedMs = 0;
  #busy = false;
  #failure: Error | null = null;
  #closed: (() => void) | null = null;
  readonly #written: Done;
  readonly #synced: Timed;
  readonly #replaced: Done;

  /** `file` is open at the end of the last of `segments`; null with none for a new log, which `begin` then begins. */
  constructor(options: WalWriterOptions, end: LogEnd, segments: SegmentName[], file: OpenFile | null) {
    this.#options = options;
    this.#encoder = new WalEncoder(this.#fill, options.segmentBytes, end);
    this.segments = segments;
    this.#file = file;
    this.#position = end.position;
    this.#written = (error) => {
      this.#afterWrite(error);
    };
    this.#synced = (error, seconds) => {
      this.#afterSync(error, seconds);
    };
    this.#replaced = (error) => {
      if (error === null) this.#partDown();
      else this.#fail(error);
    };
  }

  get pendingBytes(): number {
    return this.#fill.length + this.#flight.length;
  }

  /** Writes the head of a new log; calls back once its first segment is there. */
  begin(done: Done): void {
    this.#encoder.begin();
    this.#request(done);
  }

  append(persist: Persist): void {
    if (this.#failure !== null) return; // the observer knows, and nothing is acknowledged any more
    assert(this.#closed === null, 'nothing is appended to a closed log');
    const { entries } = persist;
    for (let i = 0; i < entries.length; i++) this.#encoder.entry(entries[i]!);
    if (persist.hardState !== null) this.#encoder.state(persist.hardState);
    this.#fill.persist = persist.number;
    if (!persist.mustSync) return;
    this.#fill.mustSync = true;
    if (!this.#busy) this.#launch();
  }

  /** Calls back once the record, and all that was appended before it, is on the disk. */
  snapshot(snapshot: SnapshotMetadata, done: Done): void {
    if (this.#failure === null) {
      assert(this.#closed === null, 'a closed log takes no snapshot');
      this.#encoder.snapshot(snapshot);
      this.#request(done);
    } else queueMicrotask(done.bind(null, this.#failure));
  }

  /** Calls back when all is written and synced, or after the failure. Nothing may be appended any more. */
  close(closed: () => void): void {
    assert(this.#closed === null, 'a log is closed once');
    this.#closed = closed;
    if (!this.#busy) this.#settle();
  }

  #request(done: Done): void {
    assert(this.#fill.done === null, 'one snapshot at a time');
    this.#fill.done = done;
    this.#fill.mustSync = true;
    if (!this.#busy) this.#launch();
  }

  #launch(): void {
    const batch = this.#fill;
    this.#fill = this.#flight;
    this.#flight = batch;
    this.#encoder.batch = this.#fill;
    this.#encoder.launched();
    this.#busy = true;
    this.#part = 0;
    if (batch.cuts[0]?.at === 0) this.#cut();
    else this.#writePart();
  }

  #writePart(): void {
    const { cuts, bytes, length } = this.#flight;
    const from = this.#part === 0 ? 0 : cuts[this.#part - 1]!.at;
    const to = cuts[this.#part]?.at ?? length;
    this.#partBytes = to - from;
    this.#startedMs = this.#options.clock.nowMs();
    const file = this.#next ?? this.#file;
    file!.write(bytes.subarray(from, to), this.#position, this.#written);
  }

  #afterWrite(error: Error | null): void {
    if (error !== null) return this.#fail(error);
    const { clock, meters } = this.#options;
    meters.writeSeconds.observe((clock.nowMs() - this.#startedMs) / 1e3);
    meters.writtenBytes += this.#partBytes;
    this.#position += this.#partBytes;
    (this.#next ?? this.#file)!.sync(this.#synced);
  }

  #afterSync(error: Error | null, seconds: number): void {
    if (error !== null) return this.#fail(error);
    this.#options.meters.fsyncSeconds.observe(seconds);
    if (this.#next !== null) this.#name(this.#next);
    else this.#partDown();
  }

  #partDown(): void {
    if (this.#part < this.#flight.cuts.length) this.#cut();
    else this.#down();
  }

  #cut(): void {
    this.#part++;
    this.#options.trace.debug('wal cut begins', { segment: this.#nextName().sequence });
    this.#options.supply.take(this.#file === null ? 'filled' : 'as it is', (error, file) => {
      if (error !== null) return this.#fail(error);
      this.#next = file;
      this.#position = 0;
      this.#writePart();
    });
  }

  #nextName(): SegmentName {
    const sequence = (this.segments.at(-1)?.sequence ?? -1) + 1;
    return { sequence, firstIndex: this.#flight.cuts[this.#part - 1]!.firstIndex };
  }

  /** The new segment holds synced records: only now may it have its name. */
  #name(file: OpenFile): void {
    const { files, walDir } = this.#options;
    const name = this.#nextName();
    files.rename(file.path, join(walDir, segmentFileName(name)), (renameError) => {
      if (renameError !== null) return this.#fail(renameError);
      files.syncDirectory(walDir, (error) => {
        if (error !== null) return this.#fail(error);
        this.#use(file, name);
      });
    });
  }

  #use(file: OpenFile, name: SegmentName): void {
    this.#options.trace.debug('wal cut done', { segment: name.sequence });
    this.segments.push(name);
    this.#next = null;
    const before = this.#file;
    this.#file = file;
    if (before === null) this.#partDown();
    else before.close(this.#replaced);
  }

  /** The next batch leaves first, so that the disk works while those who waited for this one are told. */
  #down(): void {
    const { done, persist } = this.#flight;
    this.#flight.clear();
    this.#encoder.persisted();
    this.#busy = false;
    if (this.#position > this.#options.segmentBytes / 2) this.#options.supply.prepare();
    if (this.#fill.mustSync) this.#launch();
    else this.#options.supply.onRest();
    if (persist > 0) this.#options.observer.onPersisted(persist);
    if (done !== null) done(null);
    if (this.#closed !== null && !this.#busy) this.#settle();
  }

  /** What a failed write or sync left on the disk is unknown, and a second sync could call it good: never again. */
  #fail(error: Error): void {
    this.#failure = error;
    this.#busy = false;
    const waiting = [this.#flight.done, this.#fill.done];
    this.#flight.clear();
    this.#fill.clear();
    if (this.segments.length > 0) this.#options.observer.onFailed(error); // else nobody relies on this log yet
    for (const done of waiting) done?.(error);
    if (this.#closed !== null) this.#settle();
  }

  /** The last that is in memory goes out, then the files are let go. */
  #settle(): void {
    if (this.#fill.length > 0 && this.#failure === null) return this.#launch();
    this.#options.supply.close(() => {
      this.#closeFiles([this.#next, this.#file]);
    });
  }

  #closeFiles(files: (OpenFile | null)[]): void {
    const file = files.pop();
    if (file === undefined) this.#closed!();
    else if (file === null) this.#closeFiles(files);
    else {
      file.close(() => {
        this.#closeFiles(files);
      });
    }
  }
}
