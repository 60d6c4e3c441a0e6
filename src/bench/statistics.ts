/**
 * What a handful of rounds says: medians, and the ratio of paired rounds with its interval.
 *
 * A ratio is taken per pair and averaged as a logarithm, so that a/b and b/a agree and the interval never goes below 0.
 * Rounds are few, so the interval is Student's t and not the normal one: two rounds give a factor of 12.7.
 */

/** Middle value; of an even number of values, the mean of the two in the middle; null of none. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const upper = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[upper]! : (sorted[upper - 1]! + sorted[upper]!) / 2;
}

export interface RatioInterval {
  /** Geometric mean of the pairs' ratios. */
  readonly value: number;
  /** 95 %; null with fewer than two pairs, where nothing is known about the spread. */
  readonly low: number | null;
  readonly high: number | null;
}

/** The ratio a/b over pairs; null when there are none, or one has a zero: no ratio says it, and without it the rest would. */
export function pairedRatio(pairs: readonly (readonly [a: number, b: number])[]): RatioInterval | null {
  if (pairs.length === 0 || pairs.some(([a, b]) => a <= 0 || b <= 0)) return null;
  const logs = pairs.map(([a, b]) => Math.log(a / b));
  const mean = sum(logs) / logs.length;
  if (logs.length === 1) return { value: Math.exp(mean), low: null, high: null };
  const variance = sum(logs.map((x) => (x - mean) ** 2)) / (logs.length - 1);
  const half = studentT95(logs.length - 1) * Math.sqrt(variance / logs.length);
  return { value: Math.exp(mean), low: Math.exp(mean - half), high: Math.exp(mean + half) };
}

/**
 * Upper 2.5 % points of Student's t by degrees of freedom, from 1 (NIST/SEMATECH e-Handbook of Statistical Methods,
 * 1.3.6.7.2, "Critical Values of the Student's t Distribution", column 0.975).
 */
const t975 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** The factor of a two-sided 95 % interval. Beyond the table its last value stands: wider than the truth, by 4 % at most. */
export function studentT95(degreesOfFreedom: number): number {
  return t975[Math.min(degreesOfFreedom, t975.length) - 1] ?? Infinity;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
