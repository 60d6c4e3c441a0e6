/**
 * Prometheus histograms as scraped: cumulative counts up to each bound since the server started. The difference of two
 * scrapes is what happened between them, and quantiles of it are estimated as Prometheus' histogram_quantile does.
 */
export interface Histogram {
  /** Upper bounds, ascending; the last is Infinity. */
  readonly bounds: readonly number[];
  /** Observations at or below each bound. */
  readonly cumulative: readonly number[];
  /** Of all observed values; NaN when it was not told. */
  readonly sum: number;
}

/** From bound -> cumulative count; null when there is no +Inf bucket, without which a histogram cannot be read. */
export function createHistogram(buckets: ReadonlyMap<number, number>, sum: number): Histogram | null {
  if (!buckets.has(Infinity)) return null;
  const bounds = [...buckets.keys()].filter((bound) => !Number.isNaN(bound)).sort((a, b) => (a < b ? -1 : 1));
  // Counts that shrink with the bound come from a scrape in the middle of an update: Prometheus levels them too.
  let level = 0;
  const cumulative = bounds.map((bound) => (level = Math.max(level, finite(buckets.get(bound)!))));
  return { bounds, cumulative, sum };
}

/** How many values were observed. */
export function observations(histogram: Histogram): number {
  return histogram.cumulative.at(-1)!;
}

/**
 * What was observed after `before`. A server that restarted counts from zero again, and so does one whose buckets
 * changed: then all of `after` is new.
 */
export function histogramSince(before: Histogram | null, after: Histogram): Histogram {
  if (before === null || !sameBounds(before, after) || observations(after) < observations(before)) return after;
  const cumulative = after.cumulative.map((count, i) => Math.max(0, count - before.cumulative[i]!));
  return { bounds: after.bounds, cumulative, sum: after.sum - before.sum };
}

/**
 * The `q`-quantile (0 to 1) by linear interpolation inside its bucket; null when nothing was observed. Beyond the last
 * finite bound nothing is known, so that bound is the answer; below the first, values are taken to start at 0.
 */
export function histogramQuantile(q: number, histogram: Histogram): number | null {
  const { bounds, cumulative } = histogram;
  const total = observations(histogram);
  if (total <= 0 || bounds.length < 2) return null;
  const rank = q * total;
  const bucket = cumulative.findIndex((count) => count >= rank && count > 0);
  if (bucket === -1 || bucket === bounds.length - 1) return bounds[bounds.length - 2]!;
  const upper = bounds[bucket]!;
  if (bucket === 0 && upper <= 0) return upper;
  const lower = bucket === 0 ? 0 : bounds[bucket - 1]!;
  const below = bucket === 0 ? 0 : cumulative[bucket - 1]!;
  return lower + (upper - lower) * ((rank - below) / (cumulative[bucket]! - below));
}

function sameBounds(a: Histogram, b: Histogram): boolean {
  return a.bounds.length === b.bounds.length && a.bounds.every((bound, i) => bound === b.bounds[i]);
}

function finite(count: number): number {
  return Number.isFinite(count) ? count : 0;
}
