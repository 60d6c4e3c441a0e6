/**
 * From a target's evidence to its verdict and the sentence that says why. The rules in order:
 *
 *   interrupted > keys left behind > the generator broke (INVALID) > the server ended (FAIL) > nothing measured >
 *   token ended > plan not released > thresholds (FAIL, or INVALID when slip alone broke them or the generator was late
 *   throughout) > broken off > rounds lost > too few samples > PASS
 *
 * Latencies are those of answered requests, so a workload that says nothing of errors allows one in a hundred. A late
 * generator makes rates, latencies and time-outs, but no other error.
 */
import { formatDurationMs } from '../../base/duration.ts';
import { formatCount, formatPerSecond, formatShare } from '../../base/figures.ts';
import type { CleanupResult, EarlyEnd, RunResult } from '../../bench/result.ts';
import type { CauseParts, VerdictWord } from '../verdict.ts';
import { failedWords } from './errors.ts';
import { explanation, generatorExplanation } from './explanation.ts';
import { lostRounds } from './lost-rounds.ts';
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

type Broken = Pick<ThresholdOutcome, 'words' | 'holdsWithoutSlip'>;

/** As the workload's maxErrors, where it has none. */
const errorFractionMax = 0.01;

/** The word, and its cause in parts. */
export interface Decision {
  readonly verdict: VerdictWord;
  readonly parts: CauseParts;
}

/** The first of the rules above that applies. */
export function decide(evidence: TargetEvidence): Decision {
  return withNotes(interrupted(evidence) ?? uncleaned(evidence) ?? judged(evidence), evidence);
}

/** Whatever the word, the cause says what broke a round off, which rounds never ran and how many requests failed. */
function withNotes({ verdict, parts }: Decision, evidence: TargetEvidence): Decision {
  const notes = [brokenOffBy(evidence.rounds)?.words ?? null, lostRounds(evidence), failedWords(evidence.summary)];
  const missing = notes.filter((note) => note !== null && !parts.what.includes(note));
  return { verdict, parts: { ...parts, what: [parts.what, ...missing].join('; ') } };
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
  return (
    generatorBroke(evidence) ??
    serverDied(evidence) ??
    unmeasured(evidence) ??
    tokenRefused(evidence) ??
    notThePlannedLoad(evidence) ??
    failedThresholds(evidence) ??
    brokenOff(evidence) ??
    lost(evidence) ??
    undecided(evidence) ??
    passed(evidence)
  );
}

function generatorBroke({ rounds }: TargetEvidence): Decision | null {
  const why = rounds.find(({ earlyEnd }) => earlyEnd?.reason === 'generator-broke')?.earlyEnd;
  return why ? decision('INVALID', why.words) : null;
}

function serverDied(evidence: TargetEvidence): Decision | null {
  const why = brokenOffBy(evidence.rounds);
  if (why?.reason !== 'server-ended') return null;
  return decision('FAIL', `${why.words} during the load`, { where: whereWords(evidence) });
}

/** Why a round ended before its plan did, the server's own end first; null when none did, or the user wanted it. */
export function brokenOffBy(rounds: TargetEvidence['rounds']): EarlyEnd | null {
  const ends = rounds.flatMap(({ earlyEnd }) => (earlyEnd === null || isUsersEnd(earlyEnd) ? [] : [earlyEnd]));
  return ends.find(({ reason }) => reason === 'server-ended') ?? ends[0] ?? null;
}

/** The user's own bound or interrupt: what was measured until then stands. */
function isUsersEnd({ reason }: EarlyEnd): boolean {
  return reason === 'bound-used-up' || reason === 'interrupted';
}

function unmeasured(evidence: TargetEvidence): Decision | null {
  const { summary, rounds } = evidence;
  if (summary.completed + summary.errors > 0) return null;
  const why = rounds.find(({ earlyEnd }) => earlyEnd !== null)?.earlyEnd;
  if (why) return decision('INCONCLUSIVE', `nothing was measured: ${why.words}`);
  return decision('INCONCLUSIVE', (rounds.length === 0 ? lostRounds(evidence) : null) ?? 'nothing was measured');
}

function tokenRefused(evidence: TargetEvidence): Decision | null {
  if (!tokenEnded(evidence)) return null;
  const what = 'the token of --user expired during the load, or a restart of the server ended it';
  return decision('INCONCLUSIVE', what, { where: whereWords(evidence) });
}

