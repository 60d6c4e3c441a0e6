/**
 * The points of an HDR percentile curve: latency over 1/(1 - share), which is what makes the tail visible. Evenly
 * spaced on that logarithmic axis, so that 99 % to 99.9 % gets as much room as 90 % to 99 %.
 */
import { decodeHistogram, percentileMs } from './histogram.ts';
import type { EncodedHistogram } from './result.ts';

/** A point of the curve. */
export interface CurvePoint {
  /** 1 / (1 - share of requests at or below): 10 is the 90th percentile, 100 the 99th. */
  readonly oneIn: number;
  readonly ms: number;
}

/** Points per factor of ten. */
const stepsPerDecade = 24;

/** Ends at the largest value: the point at which one request of all is left. Empty for an empty histogram. */
export function percentileCurve(encoded: EncodedHistogram): readonly CurvePoint[] {
  if (encoded.count === 0) return [];
  const histogram = decodeHistogram(encoded);
  const maxUs = (encoded.summary.max ?? 0) * 1e3;
  const points: CurvePoint[] = [];
  for (let step = 0, oneIn = 1; oneIn < encoded.count; oneIn = 10 ** (++step / stepsPerDecade)) {
    const ms = percentileMs(histogram, 100 * (1 - 1 / oneIn), maxUs);
    if (ms !== null) points.push({ oneIn, ms });
  }
  points.push({ oneIn: encoded.count, ms: maxUs / 1e3 });
  return points;
}
