/**
 * The next segment, made ahead of time: `0.tmp` or `1.tmp`, filled with zeros and synced, waiting for a cut to rename it.
 *
 * Zeros are written, not only promised by a size: then a sync of the log finds its blocks allocated and waits for no
 * journal, and a full disk shows here rather than under an acknowledged write. Measured, write + fdatasync of 1.4 KB:
 * p50 0.15 ms and 90 us of CPU so, 0.24 to 0.33 ms and 135 to 210 us into a file that ftruncate made. The price is that
 * every byte of the log is written twice, the first time in the background; pieces are synced as they come, so that no
 * burst of them stands before the log's own sync.
 */
import { join } from 'node:path';
import { assert } from '../../base/assert.ts';
import type { Done, Files, OpenFile } from '../ports.ts';

/** Bytes of zeros in one write: larger than what is written on the calling thread. */
const pieceBytes = 1024 * 1024;
const piecesPerSync = 4;

/** Takes the file, under the name it has until the cut. */
export type Taker = (error: Error | null, file: OpenFile | null) => void;

export class SegmentSupply {
  readonly #files: Files;
  readonly #directory: string;
  readonly #segmentBytes: number;
  readonly #zeros: Uint8Array;
  #count = 0;
  #file: OpenFile | null = null;
  #filledBytes = 0;
  #unsyncedPieces = 0;
  #state: 'none' | 'making' | 'ready' | 'failed' = 'none';
  #error: Error | null = null;
  #taker: Taker | null = null;
  #closed: Done | null = null;
  readonly #step: Done;

  constructor(files: Files, directory: string, segmentBytes: number) {
    this.#files = files;
    this.#directory = directory;
    this.#segmentBytes = segmentBytes;
    this.#zeros = new Uint8Array(Math.min(pieceBytes, segmentBytes));
    this.#step = (error) => {
      this.#continue(error);
    };
  }

  /** Begins to make the next one, unless it is there or under way. */
  prepare(): void {
    if (this.#state !== 'none') return;
    this.#state = 'making';
    this.#filledBytes = 0;
    this.#unsyncedPieces = 0;
    const path = join(this.#directory, `${this.#count++ % 2}.tmp`);
    this.#files.open(path, 'create', (error, file) => {
      this.#file = file;
      this.#continue(error);
    });
  }

  /** Hands over the prepared file, now or when it is ready. The error of its making comes here and nowhere else. */
  take(taker: Taker): void {
    assert(this.#taker === null, 'one cut at a time');
    this.#taker = taker;
    this.prepare();
    this.#deliver();
  }

  /** Lets go of what nobody took, after the call that is in flight. A file left behind is removed at the next start. */
  close(done: Done): void {
    assert(this.#taker === null, 'no cut is waiting at the end');
    this.#closed = done;
    if (this.#state !== 'making') this.#discard(done);
  }

  #continue(error: Error | null): void {
    if (error !== null) {
      this.#state = 'failed';
      this.#error = error;
    }
    if (this.#closed !== null) return this.#discard(this.#closed);
    if (error !== null) return this.#deliver();
    const left = this.#segmentBytes - this.#filledBytes;
    if (this.#isSyncDue(left)) this.#sync();
    else if (left > 0) this.#fill(left);
    else {
      this.#state = 'ready';
      this.#deliver();
    }
  }

  #fill(left: number): void {
    const piece = left < this.#zeros.length ? this.#zeros.subarray(0, left) : this.#zeros;
    const position = this.#filledBytes;
    this.#filledBytes += piece.length;
    this.#unsyncedPieces++;
    this.#file!.write(piece, position, this.#step);
  }

  /** Small steps spare the log's own syncs; while a cut waits there are none. */
  #isSyncDue(left: number): boolean {
    if (left <= 0) return this.#unsyncedPieces > 0;
    return this.#unsyncedPieces >= piecesPerSync && this.#taker === null;
  }

  #sync(): void {
    this.#unsyncedPieces = 0;
    this.#file!.sync(this.#step);
  }

  #deliver(): void {
    const taker = this.#taker;
    if (taker === null || this.#state === 'making' || this.#state === 'none') return;
    this.#taker = null;
    if (this.#state === 'failed') return taker(this.#error, null);
    const file = this.#file;
    this.#file = null;
    this.#state = 'none';
    taker(null, file);
  }

  #discard(done: Done): void {
    const file = this.#file;
    if (file === null) return done(null);
    this.#file = null;
    file.close(() => {
      this.#files.remove(file.path, done);
    });
  }
}
