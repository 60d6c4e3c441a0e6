/** The command to type next, made from the one that ran. Null when there is nothing sensible to try. */
import { shellLine } from '../../base/shell-line.ts';
import { removalCommand } from '../../bench/removal-command.ts';
import type { VerdictWord } from '../verdict.ts';
import { measuredPhases, withFields, withOption } from './changed-command.ts';
import { brokenOffBy, isUnclean, tokenEnded, type TargetEvidence } from './decision.ts';
import { explaining } from './explanation.ts';
import { fellBehind, ranLate } from './schedule-slip.ts';
import { failsRate } from './thresholds.ts';

/** Each shipped load of check perf and the next heavier one. */
const heavier: Readonly<Record<string, string>> = { s: 'm', m: 'l', l: 'xl', xl: 'put-max' };

const secondsMax = 3_600;

/** What a server or generator that could not keep up is asked for next, of what it did. */
const backOff = 0.8;

/** Made from the command that ran, as one line for a shell. */
export function nextCommand(verdict: VerdictWord, evidence: TargetEvidence): string | null {
  const unclean = verdict === 'INTERRUPTED' || verdict === 'CLEANUP FAILED';
  if (evidence.result.failure !== null && !unclean) return null; // another load would meet the same
  if (evidence.result.workloadFile === '-') return removeKeys(evidence); // it would wait for a workload that is gone
  switch (verdict) {
    case 'PASS':
      return otherWorkload(evidence, heavier[shippedLoad(evidence) ?? '']);
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
    return withOption(evidence, '--clients', String(evidence.workload.clients * 2));
  }
  const lower = (evidence.summary.offeredPerSec ?? 0) * backOff;
  if (rateFailed || lower <= (evidence.workload.thresholds.minRatePerSec ?? 0)) {
    return otherWorkload(evidence, shippedLoad(evidence) === null ? undefined : 'put-max');
  }
  return lower === 0 ? null : withOption(evidence, '--rate', roundDown(lower));
}

function afterInvalid(evidence: TargetEvidence): string | null {
  const { summary, result } = evidence;
  if (!(fellBehind(summary) || ranLate(summary)) || summary.offeredPerSec === null) return shellLine(result.command);
  const released = summary.offeredPerSec * (1 - (summary.generator.behindFraction ?? 0));
  const managed = Math.min(released, summary.achievedPerSec ?? released);
  return withOption(evidence, '--rate', roundDown(managed * backOff));
}

/** Enough samples for the percentile that asks for most. What ended early would again. */
function longer(evidence: TargetEvidence): string | null {
  const { thresholds, summary, result, rounds, workload } = evidence;
  if (tokenEnded(evidence) || rounds.some(({ earlyEnd }) => earlyEnd !== null)) return null;
  const missing = Math.max(0, ...thresholds.map((threshold) => threshold.samplesMissing));
  if (missing === 0 || summary.completed === 0) return shellLine(result.command);
  const factor = (1.2 * (summary.completed + missing)) / summary.completed;
  const counted = measuredPhases(workload).some(({ phase }) => phase.count !== null);
  return counted ? moreRequests(evidence, factor) : moreSeconds(evidence, factor);
}

/** `--duration` is for each phase: all of them together complete so many requests in a second of each. */
function moreSeconds(evidence: TargetEvidence, factor: number): string | null {
  const phases = evidence.rounds.flatMap((round) => round.phases.filter((phase) => !phase.warmUp));
  const perMs = phases.reduce((sum, { completed, elapsedMs }) => sum + (elapsedMs > 0 ? completed / elapsedMs : 0), 0);
  const seconds = Math.max(10, Math.ceil((factor * evidence.summary.completed) / perMs / 1e3));
  return seconds > secondsMax ? null : withOption(evidence, '--duration', `${seconds}s`);
}

/** A phase ends at its count, however long it may last. */
function moreRequests(evidence: TargetEvidence, factor: number): string | null {
  const { measuredMs, rounds } = evidence.summary;
  if ((factor * measuredMs) / rounds > secondsMax * 1e3) return null;
  const fields: Record<string, string> = {};
  for (const { phase, index } of measuredPhases(evidence.workload)) {
    if (phase.count !== null) fields[`phases[${index}].count`] = String(Math.ceil(phase.count * factor));
    if (phase.durationMs === null) continue;
    fields[`phases[${index}].duration`] = `${Math.ceil((phase.durationMs * factor) / 1e3)}s`;
  }
  return withFields(evidence, fields);
}

function removeKeys({ target, rounds, result }: TargetEvidence): string | null {
  const left = rounds.find(({ cleanup }) => isUnclean(cleanup));
  if (left === undefined) return null;
  return shellLine(removalCommand(left.prefix, target.endpoints, result.command));
}

/**
 * The same command on another shipped load: not on somebody's cluster, where more load is not ours to propose. Overrides
 * belong to the file they were given for; only a duration fits any.
 */
function otherWorkload({ result, target }: TargetEvidence, load: string | undefined): string | null {
  if (target.kind === 'endpoints') return null;
  const carried = result.overrides.every((override) => override.startsWith('--duration'));
  if (load === undefined || !carried) return null;
  const path = `${result.workloadFile.slice(0, result.workloadFile.lastIndexOf('/') + 1)}${load}.yaml`;
  return shellLine(result.command.map((word) => (word === result.workloadFile ? path : word)));
}

/** `s` of `workloads/s.yaml`; null for a file of the user's, beside which no other load may lie. */
function shippedLoad({ result: { workloadFile, workload } }: TargetEvidence): string | null {
  const load = /(?:^|\/)workloads\/(\w+)\.yaml$/.exec(workloadFile)?.[1] ?? '';
  return Object.hasOwn(heavier, load) && workload.description.endsWith(`: etcdctl check perf --load=${load}.`)
    ? load
    : null;
}

/** To two significant digits: 6,143 asks for 6100. */
function roundDown(rate: number): string {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, rate))) - 1);
  return String(Math.max(1, Math.floor(rate / unit) * unit));
}
