/**
 * What every renderer of this room takes: the measurements, the judgement, and the figures that both share. The caller
 * computes the last two (`summarizeRun`, `curvesOf` in bench), because this room decodes no histograms.
 */
import type { RunResult } from '../bench/result.ts';
import type { TargetCurves, TargetSummary } from '../bench/run-summary.ts';
import type { RunVerdict } from '../checks/verdict.ts';

/** A whole run, measured and judged. */
export interface ReportInput {
  readonly result: RunResult;
  readonly verdict: RunVerdict;
  /** One per target, in the order of `result.targets`. */
  readonly summaries: readonly TargetSummary[];
  readonly curves: readonly TargetCurves[];
}
