import { describe, expect, it } from 'vitest';
import { LatencyRecorder } from '../../src/bench/histogram.ts';
import type { EncodedHistogram, PhaseResult, RunResult } from '../../src/bench/result.ts';
import { parseResult } from '../../src/bench/result-file.ts';
import { judgeRun } from '../../src/checks/run-verdict.ts';
import { sampleResult } from '../tools/sample-result.ts';

type Health = Partial<PhaseResult['generator']>;

/** Rounds of one measured phase of 10 s each, whose generator was well but for what is changed. */
function runOf(healths: readonly Health[], phase: Partial<PhaseResult> = {}): RunResult {
  const healthy = sampleResult('pass');
  const [round] = healthy.rounds;
  const measured = round!.phases[1]!;
  const rounds = healths.map((health) => {
    const generator = { ...measured.generator, eventLoopLagMsP99: 2.7, ...health };
    return { ...round!, phases: [{ ...measured, elapsedMs: 10_000, scheduledMs: 10_000, ...phase, generator }] };
  });
  return { ...healthy, rounds };
}

function run(health: Health, phase: Partial<PhaseResult> = {}): RunResult {
  return runOf([health], phase);
}

function hundredOf(ms: number): EncodedHistogram {
  const recorder = new LatencyRecorder();
  for (let i = 0; i < 100; i++) recorder.record(ms * 1e3);
  const encoded = recorder.encode();
  recorder.free();
  return encoded;
}

function lagOf(result: RunResult) {
  return judgeRun(result).targets[0]!.findings.find(({ id }) => id === 'event-loop-lag');
}

function judgedRate(result: RunResult, minRatePerSec: number) {
  return judgeRun({ ...result, workload: { ...result.workload, thresholds: { minRatePerSec } } });
}

/** 1,500/s. */
const closed = { model: 'closed', planned: 15_000, released: 15_000, completed: 15_000 } as const;
const noSlip = { scheduleSlip: null };

describe('stops of the generator', () => {
  it('are said, though they are no p99', () => {
    const { status, evidence } = lagOf(run({ stoodStillMs: 2510 }))!;
    expect(status).toBe('warn');
    expect(evidence).toContain('stood still for 2.51 s of a round');
  });

  it('are nothing when they are short', () => {
    expect(lagOf(run({ stoodStillMs: 99 }))).toMatchObject({ status: 'pass' });
  });

  it.each([
    { what: 'a closed loop that would have been fast enough', model: 'closed', completed: 15_000, verdict: 'INVALID' },
    { what: 'a closed loop that would not', model: 'closed', completed: 14_000, verdict: 'FAIL' },
    { what: 'an open loop, which catches up', model: 'open', completed: 15_000, verdict: 'FAIL' },
  ] as const)('make a rate too low: $what is $verdict', ({ model, completed, verdict }) => {
    const result = run({ stoodStillMs: 2510 }, { model, planned: completed, released: completed, completed });
    const judged = judgedRate(result, 2000);
    expect(judged.verdict).toBe(verdict);
    expect(judged.cause).toContain("because the generator's threads stood still for 2.51 s");
  });

  it('count in all, however short each was', () => {
    const many = { ...noSlip, eventLoopLagMsMax: 30, stoodStillMs: 1000 };
    const { verdict, cause } = judgedRate(run(many, closed), 1600);
    expect(verdict).toBe('INVALID');
    expect(cause).toContain('stood still for 1 s');
  });

  it('count below one in a hundred, and are not called too much to send', () => {
    const few = { ...noSlip, eventLoopLagMsMax: 50, stoodStillMs: 50 };
    const { verdict, cause } = judgedRate(run(few, closed), 1505);
    expect(verdict).toBe('INVALID');
    expect(cause).toContain("because the generator's threads stood still for 50 ms");
    expect(judgedRate(run(few, closed), 1510).verdict).toBe('FAIL');
  });

  it('count in each round by itself', () => {
    const [well, stopped] = [{ ...noSlip }, { ...noSlip, stoodStillMs: 1000 }];
    expect(judgedRate(runOf([stopped, stopped, well], closed), 1600).verdict).toBe('INVALID');
    expect(judgedRate(runOf([stopped, well, well], closed), 1600).verdict).toBe('FAIL');
  });

  it('explain what was not sent', () => {
    const { cause, verdict } = judgeRun(run({ stoodStillMs: 1010 }, { planned: 5000, released: 4500 }));
    expect(verdict).toBe('INVALID');
    expect(cause).toContain("because the generator's threads stood still for 1.01 s");
  });

  it.each([
    { slipMs: 70, why: /because the generator's threads stood still for 70 ms/ },
    { slipMs: 300, why: /asked for more than it can send/ },
  ])('of 71 ms at most explain a slip of $slipMs ms or not', ({ slipMs, why }) => {
    const stopped = { eventLoopLagMsMax: 71, stoodStillMs: 70, scheduleSlip: hundredOf(slipMs) };
    const result = run(stopped, { latency: hundredOf(310), fromRelease: hundredOf(10) });
    const thresholds = { maxLatencyMs: 300 };
    const { verdict, cause } = judgeRun({ ...result, workload: { ...result.workload, thresholds } });
    expect(verdict).toBe('INVALID');
    expect(cause).toMatch(why);
  });
});

describe('in a result of format 1 the longest stop is all that is known', () => {
  it.each([
    { longestMs: 2510, verdict: 'INVALID' },
    { longestMs: 99, verdict: 'FAIL' },
  ])('$longestMs ms: $verdict', ({ longestMs, verdict }) => {
    const result = run({ ...noSlip, eventLoopLagMsMax: longestMs }, closed);
    const rounds = result.rounds.map((round) => ({ ...round, stoppedBecause: null }));
    const old = JSON.stringify({ ...result, rounds, formatVersion: 1 }, (key, value: unknown) =>
      key === 'stoodStillMs' || key === 'earlyEnd' ? undefined : value,
    );
    expect(judgedRate(parseResult(old, 'x'), 1510).verdict).toBe(verdict);
  });
});
