/** From a result to its judgement, its report and what is printed: shared by `bench run` and `bench report`. */
import { join } from 'node:path';
import { jsonSummary } from '../bench/json-summary.ts';
import type { ExperimentOutcome } from '../bench/experiment.ts';
import { ratiosOf } from '../bench/ratios.ts';
import { formatVersion, type RunFailure, type RunResult } from '../bench/result.ts';
import { writeResult } from '../bench/result-file.ts';
import { writeFileWhole } from '../bench/run-directory.ts';
import { curvesOf, summarizeRun } from '../bench/run-summary.ts';
import { judgeRun } from '../checks/run-verdict.ts';
import { renderText } from '../report/text.ts';
import { environment } from '../metrics/fingerprint.ts';
import { columnsOf } from './output.ts';
import { repeatingCommand } from './repeating-command.ts';
import type { Run } from './run-command.ts';
import { overridesAsGiven } from './run-options.ts';
import { toolName, toolVersion } from './tool-version.ts';

/** On a machine that hangs, the result matters more than its processor's name. */
const fingerprintMs = 3_000;
/** Lines longer than this are hard to read. */
const textWidthMax = 120;

/** Writes result.json, then what can be made from it again, then prints. Answers the exit code. */
export async function finishRun(run: Run, outcome: ExperimentOutcome, interrupted: string | null): Promise<number> {
  const result = await resultOf(run, outcome, interrupted);
  await writeResult(run.directory, result);
  return judgeAndRender(result, run.directory, run.options.json);
}

async function resultOf(run: Run, outcome: ExperimentOutcome, interrupted: string | null): Promise<RunResult> {
  const { targets, rounds, failure } = outcome;
  return {
    formatVersion,
    tool: { name: toolName, version: toolVersion() },
    startedAt: run.startedAt.toISOString(),
    endedAt: new Date().toISOString(),
    command: repeatingCommand(run.words, process.env['npm_command']),
    workload: run.workload,
    workloadFile: run.options.workloadFile,
    overrides: overridesAsGiven(run.options.overrides),
    // After the load and not beside it: this starts a dozen short processes.
    environment: await environment(fingerprintMs),
    targets,
    rounds,
    roundsAsked: run.options.rounds,
    failure: failure === null || interrupted !== null ? null : withoutCause(failure),
    ratios: ratiosOf(
      targets.map((target) => target.name),
      rounds,
    ),
    interrupted,
  };
}

function withoutCause({ target, round, words, exitCode }: RunFailure): RunFailure {
  return { target, round, words, exitCode };
}

/** Writes verdict.json and report.html; prints the verdict, or with `json` the one summary object. */
export async function judgeAndRender(result: RunResult, directory: string, json: boolean): Promise<number> {
  const summaries = summarizeRun(result);
  const verdict = judgeRun(result, summaries);
  const input = { result, verdict, summaries, curves: summaries.map((summary) => curvesOf(result, summary)) };
  await writeFileWhole(join(directory, 'verdict.json'), `${JSON.stringify(verdict, null, 2)}\n`);
  if (!json) process.stdout.write(renderText(input, { width: Math.min(columnsOf(process.stdout, 100), textWidthMax) }));
  const report = join(directory, 'report.html');
  const { renderHtml } = await import('../report/html.ts'); // brings the chart library: half a second, after the verdict
  await writeFileWhole(report, renderHtml(input));
  const summary = jsonSummary(result, summaries, verdict, directory);
  process.stdout.write(json ? `${JSON.stringify(summary)}\n` : `report: ${report}\n`);
  return verdict.exitCode;
}
