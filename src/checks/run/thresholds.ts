/**
 * The workload's own thresholds, each against what was measured. A threshold that too few samples can decide neither
 * holds nor fails; one that fails is also judged with the generator's slip subtracted.
 */
import { formatDurationMs } from '../../base/duration.ts';
import { apartFrom, formatNumber, formatPerSecond, formatShare } from '../../base/figures.ts';
import { lowestEquivalentMs } from '../../bench/latency-range.ts';
import type { LatencySummary } from '../../bench/result.ts';
import type { TargetSummary } from '../../bench/run-summary.ts';
import type { Thresholds } from '../../bench/workload.ts';
import { failedWords } from './errors.ts';
import type { Figure, Finding } from '../finding.ts';

type LatencyKey = 'maxLatencyMs' | 'maxStddevMs' | 'maxP50Ms' | 'maxP90Ms' | 'maxP99Ms' | 'maxP999Ms';

interface LatencyRule {
  readonly key: LatencyKey;
  readonly id: string;
  /** As in "p99 is 12 ms". */
  readonly what: string;
  readonly field: keyof LatencySummary;
  /** One in how many requests lies beyond it: with fewer samples the percentile is only the largest of them. */
  readonly samplesMin: number;
}

const latencyRules: readonly LatencyRule[] = [
  { key: 'maxP50Ms', id: 'latency-p50', what: 'p50', field: 'p50', samplesMin: 2 },
  { key: 'maxP90Ms', id: 'latency-p90', what: 'p90', field: 'p90', samplesMin: 10 },
  { key: 'maxP99Ms', id: 'latency-p99', what: 'p99', field: 'p99', samplesMin: 100 },
  { key: 'maxP999Ms', id: 'latency-p999', what: 'p99.9', field: 'p999', samplesMin: 1000 },
  { key: 'maxLatencyMs', id: 'latency-max', what: 'the slowest request', field: 'max', samplesMin: 1 },
  { key: 'maxStddevMs', id: 'latency-stddev', what: 'the standard deviation', field: 'stddev', samplesMin: 2 },
];

/** A threshold against what was measured. */
export interface ThresholdOutcome {
  readonly finding: Finding;
  /** Null: cannot be known from what was measured. */
  readonly holds: boolean | null;
  /** The same with slip subtracted; equals `holds` for what slip does not change. */
  readonly holdsWithoutSlip: boolean | null;
  /** `p99 is 812 ms, 100 ms allowed`: for a verdict's cause. */
  readonly words: string;
  /** How many samples it would take to know; 0 when there are enough. */
  readonly samplesMissing: number;
}

/** In the order rate, errors, latencies; only those that the workload sets. */
export function judgeThresholds(thresholds: Thresholds, summary: TargetSummary): readonly ThresholdOutcome[] {
  const outcomes: ThresholdOutcome[] = [];
  const requiredPerSec = requiredRate(thresholds, summary);
  if (requiredPerSec !== null) outcomes.push(judgeRate(requiredPerSec, thresholds.minRateFraction ?? null, summary));
  if (thresholds.maxErrorFraction !== undefined) outcomes.push(judgeErrors(thresholds.maxErrorFraction, summary));
  for (const rule of latencyRules) {
    const limitMs = thresholds[rule.key];
    if (limitMs !== undefined) outcomes.push(judgeLatency(rule, limitMs, summary));
  }
  return outcomes;
}

/** Whether the workload asks for a rate that was not reached. */
export function failsRate(outcomes: readonly ThresholdOutcome[]): boolean {
  return outcomes.some(({ finding, holds }) => finding.id === 'rate' && holds === false);
}

/** Requests per second that have to be exceeded; null when the workload asks for none. */
export function requiredRate({ minRatePerSec, minRateFraction }: Thresholds, summary: TargetSummary): number | null {
  // Of what was offered, not of what the file's rates come to: a count, a bound or chance can end a phase elsewhere.
  if (minRateFraction !== undefined) return minRateFraction * (summary.offeredPerSec ?? 0);
  return minRatePerSec ?? null;
}

