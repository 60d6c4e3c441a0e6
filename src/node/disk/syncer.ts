/**
 * The main thread's end of the thread that syncs files. What it is for is the time: through node's thread pool a callback
 * can tell when it ran, not when the disk was done, and a busy event loop would pass for a slow disk.
 *
 *   request: descriptor and a count in shared words, a notify     reply: seconds, errno and the same count, a notify
 */
import { getSystemErrorMap } from 'node:util';
import { Worker } from 'node:worker_threads';
import { assert } from '../../base/assert.ts';
import { builtFile } from '../../base/built-file.ts';
import type { Timed } from '../ports.ts';

/** What both threads see. */
export interface SyncerMemory {
  /** By `Word`. */
  readonly words: Int32Array;
  /** What the last sync took, alone. */
  readonly seconds: Float64Array;
}

/** How many syncs were asked for and answered; of which file; errno of the last (negative, 0 is none). */
export const Word = { requests: 0, replies: 1, descriptor: 2, errno: 3 } as const;

/** It makes next to nothing. */
const threadHeap = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 };

interface Waiting {
  readonly descriptor: number;
  readonly done: Timed;
}

export class Syncer {
  readonly #memory: SyncerMemory;
  readonly #thread: Worker;
  /** The first is under way. */
  readonly #waiting: Waiting[] = [];
  /** Why nothing can be synced any more. */
  #failure: Error | null = null;
  #count = 0;

  constructor() {
    this.#memory = {
      words: new Int32Array(new SharedArrayBuffer(4 * Int32Array.BYTES_PER_ELEMENT)),
      seconds: new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT)),
    };
    this.#thread = new Worker(builtFile('node/disk/sync-thread.js'), {
      workerData: this.#memory,
      resourceLimits: threadHeap,
    });
    this.#thread.unref();
    this.#thread.on('error', (error: Error) => this.#fail(error));
    this.#thread.on('exit', (code) => this.#fail(new Error(`the thread that syncs ended (${code})`)));
  }

  /** fdatasync, one at a time. Calls back in a later turn. */
  sync(descriptor: number, done: Timed): void {
    this.#waiting.push({ descriptor, done });
    if (this.#failure !== null) setImmediate(() => this.#finish(this.#failure, 0));
    else if (this.#waiting.length === 1) this.#ask(descriptor);
  }

  #ask(descriptor: number): void {
    const { words } = this.#memory;
    const reply = Atomics.waitAsync(words, Word.replies, this.#count);
    assert(reply.async, 'a reply comes after its request');
    this.#thread.ref(); // a process that only waits for its disk is not done
    words[Word.descriptor] = descriptor;
    Atomics.store(words, Word.requests, ++this.#count);
    Atomics.notify(words, Word.requests);
    void reply.value.then(() => this.#finish(errorOf(words[Word.errno]!), this.#memory.seconds[0]!));
  }

  /** The thread is gone, and with it every answer. */
  #fail(error: Error): void {
    this.#failure ??= error;
    while (this.#waiting.length > 0) this.#finish(this.#failure, 0);
  }

  #finish(error: Error | null, seconds: number): void {
    const { done } = this.#waiting.shift()!;
    const next = this.#waiting[0];
    if (next === undefined) this.#thread.unref();
    else if (this.#failure === null) this.#ask(next.descriptor);
    done(error, seconds);
  }
}

/** As node's own: code, errno, and `CODE: what it means, call`. */
function errorOf(errno: number): Error | null {
  if (errno === 0) return null;
  const [code, meaning] = getSystemErrorMap().get(errno) ?? [`E${-errno}`, 'unknown error'];
  return Object.assign(new Error(`${code}: ${meaning}, fdatasync`), { code, errno });
}
