/**
 * The main thread's end of the writer thread. A transaction costs the event loop a copy of its bytes; checksums, LMDB's
 * pages and the wait for the disk are the thread's. (Asynchronous writes of lmdb-js itself cost three times as much here,
 * stop the loop for a whole batch, and leave a failed commit as rejections that nobody can catch.)
 */
import { Worker } from 'node:worker_threads';
import { assert } from '../../base/assert.ts';
import { builtFile } from '../../base/built-file.ts';
import type { Timed } from '../ports.ts';
import { chunkBytes, type BatchBytes } from './lmdb-batch.ts';

export interface WriterOptions {
  readonly path: string;
  readonly mapSizeBytes: number;
}

/** To the thread: one transaction, or null to close the file and end. */
export type WriterRequest = BatchBytes | null;

/** From the thread, one for each transaction; the chunks come back. */
export interface WriterReply {
  readonly chunks: ArrayBuffer[];
  readonly error: WriterError | null;
  /** Of the commit alone: LMDB writes its pages then, and syncs them. */
  readonly seconds: number;
}

export interface WriterError {
  /** As node's: EIO, ENOSPC; or LMDB's: MDB_MAP_FULL. */
  readonly code: string;
  readonly message: string;
}

/** Kept for the next transactions: a flush of 10,000 records of 1.3 KB takes 13. */
const spareChunksMax = 16;
/** It holds two views at a time; what a heap takes beyond that would only be garbage not yet collected. */
const threadHeap = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 };

export class LmdbWriter {
  readonly #thread: Worker;
  readonly #spare: ArrayBuffer[];
  #done: Timed | null;
  /** Why nothing can be written any more. */
  #failure: Error | null;
  #onIdle: (() => void) | null;
  #hasEnded: boolean;

  constructor(options: WriterOptions) {
    this.#thread = new Worker(builtFile('node/disk/lmdb-writer-thread.js'), {
      workerData: options,
      resourceLimits: threadHeap,
    });
    this.#spare = [];
    this.#done = null;
    this.#failure = null;
    this.#onIdle = null;
    this.#hasEnded = false;
    this.#thread.on('message', (reply: WriterReply) => this.#receive(reply));
    this.#thread.on('error', (error: Error) => this.#fail(error));
    this.#thread.on('exit', (code) => this.#end(code));
  }

  /** At least `bytes` long, in whole words; what is in it is left over. */
  takeChunk(bytes: number): ArrayBuffer {
    return (bytes <= chunkBytes ? this.#spare.pop() : undefined) ?? new ArrayBuffer(bytes);
  }

  /** One transaction, taken over. `done` comes once it is on the disk, or with the reason why nobody knows. */
  write(batch: BatchBytes, done: Timed): void {
    assert(this.#done === null, 'one transaction is under way at a time');
    this.#done = done;
    if (this.#failure === null) this.#thread.postMessage(batch, batch.chunks);
    else setImmediate(() => this.#finish(this.#failure, 0));
  }

  /** After the transaction that is under way. */
  async close(): Promise<void> {
    if (this.#done !== null) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    if (this.#hasEnded) return;
    const ended = new Promise((resolve) => this.#thread.once('exit', resolve));
    this.#thread.postMessage(null);
    await ended;
  }

  #receive({ chunks, error, seconds }: WriterReply): void {
    for (const chunk of chunks) {
      if (chunk.byteLength === chunkBytes && this.#spare.length < spareChunksMax) this.#spare.push(chunk);
    }
    if (error === null) this.#finish(null, seconds);
    else this.#fail(Object.assign(new Error(error.message), { code: error.code }));
  }

  #end(code: number): void {
    this.#hasEnded = true;
    this.#fail(new Error(`the backend's writer thread ended (${code})`));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    if (this.#done !== null) this.#finish(this.#failure, 0);
  }

  #finish(error: Error | null, seconds: number): void {
    const done = this.#done;
    this.#done = null;
    done?.(error, seconds);
    this.#onIdle?.();
  }
}
