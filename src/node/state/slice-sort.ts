/** A stable merge sort that can stop after any number of steps and go on later: a million keys must not hold a heartbeat. */

/** Negative, 0 or positive, of two items. */
export type Comparison = (a: number, b: number) => number;

export class SliceSort {
  /** The items 0 to count - 1, in order once `run` has answered true. */
  order: Uint32Array;
  readonly #compare: Comparison;
  #target: Uint32Array;
  /** Length of the runs that are in order already. */
  #width = 1;
  /** Where the pair of runs begins that is being merged, and the next items of both and of the target. */
  #start = 0;
  #left = 0;
  #right = 0;
  #at = 0;

  constructor(count: number, compare: Comparison) {
    this.order = Uint32Array.from({ length: count }, (_, i) => i);
    this.#target = new Uint32Array(count);
    this.#compare = compare;
    this.#beginPair(0);
  }

  /** Places at most `budget` items; true when all is in order. */
  run(budget: number): boolean {
    for (let left = budget; left > 0; left--) {
      if (this.#width >= this.order.length) return true;
      this.#placeOne();
    }
    return this.#width >= this.order.length;
  }

  #placeOne(): void {
    const { length } = this.order;
    const leftEnd = Math.min(this.#start + this.#width, length);
    const rightEnd = Math.min(this.#start + 2 * this.#width, length);
    const takesLeft =
      this.#right >= rightEnd ||
      (this.#left < leftEnd && this.#compare(this.order[this.#left]!, this.order[this.#right]!) <= 0);
    this.#target[this.#at++] = this.order[takesLeft ? this.#left++ : this.#right++]!;
    if (this.#at < rightEnd) return;
    if (rightEnd < length) this.#beginPair(rightEnd);
    else this.#nextWidth();
  }

  #beginPair(start: number): void {
    this.#start = this.#left = this.#at = start;
    this.#right = Math.min(start + this.#width, this.order.length);
  }

  #nextWidth(): void {
    [this.order, this.#target] = [this.#target, this.order];
    this.#width *= 2;
    this.#beginPair(0);
  }
}
