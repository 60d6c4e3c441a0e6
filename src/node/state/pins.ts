/** The revisions that open ranges read at: no compaction removes what these see. */
import { assert } from '../../base/assert.ts';

export class Pins {
  readonly #countOf = new Map<number, number>();

  /** Answers what `remove` takes. */
  add(revision: number): number {
    this.#countOf.set(revision, (this.#countOf.get(revision) ?? 0) + 1);
    return revision;
  }

  /** Answers what to remove the next time: nothing, so that closing twice does no harm. */
  remove(pinned: number): number {
    if (pinned < 0) return -1;
    const count = this.#countOf.get(pinned);
    assert(count !== undefined, 'what is unpinned was pinned');
    if (count === 1) this.#countOf.delete(pinned);
    else this.#countOf.set(pinned, count - 1);
    return -1;
  }

  /** Infinity without any. */
  get lowest(): number {
    let lowest = Infinity;
    for (const revision of this.#countOf.keys()) lowest = Math.min(lowest, revision);
    return lowest;
  }
}
