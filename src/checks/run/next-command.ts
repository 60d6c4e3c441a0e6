/** The command to type next, made from the one that ran. Null when there is nothing sensible to try. */
import { shellLine, withFlag } from '../../base/shell-line.ts';
import { removalCommand } from '../../bench/removal-command.ts';
import type { VerdictWord } from '../verdict.ts';
import { brokenOffBy, isUnclean, tokenEnded, type TargetEvidence } from './decision.ts';
import { explaining } from './explanation.ts';
import { fellBehind, ranLate } from './schedule-slip.ts';
import { failsRate } from './thresholds.ts';

/** Each shipped load and the next heavier one. */
const heavier: Readonly<Record<string, string>> = {
  's.yaml': 'm.yaml',
  'm.yaml': 'l.yaml',
  'l.yaml': 'xl.yaml',
  'xl.yaml': 'put-max.yaml',
};

/** What a server or generator that could not keep up is asked for next, of what it did. */
const backOff = 0.8;

/** Made from the command that ran, as one line for a shell. */
export function nextCommand(verdict: VerdictWord, evidence: TargetEvidence): string | null {
  const unclean = verdict === 'INTERRUPTED' || verdict === 'CLEANUP FAILED';
  if (evidence.result.failure !== null && !unclean) return null; // another load would meet the same
  switch (verdict) {
    case 'PASS':
      return otherWorkload(evidence, heavier[fileName(evidence)]);
    case 'FAIL':
      return afterFail(evidence);
    case 'INVALID':
      return afterInvalid(evidence);
    case 'INCONCLUSIVE':
      return longer(evidence);
    case 'INTERRUPTED':
      return removeKeys(evidence) ?? shellLine(evidence.result.command);
    case 'CLEANUP FAILED':
      return removeKeys(evidence);
  }
}

function afterFail(evidence: TargetEvidence): string | null {
  if (brokenOffBy(evidence.rounds) !== null) return null; // the server's log comes before another load
  const rateFailed = failsRate(evidence.thresholds);
  const [firstCause] = explaining(evidence);
  if (rateFailed && firstCause?.finding.id === 'clients') {
    return shellLine(withFlag(evidence.result.command, '--clients', String(evidence.workload.clients * 2)));
  }
  const lower = (evidence.summary.offeredPerSec ?? 0) * backOff;
  if (rateFailed || lower <= (evidence.workload.thresholds.minRatePerSec ?? 0)) {
    return otherWorkload(evidence, fileName(evidence) in heavier ? 'put-max.yaml' : undefined);
  }
  return lower === 0 ? null : shellLine(withFlag(evidence.result.command, '--rate', roundDown(lower)));
}

function afterInvalid(evidence: TargetEvidence): string {
  const { summary, result } = evidence;
  if (!(fellBehind(summary) || ranLate(summary)) || summary.offeredPerSec === null) return shellLine(result.command);
  const released = summary.offeredPerSec * (1 - (summary.generator.behindFraction ?? 0));
  const managed = Math.min(released, summary.achievedPerSec ?? released);
  return shellLine(withFlag(result.command, '--rate', roundDown(managed * backOff)));
}

/** Long enough for the percentile that asks for most; an hour at most. What ended before it was measured would again. */
function longer(evidence: TargetEvidence): string | null {
  const { thresholds, summary, result, rounds } = evidence;
  if (brokenOffBy(rounds) !== null || tokenEnded(evidence)) return null;
  const nothing = summary.completed + summary.errors === 0;
  if (nothing && rounds.some(({ earlyEnd }) => earlyEnd !== null)) return null;
  const missing = Math.max(0, ...thresholds.map((threshold) => threshold.samplesMissing));
  if (missing === 0 || summary.completed === 0) return shellLine(result.command);
  const perRoundMs = summary.measuredMs / summary.rounds;
  const seconds = Math.ceil((perRoundMs * 1.2 * (summary.completed + missing)) / summary.completed / 1e3);
  return shellLine(withFlag(result.command, '--duration', `${Math.min(3600, Math.max(10, seconds))}s`));
}

function removeKeys({ target, rounds, result }: TargetEvidence): string | null {
  const left = rounds.find(({ cleanup }) => isUnclean(cleanup));
  if (left === undefined) return null;
  return shellLine(removalCommand(left.prefix, target.endpoints, result.command));
}

/** The same command on another file of the same folder. Overrides belong to the file they were given for; only a duration fits any. */
function otherWorkload({ result }: TargetEvidence, file: string | undefined): string | null {
  const carried = result.overrides.every((override) => override.startsWith('--duration'));
  if (file === undefined || !carried) return null;
  const path = result.workloadFile.slice(0, result.workloadFile.lastIndexOf('/') + 1) + file;
  return shellLine(result.command.map((word) => (word === result.workloadFile ? path : word)));
}

function fileName({ result }: TargetEvidence): string {
  return result.workloadFile.slice(result.workloadFile.lastIndexOf('/') + 1);
}

/** To two significant digits: 6,143 asks for 6100. */
function roundDown(rate: number): string {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, rate))) - 1);
  return String(Math.max(1, Math.floor(rate / unit) * unit));
}
