/** The index with slices so small that a compaction of few revisions is cut anywhere, also between those of one key. */
import type { RemovedVisitor } from '../../../src/node/state/key-index.ts';
import { ArenaKeyIndex } from '../../../src/node/state/key-index/arena-key-index.ts';

export class SlicedKeyIndex extends ArenaKeyIndex {
  readonly #budgetMax: number;

  constructor(budgetMax: number) {
    super();
    this.#budgetMax = budgetMax;
  }

  override compact(revision: number, cursor: number, budget: number, onRemoved: RemovedVisitor): number {
    return super.compact(revision, cursor, Math.min(budget, this.#budgetMax), onRemoved);
  }
}
