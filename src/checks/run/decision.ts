/**
 * From a target's evidence to its verdict and the sentence that says why. The rules in order:
 *
 *   interrupted > keys left behind > nothing measured > plan not released > thresholds (FAIL, or INVALID when slip
 *   alone broke them or the generator was late throughout) > too few samples > PASS
 */
import { formatDurationMs } from '../../base/duration.ts';
import { formatCount, formatPerSecond } from '../../base/figures.ts';
import type { CleanupResult, RunResult } from '../../bench/result.ts';
import type { CauseParts, VerdictWord } from '../verdict.ts';
import { explanation, generatorExplanation } from './explanation.ts';
import type { CheckedFinding, RunEvidence } from './run-check.ts';
import { behindWords, fellBehind, lateWords, ranLate } from './schedule-slip.ts';
import { storageWords, volatileStorage } from './storage.ts';
import type { ThresholdOutcome } from './thresholds.ts';

/** All that a target's verdict is made from. */
export interface TargetEvidence extends RunEvidence {
  readonly result: RunResult;
  readonly thresholds: readonly ThresholdOutcome[];
  readonly checked: readonly CheckedFinding[];
}

/** The word, and its cause in parts. */
export interface Decision {
  readonly verdict: VerdictWord;
  readonly parts: CauseParts;
}

/** The first of the rules above that applies. */
export function decide(evidence: TargetEvidence): Decision {
  return interrupted(evidence) ?? uncleaned(evidence) ?? judged(evidence);
}

/** The parts as one sentence. */
export function causeOf({ what, why, where }: CauseParts): string {
  return `${what}${why === null ? '' : `, ${why}`}${where === null ? '' : `; ${where}`}`;
}

function interrupted({ result, rounds }: TargetEvidence): Decision | null {
  if (result.interrupted === null) return null;
  const left = rounds.find(({ cleanup }) => isUnclean(cleanup));
  const keys = left === undefined ? 'no key of the run is left' : leftBehind(left.cleanup, left.prefix);
  return decision('INTERRUPTED', `stopped by ${result.interrupted}; ${keys}`);
}

function uncleaned(evidence: TargetEvidence): Decision | null {
  const round = evidence.rounds.find(({ cleanup }) => isUnclean(cleanup));
  if (round === undefined) return null;
  const inner = judged(evidence);
  const load = `the load itself: ${inner.verdict}, ${inner.parts.what}`;
  return {
    ...inner,
    verdict: 'CLEANUP FAILED',
    parts: { ...inner.parts, what: `${leftBehind(round.cleanup, round.prefix)}; ${load}` },
  };
}

/** A count that failed carries its error; without one, null means that there was nothing to count. */
export function isUnclean({ error, keysLeft }: CleanupResult): boolean {
  return error !== null || (keysLeft ?? 0) > 0;
}

function leftBehind({ keysLeft, error }: CleanupResult, prefix: string): string {
  const keys = keysLeft === null ? 'an unknown number of keys is left' : `${formatCount(keysLeft, 'key')} left`;
  return `${keys} under ${prefix}${error === null ? '' : ` (${error})`}`;
}

function judged(evidence: TargetEvidence): Decision {
  const { summary, thresholds } = evidence;
  if (summary.completed + summary.errors === 0) {
    const why = evidence.rounds.find((round) => round.stoppedBecause !== null)?.stoppedBecause;
    return decision('INCONCLUSIVE', `nothing was measured${why === undefined ? '' : `: ${why}`}`);
  }
  if (fellBehind(summary)) return notThePlannedLoad(evidence);
  if (summary.completed === 0 && thresholds.length === 0) return allFailed(evidence);
  const failed = thresholds.filter((threshold) => threshold.holds === false);
  if (failed.length > 0) return failedThresholds(evidence, failed);
  const where = whereWords(evidence);
  const unknown = thresholds.filter((threshold) => threshold.holds === null);
  if (unknown.length > 0) return decision('INCONCLUSIVE', words(unknown), { where });
  const judgement = thresholds.length === 0 ? 'nothing to judge' : allHold(thresholds.length);
  return decision('PASS', `${judgement}: ${measured(evidence)}`, { where });
}

/** Without a threshold nothing forbids errors, but a server that died is no PASS. */
function allFailed(evidence: TargetEvidence): Decision {
  const what = `nothing was measured: all ${formatCount(evidence.summary.errors, 'request')} failed`;
  return decision('INCONCLUSIVE', what, { where: whereWords(evidence) });
}

function notThePlannedLoad(evidence: TargetEvidence): Decision {
  const what = `the generator fell behind by ${behindWords(evidence.summary)}`;
  return decision('INVALID', what, { why: generatorExplanation(evidence), where: whereWords(evidence) });
}

function failedThresholds(evidence: TargetEvidence, failed: readonly ThresholdOutcome[]): Decision {
  const where = whereWords(evidence);
  if (failed.every((threshold) => threshold.holdsWithoutSlip === true)) {
    const what = `${words(failed)}, but only through the generator's own slip: ${withoutSlip(failed)}`;
    return decision('INVALID', what, { why: generatorExplanation(evidence), where });
  }
  if (ranLate(evidence.summary)) {
    const what = `the generator released requests ${lateWords(evidence.summary)}, so these failures are not the target's: ${words(failed)}`;
    return decision('INVALID', what, { why: generatorExplanation(evidence), where });
  }
  return decision('FAIL', words(failed), { why: explanation(evidence), where });
}

function decision(verdict: VerdictWord, what: string, rest: Partial<CauseParts> = {}): Decision {
  return { verdict, parts: { what, why: null, where: null, ...rest } };
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
function whereWords({ target }: TargetEvidence): string | null {
  const storage = storageWords(target);
  const parts: string[] = [];
  if (storage !== null) parts.push(`data on ${storage}`);
  if (volatileStorage(target) !== null) parts.push('so the disk verdict is INCONCLUSIVE');
  if (target.sharesHost) parts.push('server and generator share this host');
  return parts.length === 0 ? null : parts.join(', ');
}
