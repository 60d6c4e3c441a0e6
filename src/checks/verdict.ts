/** The judgement of a run (`verdict.json`), beside the measurements it was made from. */
import type { Finding } from './finding.ts';

export const verdictFormatVersion = 1;

/** INVALID: the generator or the machine spoiled it. INCONCLUSIVE: the evidence does not decide. */
export type VerdictWord = 'PASS' | 'FAIL' | 'INVALID' | 'INCONCLUSIVE' | 'INTERRUPTED' | 'CLEANUP FAILED';

export interface CauseParts {
  /** What was seen: "p99 is 812 ms, 100 ms allowed". */
  readonly what: string;
  /** What explains it: "because the WAL's fsync p99 is 38 ms …"; null when there is nothing to explain. */
  readonly why: string | null;
  /** Where it was seen: the disk under the data, and whether the host was shared; null when neither is known. */
  readonly where: string | null;
}

export interface TargetVerdict {
  readonly target: string;
  readonly verdict: VerdictWord;
  /** In words, one sentence with figures: why this verdict. */
  readonly cause: string;
  /** What `cause` is made of, for a page that sets the parts apart. */
  readonly parts: CauseParts;
  /** Thresholds, generator health, steal, lag, disk: each with its evidence. */
  readonly findings: readonly Finding[];
  /** What etcdctl's `check perf` would have printed from the same run, line by line; empty when it has no rate to judge. */
  readonly oldTool: readonly string[];
}

export interface RunVerdict {
  readonly formatVersion: number;
  /** The worst over all targets, by the exit codes' order. */
  readonly verdict: VerdictWord;
  readonly cause: string;
  /** What `bench run` ended with: the verdict's own, unless something broke the run off (docs/exit-codes.md). */
  readonly exitCode: number;
  /** How the first target compares with each other one, in words; null with one target. */
  readonly comparison: string | null;
  readonly targets: readonly TargetVerdict[];
  /** The command to type next, or null. */
  readonly next: string | null;
}
