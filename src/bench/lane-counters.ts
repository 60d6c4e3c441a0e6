/**
 * What a lane shows while it runs, in memory that all threads see: a few counters, a log-linear latency histogram, and
 * the word on which the lane sleeps and the pacer knocks. Only the lane writes the counters; they wrap at 2^32, so a reader
 * takes differences. Results never come from here.
 */
import { logLinearIndex, logLinearSize } from './log-linear.ts';

const Word = { wake: 0, completed: 1, errors: 2, connectionsReady: 3 } as const;
const histogramStart = 16; // a cache line of its own for the words that several threads touch

export class LaneCounters {
  readonly buffer: SharedArrayBuffer;
  /** For Atomics.wait and notify, at `wakeIndex`. */
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly #counters: Uint32Array;
  readonly #latency: Uint32Array;

  /** Without a buffer, makes one. */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(4 * (histogramStart + logLinearSize))) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer);
    this.#counters = new Uint32Array(buffer, 0, histogramStart);
    this.#latency = new Uint32Array(buffer, 4 * histogramStart, logLinearSize);
  }

  ended(latencyUs: number, ok: boolean): void {
    this.#counters[ok ? Word.completed : Word.errors]!++;
    this.#latency[logLinearIndex(latencyUs)]!++;
  }

  get completed(): number {
    return this.#counters[Word.completed]!;
  }

  get errors(): number {
    return this.#counters[Word.errors]!;
  }

  get connectionsReady(): number {
    return this.#counters[Word.connectionsReady]!;
  }

  set connectionsReady(count: number) {
    this.#counters[Word.connectionsReady] = count;
  }

  /** Adds what was counted since `seen` was last filled to `into`, and fills `seen`. */
  addLatencySince(seen: Uint32Array, into: Uint32Array): void {
    for (let i = 0; i < logLinearSize; i++) {
      const now = this.#latency[i]!;
      into[i]! += (now - seen[i]!) >>> 0;
      seen[i] = now;
    }
  }

  /** Wakes the lane; called by the pacer. */
  knock(): void {
    Atomics.add(this.words, Word.wake, 1);
    Atomics.notify(this.words, Word.wake);
  }
}

export const wakeIndex: number = Word.wake;
