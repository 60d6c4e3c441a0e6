/** Which keys a list of deletions covers: intervals that are sorted and do not touch, searched by halves. */

/** Keys as latin1 text, whose order is that of the bytes. Null is behind every key. */
interface Interval {
  readonly begin: string;
  readonly end: string | null;
}

export class KeyIntervals {
  #intervals: Interval[] = [];

  /** Keys from `begin` up to `end`, which is not one of them. An end at or before the beginning covers nothing. */
  add(begin: string, end: string | null): void {
    if (end !== null && end <= begin) return;
    const first = this.#firstEndingAt(begin);
    let last = first;
    let low = begin;
    let high = end;
    for (; last < this.#intervals.length; last++) {
      const each = this.#intervals[last]!;
      if (high !== null && each.begin > high) break;
      if (each.begin < low) low = each.begin;
      if (high !== null && (each.end === null || each.end > high)) high = each.end;
    }
    this.#intervals.splice(first, last - first, { begin: low, end: high });
  }

  addKey(key: string): void {
    this.add(key, `${key}\0`);
  }

  addAll(others: KeyIntervals): void {
    for (const each of others.#intervals) this.add(each.begin, each.end);
  }

  covers(key: string): boolean {
    const at = this.#firstEndingAt(`${key}\0`);
    const each = this.#intervals[at];
    return each !== undefined && each.begin <= key;
  }

  /** The first interval that ends at or after `key`. */
  #firstEndingAt(key: string): number {
    let low = 0;
    let high = this.#intervals.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { end } = this.#intervals[middle]!;
      if (end !== null && end < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
