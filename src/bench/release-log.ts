/**
 * When each waiting request was released: one entry per batch, as a batch is released at one moment.
 *
 *   add(t1, 3) add(t2, 1)  ->  take() = t1, t1, t1, t2
 *
 * Bounded: when the ring is full, which takes minutes of a server that answers nothing, the newest batch is counted to the
 * one before. Its time is then too early, so readers take the later of it and the request's intended time.
 */
import { assert } from '../base/assert.ts';

const batchesMax = 65_536;

export class ReleaseLog {
  readonly #timesUs: Float64Array;
  readonly #counts: Float64Array;
  #head = 0;
  #used = 0;

  constructor(capacity: number = batchesMax) {
    this.#timesUs = new Float64Array(capacity);
    this.#counts = new Float64Array(capacity);
  }

  add(timeUs: number, count: number): void {
    if (count === 0) return;
    const capacity = this.#timesUs.length;
    if (this.#used === capacity) {
      this.#counts[(this.#head + capacity - 1) % capacity]! += count;
      return;
    }
    const at = (this.#head + this.#used) % capacity;
    this.#timesUs[at] = timeUs;
    this.#counts[at] = count;
    this.#used++;
  }

  /** The release time of the request that has waited longest, which then no longer waits. */
  take(): number {
    assert(this.#used > 0, 'something was released');
    const head = this.#head;
    const timeUs = this.#timesUs[head]!;
    if (--this.#counts[head]! === 0) {
      this.#head = (head + 1) % this.#timesUs.length;
      this.#used--;
    }
    return timeUs;
  }
}
