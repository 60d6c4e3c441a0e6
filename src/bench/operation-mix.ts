/** Which operation request `i` is: drawn by weight from a 32-bit hash of `i`. */
import { assert } from '../base/assert.ts';
import type { MixEntry, OperationKind } from './workload.ts';

/** In the order in which results list them; a request's operation is kept as its index here. */
export const operationKinds: readonly OperationKind[] = ['put', 'range', 'delete', 'txn'];

export class OperationMix {
  readonly entries: readonly MixEntry[];
  /** Upper ends of each entry's share of the 32-bit hashes. */
  readonly #ends: Float64Array;

  constructor(entries: readonly MixEntry[]) {
    const total = entries.reduce((sum, entry) => sum + entry.weight, 0);
    assert(total > 0, 'a mix has something to send');
    this.entries = entries;
    this.#ends = new Float64Array(entries.length);
    let end = 0;
    entries.forEach((entry, i) => {
      end += entry.weight;
      this.#ends[i] = (end / total) * 2 ** 32;
    });
  }

  /** Index into `entries`. */
  pick(hash: number): number {
    const last = this.#ends.length - 1;
    let i = 0;
    while (i < last && hash >= this.#ends[i]!) i++;
    return i;
  }
}
