/** The renderers' input, made of a result the way the command makes it. */
import { curvesOf, summarizeRun } from '../../src/bench/run-summary.ts';
import type { RunResult } from '../../src/bench/result.ts';
import { judgeRun } from '../../src/checks/run-verdict.ts';
import type { ReportInput } from '../../src/report/report-input.ts';
import { sampleResult, type Scenario } from './sample-result.ts';

export function reportOf(result: RunResult): ReportInput {
  const summaries = summarizeRun(result);
  const verdict = judgeRun(result, summaries);
  return { result, verdict, summaries, curves: summaries.map((summary) => curvesOf(result, summary)) };
}

const made = new Map<Scenario, ReportInput>();

export function sampleReport(scenario: Scenario): ReportInput {
  const report = made.get(scenario) ?? reportOf(sampleResult(scenario));
  made.set(scenario, report);
  return report;
}

/** A result in which every name that comes from outside tries to be markup, script, style or a terminal command. */
export function hostileResult(): RunResult {
  const result = sampleResult('two-targets');
  const evil = `</script></style><script>alert(1)</script><img src=x onerror=alert(2)>"'\u0000\u001b[2J&amp;`;
  const name = (each: string): string => `${each}${evil}`;
  return {
    ...result,
    command: ['bench', evil],
    workloadFile: evil,
    overrides: [evil],
    workload: { ...result.workload, name: evil, description: evil },
    environment: {
      ...result.environment,
      hostname: evil,
      os: evil,
      kernel: evil,
      cpuModel: evil,
      virtualization: evil,
    },
    targets: result.targets.map((target) => ({
      ...target,
      name: name(target.name),
      endpoints: [evil],
      serverCommand: [evil],
      storage: { directory: evil, fileSystem: evil, device: evil },
    })),
    rounds: result.rounds.map((round) => ({
      ...round,
      target: name(round.target),
      prefix: evil,
      earlyEnd: { reason: 'failure', words: evil },
      phases: round.phases.map((phase) => ({ ...phase, name: evil, errors: { [evil]: 3 } })),
      server: {
        ...round.server,
        version: evil,
        series: [...round.server.series, { endpoint: evil, unavailable: evil, samples: [] }],
      },
    })),
    failure: { target: evil, round: 3, words: evil, exitCode: 6 },
    roundsAsked: 4,
    ratios: result.ratios.map((ratio) => ({ ...ratio, metric: evil, a: name(ratio.a), b: name(ratio.b) })),
  };
}
