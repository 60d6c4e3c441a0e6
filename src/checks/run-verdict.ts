/**
 * The verdict of a run: a pure function of its result document.
 *
 * The workload's thresholds decide, over all phases that are no warm-up. Before a FAIL can stand the generator must be
 * cleared: slip only ever makes latency look worse, so a PASS stands despite it, while a FAIL that slip alone explains is
 * INVALID, and so is any run whose load was not the one that was planned. What the checks saw beside that (disk, steal,
 * pauses, lag) explains, and triggers nothing.
 */
import { ExitCode } from '../base/failure.ts';
import type { RoundResult, RunResult, TargetInfo } from '../bench/result.ts';
import { summarizeRun, type TargetSummary } from '../bench/run-summary.ts';
import { compareTargets } from './run/comparison.ts';
import { nextCommand } from './run/next-command.ts';
import { lostRounds } from './run/lost-rounds.ts';
import { runChecks } from './run/index.ts';
import { oldToolLines } from './run/old-tool.ts';
import { runCheck, type CheckedFinding } from './run/run-check.ts';
import { judgeThresholds } from './run/thresholds.ts';
import { causeOf, decide, type TargetEvidence } from './run/decision.ts';
import { verdictFormatVersion, type RunVerdict, type TargetVerdict, type VerdictWord } from './verdict.ts';

/** Worst first: the first that any target has is the run's (docs/exit-codes.md). */
const byPrecedence: readonly (readonly [word: VerdictWord, exitCode: number])[] = [
  ['INTERRUPTED', ExitCode.interrupted],
  ['CLEANUP FAILED', ExitCode.cleanupFailed],
  ['INVALID', ExitCode.invalid],
  ['FAIL', ExitCode.fail],
  ['INCONCLUSIVE', ExitCode.inconclusive],
  ['PASS', ExitCode.pass],
];

/** `summaries` are those of this result, when the caller has them already. */
export function judgeRun(result: RunResult, summaries: readonly TargetSummary[] = summarizeRun(result)): RunVerdict {
  const evidence = result.targets.map((target, i) => gatherEvidence(result, target, summaries[i]!));
  const targets = evidence.map(judgeTarget);
  const [word, code] = worstOf(targets);
  const decisive = targets.findIndex((target) => target.verdict === word);
  const comparison = compareTargets(result);
  return {
    formatVersion: verdictFormatVersion,
    verdict: word,
    cause: causeOfRun(evidence, targets, comparison),
    exitCode: exitCodeOf(code, result),
    comparison,
    targets,
    next: decisive === -1 ? null : nextCommand(word, evidence[decisive]!),
  };
}

function gatherEvidence(result: RunResult, target: TargetInfo, summary: TargetSummary): TargetEvidence {
  const rounds = roundsOf(result, target);
  const seen = { target, summary, rounds, workload: result.workload, environment: result.environment };
  const thresholds = judgeThresholds(result.workload.thresholds, summary);
  const checked: readonly CheckedFinding[] = runChecks.map((check) => runCheck(check, seen));
  return { ...seen, result, thresholds, checked };
}

function judgeTarget(evidence: TargetEvidence): TargetVerdict {
  const { verdict, parts } = decide(evidence);
  return {
    target: evidence.target.name,
    verdict,
    cause: causeOf(parts),
    parts,
    findings: [...evidence.thresholds, ...evidence.checked].map((each) => each.finding),
    oldTool: oldToolLines(evidence.workload.thresholds, evidence.summary),
  };
}

function roundsOf(result: RunResult, target: TargetInfo): readonly RoundResult[] {
  return result.rounds.filter((round) => round.target === target.name);
}

function worstOf(targets: readonly TargetVerdict[]): readonly [VerdictWord, number] {
  const present = byPrecedence.find(([word]) => targets.some((target) => target.verdict === word));
  return present ?? ['INCONCLUSIVE', ExitCode.inconclusive];
}

/** What broke the run off has a code of its own, between keys left behind and what was measured. */
function exitCodeOf(code: number, { failure }: RunResult): number {
  const comesFirst = code === ExitCode.interrupted || code === ExitCode.cleanupFailed;
  return failure === null || comesFirst ? code : failure.exitCode;
}

/** One target speaks for itself; of several, how they compare, then those that decided or lost a round, by name. */
function causeOfRun(
  evidence: readonly TargetEvidence[],
  targets: readonly TargetVerdict[],
  comparison: string | null,
): string {
  const [word] = worstOf(targets);
  const decisive = targets.filter((target, i) => target.verdict === word || lostRounds(evidence[i]!) !== null);
  if (decisive.length === 0) return 'no target was measured';
  if (targets.length === 1) return decisive[0]!.cause;
  const causes = decisive.map((target) => `${target.target}: ${target.cause}`);
  return [...(comparison === null ? [] : [comparison]), ...causes].join('. ');
}
