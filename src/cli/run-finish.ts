/** From a result to its judgement, its report and what is printed: shared by `bench run` and `bench report`. */
import { join } from 'node:path';
import { jsonSummary } from '../bench/json-summary.ts';
import type { RunResult } from '../bench/result.ts';
import { writeResult } from '../bench/result-file.ts';
import { writeFileWhole } from '../bench/run-directory.ts';
import { curvesOf, summarizeRun } from '../bench/run-summary.ts';
import { judgeRun } from '../checks/run-verdict.ts';
import type { ReportInput } from '../report/report-input.ts';
import { renderText } from '../report/text.ts';

export interface FinishedRun {
  readonly exitCode: number;
}

/** Writes result.json, then what can be made from it again, then prints. */
export async function finishRun(result: RunResult, directory: string, json: boolean): Promise<FinishedRun> {
  await writeResult(directory, result);
  return judgeAndRender(result, directory, json);
}

/** Writes verdict.json and report.html; prints the verdict, or with `json` the one summary object. */
export async function judgeAndRender(result: RunResult, directory: string, json: boolean): Promise<FinishedRun> {
  const summaries = summarizeRun(result);
  const verdict = judgeRun(result, summaries);
  await writeFileWhole(join(directory, 'verdict.json'), `${JSON.stringify(verdict, null, 2)}\n`);
  const report = join(directory, 'report.html');
  const input: ReportInput = {
    result,
    verdict,
    summaries,
    curves: summaries.map((summary) => curvesOf(result, summary)),
  };
  if (json) {
    process.stdout.write(`${JSON.stringify(jsonSummary(result, summaries, verdict, directory))}\n`);
  } else {
    process.stdout.write(`${renderText(input, { width: process.stdout.columns ?? 100 })}report: ${report}\n`);
  }
  return { exitCode: verdict.exitCode };
}
