/** Rounds that were asked for and never ran: what the others showed is not what was asked for. */
import { formatCount, formatNumber } from '../../base/figures.ts';
import type { RunFailure, RunResult } from '../../bench/result.ts';
import type { RunEvidence } from './run-check.ts';

interface Lost extends RunEvidence {
  readonly result: RunResult;
}

/** `1 of 3 rounds ran: the etcd that was started ended with code 1`; null when all ran. */
export function lostRounds(evidence: Lost): string | null {
  const { rounds, roundsAsked } = evidence.summary;
  if (rounds >= roundsAsked) return null;
  const ran = `${formatNumber(rounds)} of ${formatCount(roundsAsked, 'round')} ran`;
  return [rounds === 0 ? 'nothing was measured' : ran, ...failureWords(evidence)].join(': ');
}

/** A round whose load had begun says itself what broke it off. */
function failureWords({ result: { failure }, rounds, target }: Lost): readonly string[] {
  if (failure === null) return [];
  if (failure.target !== target.name) return [`${failure.target}: ${failure.words}`];
  return hadBegun(failure, rounds) ? [] : [failure.words];
}

function hadBegun(failure: RunFailure, rounds: Lost['rounds']): boolean {
  return rounds.some(({ round }) => round === failure.round);
}