/** Above, not at: etcdctl's check perf fails a rate of exactly nine tenths of its limit. */
function judgeRate(limit: number, fraction: number | null, summary: TargetSummary): ThresholdOutcome {
  const measured = summary.completed + summary.errors === 0 ? null : summary.achievedPerSec;
  const holds = measured === null ? null : measured > limit;
  const seen = measured === null ? 'nothing was measured' : apartFrom(limit, formatPerSecond, '/s')(measured);
  const judged = outcome({
    id: 'rate',
    title: `The rate is above ${formatPerSecond(limit)}`,
    evidence: seen,
    threshold: `more than ${formatPerSecond(limit)} (the workload's minRate${ofOffered(fraction)})`,
    words: `the rate is ${seen}, more than ${formatPerSecond(limit)} required`,
    figure: { measured, limit, bound: 'min', unit: 'perSec' },
    holds,
    remedy: 'Find what limits the server below, or ask less of it.',
  });
  return measured === null ? judged : { ...judged, holdsWithoutSlip: (summary.runningPerSec ?? Infinity) > limit };
}

/** Not rounded: it is what the file says. */
function ofOffered(fraction: number | null): string {
  return fraction === null ? '' : `: ${Number((fraction * 100).toPrecision(12))} % of what was offered`;
}

function judgeErrors(limit: number, summary: TargetSummary): ThresholdOutcome {
  const measured = summary.errorFraction;
  const share = apartFrom(limit * 100, (percent) => formatShare(percent / 100), ' %');
  const seen = measured === null ? 'nothing was measured' : `${formatNumber(summary.errors)}, ${share(measured * 100)}`;
  const allowed = limit === 0 ? 'none' : `up to ${formatShare(limit)}`;
  return outcome({
    id: 'error-rate',
    title: limit === 0 ? 'No request failed' : `At most ${formatShare(limit)} of the requests failed`,
    evidence: seen,
    threshold: `${allowed} (the workload's maxErrors)`,
    words: `${failedWords(summary) ?? 'no request failed'}, ${allowed} allowed`,
    figure: { measured, limit, bound: 'max', unit: 'fraction' },
    holds: measured === null ? null : measured <= limit,
    remedy: 'The codes say why: see the check "errors".',
  });
}

function judgeLatency(rule: LatencyRule, limitMs: number, summary: TargetSummary): ThresholdOutcome {
  const measured = summary.latency.summary[rule.field];
  const known = measured !== null && summary.latency.count >= rule.samplesMin;
  const withoutSlip = summary.fromRelease.summary[rule.field];
  const within = (ms: number): boolean => (rule.field.startsWith('p') ? lowestEquivalentMs(ms) : ms) <= limitMs;
  const holds = known ? within(measured) : null;
  const holdsWithoutSlip = holds === false && withoutSlip !== null ? within(withoutSlip) : holds;
  const slipCounts = holds === false && withoutSlip !== null && measured !== null && withoutSlip < measured * 0.95;
  const format = holds === false ? apartFrom(limitMs, formatDurationMs, ' ms') : formatDurationMs;
  const seen = known ? format(measured) : tooFew(summary.latency.count, rule);
  return {
    ...outcome({
      id: rule.id,
      title: `${capitalized(rule.what)} is at most ${formatDurationMs(limitMs)}`,
      evidence: slipCounts ? `${seen}; ${formatDurationMs(withoutSlip)} with slip subtracted` : seen,
      threshold: `at most ${formatDurationMs(limitMs)} (the workload's ${fieldOf(rule)})`,
      words: `${rule.what} is ${seen}, ${formatDurationMs(limitMs)} allowed`,
      figure: { measured: known ? measured : null, limit: limitMs, bound: 'max', unit: 'ms' },
      holds,
      remedy: 'The timeline says when, the server metrics say why.',
    }),
    holdsWithoutSlip,
    samplesMissing: known ? 0 : Math.max(1, rule.samplesMin - summary.latency.count),
  };
}

/** As the workload file calls it, where durations carry their own unit. */
function fieldOf({ key }: LatencyRule): string {
  return key.replace(/Ms$/, '');
}

interface OutcomeParts {
  readonly id: string;
  readonly title: string;
  readonly evidence: string;
  readonly threshold: string;
  readonly words: string;
  readonly figure: Figure;
  readonly holds: boolean | null;
  readonly remedy: string;
}

function outcome({ words, holds, remedy, ...finding }: OutcomeParts): ThresholdOutcome {
  const status = holds === null ? 'skip' : holds ? 'pass' : 'fail';
  return {
    finding: { ...finding, status, remedy: holds === false ? remedy : null },
    holds,
    holdsWithoutSlip: holds,
    words,
    samplesMissing: holds === null ? 1 : 0,
  };
}

function tooFew(count: number, { samplesMin }: LatencyRule): string {
  if (count === 0) return 'nothing was measured';
  return `unknown: ${formatNumber(count)} samples, and it takes ${formatNumber(samplesMin)}`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
