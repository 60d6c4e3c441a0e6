/**
 * What happened when: at most 600 buckets of equal width over a phase. When the last is full, neighbours merge in pairs
 * and the width doubles, so that memory does not grow with the length of a run.
 *
 * Requests are counted as offered in the bucket of their intended time, as ended in the bucket of their end.
 * Each bucket has a log-linear histogram of its own (log-linear.ts), so percentiles over time are never averaged.
 */
import { assert } from '../base/assert.ts';
import { logLinearHighest, logLinearIndex, logLinearQuantile, logLinearSize } from './log-linear.ts';
import type { TimeBucket, Timeline } from './result.ts';

const bucketsMax = 600;
const firstBucketUs = 100_000;

/** What one lane hands over at the end of a phase. Only the first `used` buckets hold anything. */
export interface TimelineData {
  readonly bucketUs: number;
  readonly used: number;
  readonly offered: Uint32Array;
  readonly completed: Uint32Array;
  readonly errors: Uint32Array;
  readonly maxUs: Float64Array;
  /** `logLinearSize` counters per bucket. */
  readonly counts: Uint32Array;
}

/** Times are µs since the start of the phase; what lies before it counts in the first bucket. */
export class TimelineRecorder {
  #bucketUs = firstBucketUs;
  #used = 0;
  readonly #offered = new Uint32Array(bucketsMax);
  readonly #completed = new Uint32Array(bucketsMax);
  readonly #errors = new Uint32Array(bucketsMax);
  readonly #maxUs = new Float64Array(bucketsMax);
  readonly #counts = new Uint32Array(bucketsMax * logLinearSize);

  offered(atUs: number): void {
    const bucket = this.#bucketOf(atUs);
    this.#offered[bucket]!++;
  }

  completed(atUs: number, latencyUs: number): void {
    const bucket = this.#bucketOf(atUs);
    this.#completed[bucket]!++;
    this.#record(bucket, latencyUs);
  }

  /** A failure; `latencyUs` is null when its time says nothing about the server (it was not a time-out). */
  failed(atUs: number, latencyUs: number | null): void {
    const bucket = this.#bucketOf(atUs);
    this.#errors[bucket]!++;
    if (latencyUs !== null) this.#record(bucket, latencyUs);
  }

  /** The recorder must not be used afterwards: these are its own arrays, cut to what was used. */
  data(): TimelineData {
    return {
      bucketUs: this.#bucketUs,
      used: this.#used,
      offered: this.#offered,
      completed: this.#completed,
      errors: this.#errors,
      maxUs: this.#maxUs,
      counts: this.#counts.slice(0, this.#used * logLinearSize),
    };
  }

  #record(bucket: number, latencyUs: number): void {
    this.#counts[bucket * logLinearSize + logLinearIndex(latencyUs)]!++;
    if (latencyUs > this.#maxUs[bucket]!) this.#maxUs[bucket] = latencyUs;
  }

  #bucketOf(atUs: number): number {
    let bucket = atUs > 0 ? Math.floor(atUs / this.#bucketUs) : 0;
    while (bucket >= bucketsMax) {
      mergePairs(this.#arrays(), this.#counts);
      this.#bucketUs *= 2;
      this.#used = Math.ceil(this.#used / 2);
      bucket = Math.floor(atUs / this.#bucketUs);
    }
    if (bucket >= this.#used) this.#used = bucket + 1;
    return bucket;
  }

  #arrays(): PerBucket {
    return { sums: [this.#offered, this.#completed, this.#errors], maxUs: this.#maxUs };
  }
}

interface PerBucket {
  readonly sums: readonly Uint32Array[];
  readonly maxUs: Float64Array;
}

/** Bucket 2k and 2k+1 become k; the upper half is zero afterwards. */
function mergePairs({ sums, maxUs }: PerBucket, counts: Uint32Array): void {
  const half = maxUs.length / 2;
  for (let k = 0; k < half; k++) {
    for (const array of sums) array[k] = array[2 * k]! + array[2 * k + 1]!;
    maxUs[k] = Math.max(maxUs[2 * k]!, maxUs[2 * k + 1]!);
    for (let i = 0; i < logLinearSize; i++) {
      const at = 2 * k * logLinearSize + i;
      counts[k * logLinearSize + i] = counts[at]! + counts[at + logLinearSize]!;
    }
  }
  for (const array of sums) array.fill(0, half);
  maxUs.fill(0, half);
  counts.fill(0, half * logLinearSize);
}

/** One timeline of what all lanes saw: the widest lane's buckets, as widths are 100 ms times a power of two. */
export function mergeTimelines(lanes: readonly TimelineData[]): Timeline {
  const bucketUs = Math.max(firstBucketUs, ...lanes.map((lane) => lane.bucketUs));
  const used = Math.max(0, ...lanes.map((lane) => Math.ceil((lane.used * lane.bucketUs) / bucketUs)));
  const buckets: TimeBucket[] = [];
  for (let k = 0; k < used; k++) buckets.push(bucketOver(lanes, k, bucketUs));
  return { bucketMs: bucketUs / 1e3, buckets };
}

function bucketOver(lanes: readonly TimelineData[], k: number, bucketUs: number): TimeBucket {
  const counts = new Uint32Array(logLinearSize);
  const sum = { offered: 0, completed: 0, errors: 0, maxUs: 0 };
  for (const lane of lanes) {
    const parts = bucketUs / lane.bucketUs;
    assert(Number.isInteger(parts), 'widths differ by a power of two');
    for (let part = k * parts; part < Math.min((k + 1) * parts, lane.used); part++) addPart(sum, counts, lane, part);
  }
  return {
    offered: sum.offered,
    completed: sum.completed,
    errors: sum.errors,
    p50Ms: quantileMs(counts, 0.5, sum.maxUs),
    p90Ms: quantileMs(counts, 0.9, sum.maxUs),
    p99Ms: quantileMs(counts, 0.99, sum.maxUs),
    maxMs: sum.maxUs === 0 ? null : sum.maxUs / 1e3,
  };
}

function addPart(
  sum: { offered: number; completed: number; errors: number; maxUs: number },
  counts: Uint32Array,
  lane: TimelineData,
  part: number,
): void {
  sum.offered += lane.offered[part]!;
  sum.completed += lane.completed[part]!;
  sum.errors += lane.errors[part]!;
  sum.maxUs = Math.max(sum.maxUs, lane.maxUs[part]!);
  for (let i = 0; i < logLinearSize; i++) counts[i]! += lane.counts[part * logLinearSize + i]!;
}

/** The middle of a counter may lie above the largest value that was in it; the last counter has no upper end. */
function quantileMs(counts: Uint32Array, fraction: number, maxUs: number): number | null {
  const us = logLinearQuantile(counts, fraction);
  if (us === null) return null;
  return (us >= logLinearHighest ? maxUs : Math.min(us, maxUs)) / 1e3;
}
