/** The series of one round on one clock: seconds since the round began, buckets at their middle. */
import type { HostSample, PhaseResult, RoundResult, ServerSample, TimeBucket } from '../bench/result.ts';
import type { TargetCurves } from '../bench/run-summary.ts';
import type { Point } from './charts/line.ts';

/** What all charts of a timeline share. */
export interface TimeFrame {
  readonly endSec: number;
  readonly warmUps: readonly (readonly [fromSec: number, toSec: number])[];
  readonly leaderChangesSec: readonly number[];
}

/** From the start of the round to the last reply, with what is marked in between. */
export function timeFrame(round: RoundResult, curves: TargetCurves): TimeFrame {
  const ends = round.phases.map(
    (phase) => phase.offsetMs + lastMs(phase, Math.max(phase.elapsedMs, phase.scheduledMs)),
  );
  const endMs = Math.max(1000, ...ends);
  return {
    endSec: endMs / 1e3,
    warmUps: round.phases
      .filter((phase) => phase.warmUp)
      .map((phase) => [phase.offsetMs / 1e3, (phase.offsetMs + phase.scheduledMs) / 1e3]),
    leaderChangesSec: curves.leaderChangesMs.filter((atMs) => atMs <= endMs).map((atMs) => atMs / 1e3),
  };
}

/** A figure of each bucket, such as its p99. */
export function bucketPoints(round: RoundResult, of: (bucket: TimeBucket) => number | null): readonly Point[] {
  return round.phases.flatMap((phase) =>
    phase.timeline.buckets.map((bucket, i): Point => [bucketMiddleSec(phase, i), of(bucket)]),
  );
}

/** A count of each bucket, per second of the part of the bucket before the end of the schedule, or of the last reply. */
export function ratePoints(
  round: RoundResult,
  of: (bucket: TimeBucket) => number,
  end: 'scheduledMs' | 'elapsedMs',
): readonly Point[] {
  return round.phases.flatMap((phase) => {
    const { bucketMs, buckets } = phase.timeline;
    const endMs = end === 'elapsedMs' ? lastMs(phase, phase.elapsedMs) : phase.scheduledMs;
    return buckets.flatMap((bucket, i): Point[] => {
      const coveredMs = Math.min(bucketMs, endMs - i * bucketMs);
      // A sliver at the end would show as a spike that nobody sent.
      return coveredMs < bucketMs / 4 ? [] : [[bucketMiddleSec(phase, i), of(bucket) / (coveredMs / 1e3)]];
    });
  });
}

/** One list of points per endpoint that served metrics. */
export function serverPoints(
  round: RoundResult,
  of: (sample: ServerSample) => number | null,
): readonly (readonly Point[])[] {
  return round.server.series
    .map((series) => series.samples.map((sample): Point => [sample.atMs / 1e3, of(sample)]))
    .filter(hasValues);
}

/**
 * Cores that all members of the target used. A member may have missed scrapes, so members are added up by time: over the
 * spans between two scrapes of the one with most of them, each other member counts as it was in the middle of the span.
 */
export function serverCorePoints(round: RoundResult): readonly Point[] {
  const members = round.server.series.map(({ samples }) => coreSpans(samples)).filter((spans) => spans.length > 0);
  const [most = [], ...others] = members.toSorted((a, b) => b.length - a.length);
  const readers = others.map(reader);
  return most.map(({ fromSec, toSec, cores }): Point => {
    const inAll = [cores, ...readers.map((coresAt) => coresAt((fromSec + toSec) / 2))];
    return [toSec, inAll.reduce((sum, each) => (sum === null || each === null ? null : sum + each), 0)];
  });
}

/** A figure of each of the host's samples. */
export function hostPoints(round: RoundResult, of: (sample: HostSample) => number | null): readonly Point[] {
  return round.host.samples.map((sample): Point => [sample.atMs / 1e3, of(sample)]);
}

/** The values that are known. */
export function valuesOf(...series: readonly (readonly Point[])[]): readonly number[] {
  return series.flat().flatMap(([, value]) => (value === null ? [] : [value]));
}

/** Whether there is anything to draw. */
export function hasValues(points: readonly Point[]): boolean {
  return points.some(([, value]) => value !== null);
}

/** Zeros left out: on a logarithmic axis they have no place. */
export function positive(points: readonly Point[]): readonly Point[] {
  return points.map(([at, value]): Point => [at, value !== null && value > 0 ? value : null]);
}

/** What one member used between two scrapes that it answered. */
interface CoreSpan {
  readonly fromSec: number;
  readonly toSec: number;
  /** Null when the counter fell: the process was restarted. */
  readonly cores: number | null;
}

function coreSpans(samples: readonly ServerSample[]): readonly CoreSpan[] {
  const known = samples.flatMap(({ atMs, cpuSecondsTotal: seconds }) =>
    seconds === null ? [] : [{ sec: atMs / 1e3, seconds }],
  );
  return known.slice(1).flatMap((now, i) => {
    const before = known[i]!;
    const used = now.seconds - before.seconds;
    if (now.sec <= before.sec) return [];
    return { fromSec: before.sec, toSec: now.sec, cores: used < 0 ? null : used / (now.sec - before.sec) };
  });
}

/** The cores at a time, asked for in rising order; null outside of the spans. */
function reader(spans: readonly CoreSpan[]): (sec: number) => number | null {
  let at = 0;
  return (sec) => {
    while (at < spans.length && spans[at]!.toSec <= sec) at++;
    const span = spans[at];
    return span === undefined || span.fromSec > sec ? null : span.cores;
  };
}

function bucketMiddleSec(phase: PhaseResult, i: number): number {
  const { bucketMs } = phase.timeline;
  const end = Math.min((i + 1) * bucketMs, lastMs(phase, Math.max(phase.scheduledMs, phase.elapsedMs)));
  return (phase.offsetMs + (i * bucketMs + end) / 2) / 1e3;
}

/** Errors may come after the end of the measured time: then the phase is drawn to its last bucket. */
function lastMs({ timeline: { bucketMs, buckets } }: PhaseResult, endMs: number): number {
  return (buckets.length - 1) * bucketMs >= endMs ? buckets.length * bucketMs : endMs;
}