/** The user was accepted before the load, and the token that this gave was refused within it. */
export function tokenEnded({ summary, result }: TargetEvidence): boolean {
  const user = result.command.some((word) => word === '--user' || word.startsWith('--user='));
  return user && (summary.errorsByCode['Unauthenticated'] ?? 0) > 0;
}

function notThePlannedLoad(evidence: TargetEvidence): Decision | null {
  if (!fellBehind(evidence.summary)) return null;
  const what = `the generator fell behind by ${behindWords(evidence.summary)}`;
  return decision('INVALID', what, { why: generatorExplanation(evidence), where: whereWords(evidence) });
}

function failedThresholds(evidence: TargetEvidence): Decision | null {
  const failed: readonly Broken[] = [...tooManyErrors(evidence), ...broken(evidence.thresholds)];
  if (failed.length === 0) return null;
  const where = whereWords(evidence);
  if (failed.every((threshold) => threshold.holdsWithoutSlip === true)) {
    const what = `${words(failed)}, but only through the generator's own slip: ${withoutSlip(failed)}`;
    return decision('INVALID', what, { why: generatorExplanation(evidence), where });
  }
  const refused = tooManyRefused(evidence);
  if (ranLate(evidence.summary) && refused.length > 0) {
    return decision('FAIL', words(refused), { why: explanation(evidence), where });
  }
  if (ranLate(evidence.summary)) {
    const what = `the generator released requests ${lateWords(evidence.summary)}, so these failures are not the target's: ${words(failed)}`;
    return decision('INVALID', what, { why: generatorExplanation(evidence), where });
  }
  return decision('FAIL', words(failed), { why: explanation(evidence), where });
}

/** What a workload allows that sets no maxErrors. */
function tooManyErrors({ summary, workload }: TargetEvidence): readonly Broken[] {
  const told = failedWords(summary);
  if (told === null || workload.thresholds.maxErrorFraction !== undefined) return [];
  if ((summary.errorFraction ?? 0) <= errorFractionMax) return [];
  const allowed = `up to ${formatShare(errorFractionMax)} allowed where the workload sets no maxErrors`;
  return [{ words: `${told}, ${allowed}`, holdsWithoutSlip: false }];
}

/** The errors that are too many even without time-outs, which a late generator may have caused; none when they are not. */
function tooManyRefused(evidence: TargetEvidence): readonly Broken[] {
  const { summary, workload, thresholds } = evidence;
  const refused = summary.errors - (summary.errorsByCode['DeadlineExceeded'] ?? 0);
  const allowed = workload.thresholds.maxErrorFraction ?? errorFractionMax;
  if (refused <= allowed * (summary.completed + summary.errors)) return [];
  return [...tooManyErrors(evidence), ...broken(thresholds).filter(({ finding }) => finding.id === 'error-rate')];
}

function brokenOff(evidence: TargetEvidence): Decision | null {
  const why = brokenOffBy(evidence.rounds);
  if (why === null) return null;
  return decision('INCONCLUSIVE', `the load was broken off: ${why.words}`, { where: whereWords(evidence) });
}

function lost(evidence: TargetEvidence): Decision | null {
  const what = lostRounds(evidence);
  return what === null ? null : decision('INCONCLUSIVE', what, { where: whereWords(evidence) });
}

function undecided(evidence: TargetEvidence): Decision | null {
  const unknown = evidence.thresholds.filter((threshold) => threshold.holds === null);
  return unknown.length === 0 ? null : decision('INCONCLUSIVE', words(unknown), { where: whereWords(evidence) });
}

function passed(evidence: TargetEvidence): Decision {
  const { length } = evidence.thresholds;
  const judgement = length === 0 ? 'nothing to judge' : allHold(length);
  return decision('PASS', `${judgement}: ${measured(evidence)}`, { where: whereWords(evidence) });
}

function decision(verdict: VerdictWord, what: string, rest: Partial<CauseParts> = {}): Decision {
  return { verdict, parts: { what, why: null, where: null, ...rest } };
}

function withoutSlip(failed: readonly Broken[]): string {
  return failed.length === 1 ? 'without it the threshold holds' : `without it all ${failed.length} hold`;
}

function broken(thresholds: readonly ThresholdOutcome[]): readonly ThresholdOutcome[] {
  return thresholds.filter((threshold) => threshold.holds === false);
}

function words(thresholds: readonly Broken[]): string {
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
