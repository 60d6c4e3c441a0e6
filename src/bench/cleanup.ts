/**
 * Takes our keys away again, and looks whether any is left.
 *
 *   list a page of keys -> delete from its first to its last, some hundreds at a time -> … until a page comes back empty
 *   -> count; when a put may still be under way inside the server: wait, count and delete again
 *
 * Promises: touches nothing outside the prefix; no request that is large for the server; bounded time; never throws.
 * Relies on the load's connections being closed: what was not received by then cannot arrive any more.
 */
import { KV } from '../api/methods.ts';
import { concatBytes, prefixEnd, utf8 } from '../base/bytes.ts';
import { nowMs, sleep } from '../base/clock.ts';
import { messageOf } from '../base/failure.ts';
import { countKeys, type Caller } from './control.ts';
import type { CleanupResult } from './result.ts';

/** A listing walks all keys of the prefix, however small the page (etcd counts them), so pages are not small … */
const pageKeysMax = 5_000;
const pageBytesMax = 4 * 1024 * 1024;
/** … and deletes are: one is applied in a single step, and everybody's writes wait behind it. */
const deleteKeysMax = 500;

/** Beyond this the cluster is in trouble of its own; the keys are named and left to a person. */
const timeLimitMs = 300_000;
/** How long after the connections are closed a put may still surface: the second look comes 250 ms later, the third 1 s. */
const settleMs = [250, 1_000];
/** Without a key removed for so long (an election takes a few seconds), it is given up. */
export const idleLimitMs = 30_000;
const retryPauseMs = 500;

export interface CleanupJob {
  readonly prefix: string;
  /** The longest key, prefix included. */
  readonly keyBytesMax: number;
  /** Some puts were never answered: they may be applied after we looked. */
  readonly unanswered: boolean;
  /** Aborted by a person who does not want to wait. */
  readonly signal: AbortSignal;
  /** Now and then, with the keys removed so far. */
  onProgress(keysRemoved: number): void;
}

export async function removeKeys(caller: Caller, job: CleanupJob): Promise<CleanupResult> {
  const cleanup = new Cleanup(caller, job);
  const startMs = nowMs();
  let error: string | null = null;
  let keysLeft: number | null = null;
  for (;;) {
    try {
      keysLeft = await cleanup.run();
      error = keysLeft === 0 ? null : cleanup.whyStopped();
    } catch (thrown) {
      error = job.signal.aborted ? cleanup.whyStopped() : messageOf(thrown);
      keysLeft = null;
    }
    if (error === null || cleanup.givenUp) break;
    await sleep(retryPauseMs, job.signal);
  }
  return { keysRemoved: cleanup.keysRemoved, keysLeft, tookMs: nowMs() - startMs, error };
}

class Cleanup {
  keysRemoved = 0;
  readonly #caller: Caller;
  readonly #job: CleanupJob;
  readonly #prefix: Uint8Array;
  readonly #end: Uint8Array;
  readonly #pageKeys: number;
  readonly #untilMs: number;
  #lastRemovalMs: number;

  constructor(caller: Caller, job: CleanupJob) {
    this.#caller = caller;
    this.#job = job;
    this.#prefix = utf8(job.prefix);
    this.#end = prefixEnd(this.#prefix);
    this.#pageKeys = Math.max(1, Math.min(pageKeysMax, Math.floor(pageBytesMax / Math.max(1, job.keyBytesMax))));
    this.#lastRemovalMs = nowMs();
    this.#untilMs = this.#lastRemovalMs + timeLimitMs;
  }

  /** Nothing more will be tried. */
  get givenUp(): boolean {
    return this.outOfTime || nowMs() - this.#lastRemovalMs >= idleLimitMs;
  }

  get outOfTime(): boolean {
    return this.#job.signal.aborted || nowMs() >= this.#untilMs;
  }

  whyStopped(): string {
    if (this.#job.signal.aborted) return 'interrupted';
    return this.outOfTime ? `not done within ${timeLimitMs / 1e3} s` : 'keys keep appearing';
  }

  /** Answers how many keys are left. */
  async run(): Promise<number> {
    let left = await this.#removeAll();
    for (const pauseMs of this.#job.unanswered ? settleMs : []) {
      if (this.outOfTime) break;
      await sleep(pauseMs, this.#job.signal);
      left = await countKeys(this.#caller, this.#prefix);
      if (left > 0) left = await this.#removeAll();
    }
    return left;
  }

  async #removeAll(): Promise<number> {
    let from = this.#prefix;
    while (!this.outOfTime) {
      const next = await this.#removePage(from);
      if (next === null) break;
      from = next;
    }
    return countKeys(this.#caller, this.#prefix);
  }

  /** Removes one page of keys from `from` on. Answers where the next begins, or null when there is none. */
  async #removePage(from: Uint8Array): Promise<Uint8Array | null> {
    const page = { key: from, range_end: this.#end, limit: this.#pageKeys, keys_only: true };
    const { kvs, more } = await this.#caller.unary(KV.Range, page);
    let next: Uint8Array | null = null;
    for (let i = 0; i < kvs.length && !this.outOfTime; i += deleteKeysMax) {
      const last = kvs[Math.min(i + deleteKeysMax, kvs.length) - 1]!;
      next = keyAfter(last.key);
      const { deleted } = await this.#caller.unary(KV.DeleteRange, { key: kvs[i]!.key, range_end: next });
      this.keysRemoved += deleted;
      if (deleted > 0) this.#lastRemovalMs = nowMs();
      this.#job.onProgress(this.keysRemoved);
    }
    return more ? next : null;
  }
}

/** The smallest key above `key`. */
function keyAfter(key: Uint8Array): Uint8Array {
  return concatBytes([key, Uint8Array.of(0)]);
}
