/**
 * What `etcdctl check perf` would have printed from the same run (docs/etcd-facts.md, check perf). It starts its
 * watch when a request leaves its own queue, so its latencies are service times: the lines stand beside ours to show
 * what that hides, never as a judgement.
 */
import type { TargetSummary } from '../../bench/run-summary.ts';
import type { Thresholds } from '../../bench/workload.ts';
import { requiredRate } from './thresholds.ts';

const slowestSecondsMax = 0.5;
const stddevSecondsMax = 0.1;

/** Its lines, the last of them PASS or FAIL; none when the workload sets no rate, which the old tool always does. */
export function oldToolLines(thresholds: Thresholds, summary: TargetSummary): readonly string[] {
  const { max, stddev } = summary.service.summary;
  const required = requiredRate(thresholds, summary);
  if (required === null || max === null || stddev === null) return [];
  const failures = Object.entries(summary.errorsByCode).map(([code, count]) => `FAIL: ERROR(${code}) -> ${count}`);
  const rate = summary.achievedPerSec ?? 0;
  const perSec = Math.trunc(rate) + 1; // it adds one where it should round
  const enough = rate > required;
  const quick = max / 1e3 <= slowestSecondsMax;
  const steady = stddev / 1e3 <= stddevSecondsMax;
  const slowest = (max / 1e3).toFixed(6);
  const spread = (stddev / 1e3).toFixed(6);
  return [
    ...(failures.length > 0 ? ['FAIL: too many errors', ...failures] : []),
    enough ? `PASS: Throughput is ${perSec} writes/s` : `FAIL: Throughput too low: ${perSec} writes/s`,
    quick ? `PASS: Slowest request took ${slowest}s` : `Slowest request took too long: ${slowest}s`,
    steady ? `PASS: Stddev is ${spread}s` : `Stddev too high: ${spread}s`,
    enough && quick && steady && failures.length === 0 ? 'PASS' : 'FAIL',
  ];
}
