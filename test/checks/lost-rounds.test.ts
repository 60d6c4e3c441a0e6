/** A run that ended before its last round, or never reached one of its targets: what it says, and with which code. */
import { describe, expect, it } from 'vitest';
import { jsonSummary } from '../../src/bench/json-summary.ts';
import type { EarlyEnd, RoundResult, RunFailure, RunResult } from '../../src/bench/result.ts';
import { summarizeRun } from '../../src/bench/run-summary.ts';
import { judgeRun } from '../../src/checks/run-verdict.ts';
import { renderHtml } from '../../src/report/html.ts';
import { renderText } from '../../src/report/text.ts';
import { reportOf } from '../tools/sample-report.ts';
import { sampleResult } from '../tools/sample-result.ts';

const one = sampleResult('pass');
const target = one.targets[0]!.name;
const two = sampleResult('two-targets');
const [a, b] = two.targets.map(({ name }) => name) as [string, string];
const words = 'the etcd that was started ended with code 1: boom';
const failure: RunFailure = { target, round: 1, words, exitCode: 6 };

/** The one round of three that ran, of a run that `failure` ended. */
const cut: RunResult = { ...one, roundsAsked: 3, failure };
const withRound = (change: Partial<RoundResult>): RunResult => ({ ...cut, rounds: [{ ...one.rounds[0]!, ...change }] });
const endedBy = (reason: EarlyEnd['reason'], why: string): RunResult => withRound({ earlyEnd: { reason, words: why } });

describe('one target', () => {
  it('of which all rounds ran is a PASS', () => expect(judgeRun(one)).toMatchObject({ verdict: 'PASS', exitCode: 0 }));

  it('that lost rounds is INCONCLUSIVE, says why, and has the code of the failure', () => {
    const verdict = judgeRun(cut);
    expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE', exitCode: 6, next: null });
    expect(verdict.cause).toMatch(`1 of 3 rounds ran: ${words}; data on`);
  });

  it('that lost rounds for a reason that its file does not know is no PASS either', () => {
    const verdict = judgeRun({ ...cut, failure: null });
    expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE', exitCode: 4 });
    expect(verdict.cause).toMatch(/^1 of 3 rounds ran; data on/);
  });

  it('that failed in what was measured is a FAIL still, and says that the rest is missing', () => {
    const verdict = judgeRun({ ...cut, workload: { ...one.workload, thresholds: { maxP99Ms: 0.001 } } });
    expect(verdict).toMatchObject({ verdict: 'FAIL', exitCode: 6, next: null });
    expect(verdict.cause).toContain(`; 1 of 3 rounds ran: ${words}`);
  });

  it('that was interrupted says how far it came', () => {
    const verdict = judgeRun({ ...cut, failure: null, interrupted: 'SIGINT' });
    expect(verdict).toMatchObject({ verdict: 'INTERRUPTED', exitCode: 130 });
    expect(verdict.cause).toBe('stopped by SIGINT; no key of the run is left; 1 of 3 rounds ran');
  });

  it('that has keys left behind says so first', () => {
    const verdict = judgeRun(withRound({ cleanup: { keysRemoved: 0, keysLeft: 1, tookMs: 1, error: null } }));
    expect(verdict).toMatchObject({ verdict: 'CLEANUP FAILED', exitCode: 5 });
    expect(verdict.cause).toContain(`the load itself: INCONCLUSIVE, 1 of 3 rounds ran: ${words}`);
  });

  it('whose load was broken off says once what did it', () => {
    const verdict = judgeRun({ ...endedBy('failure', words), failure: { ...failure, round: 0 } });
    expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE', exitCode: 6 });
    expect(verdict.cause).toMatch(`the load was broken off: ${words}; 1 of 3 rounds ran; data on`);
  });
});

describe('a generator that broke', () => {
  const broke = 'the load generator broke: x is not a function';
  it.each([
    { what: 'after a load', phases: one.rounds[0]!.phases },
    { what: 'before a load', phases: [] },
  ])('$what is INVALID, in word and code', ({ phases }) => {
    const result = endedBy('generator-broke', broke);
    const rounds = result.rounds.map((round) => ({ ...round, phases }));
    const verdict = judgeRun({ ...result, rounds, failure: { target, round: 0, words: broke, exitCode: 3 } });
    expect(verdict).toMatchObject({ verdict: 'INVALID', exitCode: 3, next: null });
    expect(verdict.cause).toBe(`${broke}; 1 of 3 rounds ran`);
  });
});

describe('of two targets', () => {
  const rounds = two.rounds.filter((round) => round.target === a).slice(0, 1);
  const never: RunResult = { ...two, rounds, ratios: [], roundsAsked: 1, failure: { ...failure, target: b, round: 0 } };

  it('the one that never started is there, and not measured', () => {
    const verdict = judgeRun(never);
    expect(verdict.targets.map((each) => each.verdict)).toEqual(['PASS', 'INCONCLUSIVE']);
    expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE', exitCode: 6 });
    expect(verdict.cause).toMatch(`${b}: nothing was measured: ${words}`);
  });

  it('it is in every form of the report', () => {
    const summaries = summarizeRun(never);
    const summary = jsonSummary(never, summaries, judgeRun(never), '');
    expect(summary).toMatchObject({ verdict: 'INCONCLUSIVE', rounds: 1, roundsAsked: 1 });
    expect(summary.targets).toMatchObject([
      { name: a, verdict: 'PASS', rounds: 1 },
      { name: b, verdict: 'INCONCLUSIVE', rounds: 0, achievedPerSec: null },
    ]);
    expect(renderText(reportOf(never))).toMatch(new RegExp(`^${b} +–`, 'm'));
    const page = renderHtml(reportOf(never));
    expect(page).toContain(`Nothing was measured: ${words}.`);
    expect(page).toContain(`in 1 round of ${a}, 0 of 1 round of ${b}`);
  });

  it('neither passes when one of them ended the run, and a FAIL does not hide it', () => {
    const both = two.rounds.slice(0, 2);
    const result = { ...two, rounds: both, roundsAsked: 2, failure: { ...failure, target: b } };
    const verdict = judgeRun(result);
    expect(verdict.targets.map((each) => each.cause)).toEqual([
      expect.stringContaining(`1 of 2 rounds ran: ${b}: ${words}`),
      expect.stringContaining(`1 of 2 rounds ran: ${words}`),
    ]);
    expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE', exitCode: 6 });
    const failed = judgeRun({ ...never, workload: { ...two.workload, thresholds: { maxP99Ms: 0.001 } } });
    expect(failed).toMatchObject({ verdict: 'FAIL', exitCode: 6 });
    expect(failed.cause).toMatch(`${b}: nothing was measured: ${words}`);
  });
});
