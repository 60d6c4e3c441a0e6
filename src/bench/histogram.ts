/**
 * Latency histograms: HDR, 1 µs to an hour, 3 significant digits, and the encoded form in which they are saved and merged.
 *
 * Promises: what was recorded is in the count, values outside the range at its ends and counted as clamped; the maximum is
 * the true one; merging two encoded histograms equals recording all their values into one, so percentiles are never averaged.
 * Relies on hdr-histogram-js alone; no file outside this room knows of it.
 */
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  initWebAssemblySync,
  type Histogram,
} from 'hdr-histogram-js';
import { Failure, messageOf } from '../base/failure.ts';
import { highestUs, lowestUs } from './latency-range.ts';
import type { EncodedHistogram, LatencySummary } from './result.ts';

/** A histogram of ours is about 10 KB encoded; a saved file that claims more is not one. */
const encodedCharsMax = 1_000_000;

const emptySummary: LatencySummary = {
  p50: null,
  p90: null,
  p99: null,
  p999: null,
  max: null,
  mean: null,
  stddev: null,
};

/** Does what the first recorder would have to wait for, some 30 ms of unpacking WebAssembly: for a thread that has time now. */
export function prepareRecorders(): void {
  initWebAssemblySync();
}

/** Records in 46 ns (WebAssembly); call `free` when done, its memory is not collected. */
export class LatencyRecorder {
  readonly #histogram: Histogram;
  #clamped = 0;
  #maxUs = 0;

  constructor() {
    prepareRecorders();
    this.#histogram = emptyHistogram(true);
  }

  /** `valueUs` is rounded to whole microseconds. */
  record(valueUs: number): void {
    let us = Math.round(valueUs);
    if (us > this.#maxUs) this.#maxUs = us;
    if (us < lowestUs || us > highestUs) {
      us = us > highestUs ? highestUs : lowestUs;
      if (this.#maxUs < us) this.#maxUs = us;
      this.#clamped++;
    }
    this.#histogram.recordValue(us);
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  /** In ms, or null when nothing was recorded. `percentile` is 0 to 100. */
  percentileMs(percentile: number): number | null {
    return percentileMs(this.#histogram, percentile, this.#maxUs);
  }

  reset(): void {
    this.#histogram.reset();
    this.#clamped = 0;
    this.#maxUs = 0;
  }

  encode(): EncodedHistogram {
    return encode(this.#histogram, { clamped: this.#clamped, maxUs: this.#maxUs });
  }

  free(): void {
    if ('destroy' in this.#histogram && typeof this.#histogram.destroy === 'function') this.#histogram.destroy();
  }
}

/** One histogram of all that the given ones hold; of none, an empty one. */
export function mergeHistograms(parts: readonly EncodedHistogram[]): EncodedHistogram {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const merged = emptyHistogram(false);
  let clamped = 0;
  let maxUs = 0;
  for (const part of parts) {
    if (part.count > 0) merged.add(decodeHistogram(part));
    clamped += part.clamped;
    maxUs = Math.max(maxUs, (part.summary.max ?? 0) * 1e3);
  }
  return encode(merged, { clamped, maxUs });
}

/** Throws `Failure` BROKEN_HISTOGRAM when the text is none of ours: it comes from a file that anybody may have edited. */
export function decodeHistogram(encoded: EncodedHistogram): Histogram {
  if (encoded.base64.length > encodedCharsMax) throw broken('it is longer than any that was written here');
  try {
    return decodeFromCompressedBase64(encoded.base64);
  } catch (thrown) {
    throw broken(messageOf(thrown));
  }
}

/**
 * In ms; null for an empty histogram. Never above the largest value recorded, which HDR's rounding up could be. Where the
 * range ends only that largest value is known: it is the answer, so that no limit beyond the range holds by accident.
 */
export function percentileMs(histogram: Histogram, percentile: number, maxUs: number): number | null {
  if (histogram.totalCount === 0) return null;
  const us = histogram.getValueAtPercentile(percentile);
  return (us >= highestUs ? maxUs : Math.min(us, maxUs)) / 1e3;
}

function broken(why: string): Failure {
  return new Failure('BROKEN_HISTOGRAM', `a histogram in the result cannot be read: ${why}`, {
    remedy: 'repeat the run: its result file was changed or cut',
  });
}

function emptyHistogram(useWebAssembly: boolean): Histogram {
  return build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: lowestUs,
    highestTrackableValue: highestUs,
    numberOfSignificantValueDigits: 3,
    useWebAssembly,
  });
}

function encode(histogram: Histogram, seen: { readonly clamped: number; readonly maxUs: number }): EncodedHistogram {
  return {
    base64: encodeIntoCompressedBase64(histogram),
    count: histogram.totalCount,
    clamped: seen.clamped,
    summary: summaryOf(histogram, seen.maxUs),
  };
}

function summaryOf(histogram: Histogram, maxUs: number): LatencySummary {
  if (histogram.totalCount === 0) return emptySummary;
  return {
    p50: percentileMs(histogram, 50, maxUs),
    p90: percentileMs(histogram, 90, maxUs),
    p99: percentileMs(histogram, 99, maxUs),
    p999: percentileMs(histogram, 99.9, maxUs),
    max: maxUs / 1e3,
    mean: histogram.mean / 1e3,
    stddev: histogram.stdDeviation / 1e3,
  };
}
