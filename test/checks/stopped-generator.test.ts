import { describe, expect, it } from 'vitest';
import type { PhaseResult, RunResult } from '../../src/bench/result.ts';
import { judgeRun } from '../../src/checks/run-verdict.ts';
import { sampleResult } from '../tools/sample-result.ts';

/** A run of one measured phase of 10 s whose generator was well but for what is changed. */
function run(generator: Partial<PhaseResult['generator']>, phase: Partial<PhaseResult> = {}): RunResult {
  const healthy = sampleResult('pass');
  const [round] = healthy.rounds;
  const measured = round!.phases[1]!;
  const health = { ...measured.generator, eventLoopLagMsP99: 2.7, ...generator };
  const phases = [{ ...measured, elapsedMs: 10_000, scheduledMs: 10_000, ...phase, generator: health }];
  return { ...healthy, rounds: [{ ...round!, phases }] };
}

function lagOf(result: RunResult) {
  return judgeRun(result).targets[0]!.findings.find(({ id }) => id === 'event-loop-lag');
}

describe('one long stop of the generator', () => {
  it('is said, though it is no p99', () => {
    expect(lagOf(run({ eventLoopLagMsMax: 2510 }))).toMatchObject({ status: 'warn', evidence: /at most 2.51 s/ });
  });

  it('is nothing when it is short', () => {
    expect(lagOf(run({ eventLoopLagMsMax: 99 }))).toMatchObject({ status: 'pass' });
  });

  it.each([
    { what: 'a closed loop that would have been fast enough', model: 'closed', completed: 15_000, verdict: 'INVALID' },
    { what: 'a closed loop that would not', model: 'closed', completed: 14_000, verdict: 'FAIL' },
    { what: 'an open loop, which catches up', model: 'open', completed: 15_000, verdict: 'FAIL' },
  ] as const)('makes a rate too low: $what is $verdict', ({ model, completed, verdict }) => {
    const result = run({ eventLoopLagMsMax: 2510 }, { model, planned: completed, released: completed, completed });
    const judged = judgeRun({ ...result, workload: { ...result.workload, thresholds: { minRatePerSec: 2000 } } });
    expect(judged.verdict).toBe(verdict);
    expect(judged.cause).toContain("because the generator's threads stood still for 2.51 s");
  });

  it('explains what was not sent', () => {
    const { cause, verdict } = judgeRun(run({ eventLoopLagMsMax: 1010 }, { planned: 5000, released: 4500 }));
    expect(verdict).toBe('INVALID');
    expect(cause).toContain("because the generator's threads stood still for 1.01 s");
  });
});
