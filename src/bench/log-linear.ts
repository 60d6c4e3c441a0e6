/**
 * Small latency histograms that live in plain typed arrays: 32 counters per power of two, so that a value is known within
 * 1.6 %. For the timeline and the live display, where thousands of them exist; results come from HDR.
 */
const highestUs = 60_000_000;
const subBucketBits = 5;
const subBuckets = 1 << subBucketBits;

/** Counters that one histogram needs. */
export const logLinearSize: number = logLinearIndex(highestUs) + 1;

/**
 * The counter of a value in µs; below 0 and above a minute count at the ends.
 *
 *   0..31 -> 0..31, then each power of two has 32 counters: 32..63 -> 32..63, 64..127 in steps of 2 -> 64..95, …
 */
export function logLinearIndex(us: number): number {
  if (!(us >= 0)) return 0;
  const value = us < highestUs ? us | 0 : highestUs;
  if (value < subBuckets) return value;
  const shift = 31 - Math.clz32(value) - subBucketBits;
  return (shift << subBucketBits) + (value >>> shift);
}

/** The middle of what a counter stands for, in µs. */
export function logLinearValue(index: number): number {
  if (index < 2 * subBuckets) return index;
  const shift = (index >> subBucketBits) - 1;
  const low = (index - (shift << subBucketBits)) * 2 ** shift;
  return low + (2 ** shift - 1) / 2;
}

/** What the last counter stands for, and all that is above. */
export const logLinearHighest: number = logLinearValue(logLinearSize - 1);

/** The value in µs that `fraction` (0 to 1) of the counted values do not exceed; null when nothing was counted. */
export function logLinearQuantile(counts: Uint32Array, fraction: number): number | null {
  let total = 0;
  for (const count of counts) total += count;
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(fraction * total));
  let seen = 0;
  let index = 0;
  while ((seen += counts[index]!) < rank) index++;
  return logLinearValue(index);
}
