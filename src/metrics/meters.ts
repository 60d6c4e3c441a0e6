/**
 * Histograms that are counted where things happen: plain numbers in typed arrays, so that observing on the hot path costs
 * a few compares and an increment. /metrics reads them when it is scraped (metric-set.ts).
 */

/** Bucket bounds `start, start x factor, …`, `count` of them: etcd's E(start, factor, count). */
export function exponentialBounds(start: number, factor: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => Number((start * factor ** i).toPrecision(12)));
}

/** One histogram, without labels. Values in the unit of its metric's name. */
export class HistogramMeter {
  /** Upper bounds, ascending; what is above the last counts too (+Inf). */
  readonly bounds: Float64Array;
  /** Observations per bucket, not cumulative; one more than bounds. */
  readonly counts: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = Float64Array.from(bounds);
    this.counts = new Float64Array(bounds.length + 1);
  }

  get observations(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  observe(value: number): void {
    const bounds = this.bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]!) bucket++;
    this.counts[bucket]!++;
    this.sum += value;
  }
}
