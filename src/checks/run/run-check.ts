/**
 * A check on the evidence of one target's run. It says what it saw; the verdict asks the checks, in their order, which
 * of them explains a failure. None of them fails a run by itself: that is for the workload's thresholds alone.
 */
import { messageOf } from '../../base/failure.ts';
import type { Environment, RoundResult, TargetInfo } from '../../bench/result.ts';
import type { TargetSummary } from '../../bench/run-summary.ts';
import type { Workload } from '../../bench/workload.ts';
import type { Finding, FindingStatus } from '../finding.ts';

/** What a check may look at. */
export interface RunEvidence {
  readonly target: TargetInfo;
  readonly summary: TargetSummary;
  readonly workload: Workload;
  readonly environment: Environment;
  readonly rounds: readonly RoundResult[];
}

/** A named judgement of the evidence. */
export interface RunCheck {
  /** Equals the file's name. */
  readonly id: string;
  /** What is true when the check passes. */
  readonly title: string;
  /** The bound and where it comes from. */
  readonly threshold: string;
  /** Why anybody should care: the consequence. */
  readonly why: string;
  judge(evidence: RunEvidence): Judgement;
}

/** What a check says; the rest of its finding is in the check itself. */
export interface Judgement {
  readonly status: FindingStatus;
  readonly evidence: string;
  readonly remedy?: string;
  /** How it made the run slow, as a clause that follows "because"; absent when it explains nothing. */
  readonly cause?: string;
}

/** A finding, and the clause by which it would explain a failure. */
export interface CheckedFinding {
  readonly finding: Finding;
  readonly cause: string | null;
}

/** A check that breaks is an `error`, never a pass. */
export function runCheck(check: RunCheck, evidence: RunEvidence): CheckedFinding {
  const judgement = judged(check, evidence);
  return {
    finding: {
      id: check.id,
      title: check.title,
      status: judgement.status,
      evidence: judgement.evidence,
      threshold: check.threshold,
      remedy: judgement.remedy ?? null,
    },
    cause: judgement.cause ?? null,
  };
}

/** The evidence is not there: said, and never taken for good news. */
export function skipped(why: string): Judgement {
  return { status: 'skip', evidence: why };
}

function judged(check: RunCheck, evidence: RunEvidence): Judgement {
  try {
    return check.judge(evidence);
  } catch (thrown) {
    return { status: 'error', evidence: `the check broke: ${messageOf(thrown)}` };
  }
}
