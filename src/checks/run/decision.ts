/**
 * From a target's evidence to its verdict and the sentence that says why. The rules in order:
 *
 *   interrupted > keys left behind > nothing measured > plan not released > thresholds (FAIL, or INVALID when slip
 *   alone broke them) > too few samples > PASS
 */
import { formatDurationMs } from '../../base/duration.ts';
import { formatCount, formatPerSecond } from '../../base/figures.ts';
import type { RunResult } from '../../bench/result.ts';
import type { VerdictWord } from '../verdict.ts';
import { explanation, generatorExplanation } from './explanation.ts';
import type { CheckedFinding, RunEvidence } from './run-check.ts';
import { behindWords, fellBehind } from './schedule-slip.ts';
import { storageWords, volatileStorage } from './storage.ts';
import type { ThresholdOutcome } from './thresholds.ts';

export interface TargetEvidence extends RunEvidence {
  readonly result: RunResult;
  readonly thresholds: readonly ThresholdOutcome[];
  readonly checked: readonly CheckedFinding[];
}

export interface Decision {
  readonly verdict: VerdictWord;
  readonly cause: string;
}

export function decide(evidence: TargetEvidence): Decision {
  return interrupted(evidence) ?? uncleaned(evidence) ?? judged(evidence);
}

function interrupted({ result, rounds }: TargetEvidence): Decision | null {
  if (result.interrupted === null) return null;
  const left = rounds.find((round) => (round.cleanup.keysLeft ?? 0) > 0 || round.cleanup.error !== null);
  const keys = left === undefined ? 'no key of the run is left' : `and ${leftBehind(left.cleanup, left.prefix)}`;
  return { verdict: 'INTERRUPTED', cause: `stopped by ${result.interrupted}; ${keys}` };
}

function uncleaned(evidence: TargetEvidence): Decision | null {
  const round = evidence.rounds.find(({ cleanup }) => cleanup.error !== null || (cleanup.keysLeft ?? 0) > 0);
  if (round === undefined) return null;
  const inner = judged(evidence);
  const cause = `${leftBehind(round.cleanup, round.prefix)}; the load itself: ${inner.verdict}, ${inner.cause}`;
  return { verdict: 'CLEANUP FAILED', cause };
}

function leftBehind(cleanup: TargetEvidence['rounds'][number]['cleanup'], prefix: string): string {
  const keys =
    cleanup.keysLeft === null ? 'an unknown number of keys is' : `${formatCount(cleanup.keysLeft, 'key')} left`;
  const left = cleanup.keysLeft === null ? `${keys} left` : keys;
  return `${left} under ${prefix}${cleanup.error === null ? '' : ` (${cleanup.error})`}`;
}

function judged(evidence: TargetEvidence): Decision {
  const { summary, thresholds } = evidence;
  if (summary.completed + summary.errors === 0) {
    const why = evidence.rounds.find((round) => round.stoppedBecause !== null)?.stoppedBecause;
    return { verdict: 'INCONCLUSIVE', cause: `nothing was measured${why === undefined ? '' : `: ${why}`}` };
  }
  if (fellBehind(summary)) return notThePlannedLoad(evidence);
  const failed = thresholds.filter((threshold) => threshold.holds === false);
  if (failed.length > 0) return failedThresholds(evidence, failed);
  const unknown = thresholds.filter((threshold) => threshold.holds === null);
  if (unknown.length > 0) {
    return { verdict: 'INCONCLUSIVE', cause: `${words(unknown)}${besides(evidence)}` };
  }
  if (thresholds.length === 0)
    return { verdict: 'PASS', cause: `nothing to judge: ${measured(evidence)}${besides(evidence)}` };
  return { verdict: 'PASS', cause: `${allHold(thresholds.length)}: ${measured(evidence)}${besides(evidence)}` };
}

function notThePlannedLoad(evidence: TargetEvidence): Decision {
  const cause = `the generator fell behind by ${behindWords(evidence.summary)}`;
  return { verdict: 'INVALID', cause: `${cause}${generatorExplanation(evidence)}${besides(evidence)}` };
}

function failedThresholds(evidence: TargetEvidence, failed: readonly ThresholdOutcome[]): Decision {
  if (failed.every((threshold) => threshold.holdsWithoutSlip === true)) {
    const cause = `${words(failed)}, but only through the generator's own slip: ${withoutSlip(failed)}`;
    return { verdict: 'INVALID', cause: `${cause}${generatorExplanation(evidence)}${besides(evidence)}` };
  }
  return { verdict: 'FAIL', cause: `${words(failed)}${explanation(evidence)}${besides(evidence)}` };
}

function withoutSlip(failed: readonly ThresholdOutcome[]): string {
  return failed.length === 1 ? 'without it the threshold holds' : `without it all ${failed.length} hold`;
}

function words(thresholds: readonly ThresholdOutcome[]): string {
  return thresholds.map((threshold) => threshold.words).join('; ');
}

function allHold(count: number): string {
  return count === 1 ? 'the threshold holds' : `all ${count} thresholds hold`;
}

/** `14,998/s of 15,000/s offered, p99 3.2 ms, slowest 41 ms` */
function measured({ summary }: TargetEvidence): string {
  const { p99, max } = summary.latency.summary;
  const rate = summary.achievedPerSec === null ? [] : [formatPerSecond(summary.achievedPerSec)];
  if (summary.offeredPerSec !== null) rate.push(`of ${formatPerSecond(summary.offeredPerSec)} offered`);
  const latency =
    p99 === null || max === null ? [] : [`p99 ${formatDurationMs(p99)}, slowest ${formatDurationMs(max)}`];
  return [rate.join(' '), ...latency].filter((part) => part !== '').join(', ');
}

/** What must stand in every verdict line: where the data lay, and that the host was shared. */
function besides({ target }: TargetEvidence): string {
  const storage = storageWords(target);
  const parts: string[] = [];
  if (storage !== null) parts.push(`data on ${storage}`);
  if (volatileStorage(target) !== null) parts.push('so the disk verdict is INCONCLUSIVE');
  if (target.sharesHost) parts.push('server and generator share this host');
  return parts.length === 0 ? '' : `; ${parts.join(', ')}`;
}
