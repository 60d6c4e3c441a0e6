import { describe, expect, it } from 'vitest';
import { LatencyRecorder } from '../../src/bench/histogram.ts';
import { percentileCurve } from '../../src/bench/percentile-curve.ts';
import type { EncodedHistogram, PhaseResult, RoundResult, RunResult, ServerSample } from '../../src/bench/result.ts';
import { curvesOf, summarizeRun } from '../../src/bench/run-summary.ts';
import { increments } from '../../src/bench/server-summary.ts';
import { sampleResult } from '../tools/sample-result.ts';

const base = sampleResult('pass');
const [round] = base.rounds;
const phase = round!.phases[1]!;

function histogram(...valuesMs: readonly number[]): EncodedHistogram {
  const recorder = new LatencyRecorder();
  for (const ms of valuesMs) recorder.record(ms * 1e3);
  const encoded = recorder.encode();
  recorder.free();
  return encoded;
}

function run(...rounds: readonly Partial<RoundResult>[]): RunResult {
  return { ...base, rounds: rounds.map((changes, at) => ({ ...round!, round: at, phases: [phase], ...changes })) };
}

function phases(...changes: readonly Partial<PhaseResult>[]): Partial<RoundResult> {
  return { phases: changes.map((each) => ({ ...phase, ...each })) };
}

const perSec = (completed: number): Partial<PhaseResult> => ({
  completed,
  elapsedMs: 10_000,
  planned: completed + 100,
  scheduledMs: 10_000,
});

describe('a summary', () => {
  it('takes the median of the rounds for rates', () => {
    const [summary] = summarizeRun(run(phases(perSec(100)), phases(perSec(900)), phases(perSec(200))));
    expect(summary).toMatchObject({
      rounds: 3,
      achievedPerSec: 20,
      offeredPerSec: 30,
      completed: 1200,
      measuredMs: 30_000,
    });
  });

  it('merges latencies instead of averaging percentiles', () => {
    const [summary] = summarizeRun(run(phases({ latency: histogram(1, 1, 1) }), phases({ latency: histogram(100) })));
    expect(summary!.latency.summary).toMatchObject({ p50: 1, max: 100 });
    expect(summary!.latency.count).toBe(4);
  });

  it('leaves warm-ups out of everything', () => {
    const warmUp = { warmUp: true, completed: 9e9, errors: { Unavailable: 7 }, latency: histogram(50_000) };
    const [summary] = summarizeRun(run(phases(warmUp, { latency: histogram(2) })));
    expect(summary).toMatchObject({ completed: phase.completed, errors: 0 });
    expect(summary!.latency.summary.max).toBe(2);
  });

  it('adds errors by code, the most frequent first', () => {
    const [summary] = summarizeRun(
      run(phases({ completed: 90, errors: { A: 1, B: 4 } }, { completed: 0, errors: { A: 5 } })),
    );
    expect(Object.entries(summary!.errorsByCode)).toEqual([
      ['A', 6],
      ['B', 4],
    ]);
    expect(summary).toMatchObject({ errors: 10, errorFraction: 0.1 });
  });

  it.each([
    { models: ['open'] as const, model: 'open', offered: true, behind: true },
    { models: ['closed'] as const, model: 'closed', offered: false, behind: false },
    { models: ['open', 'closed'] as const, model: 'mixed', offered: true, behind: true },
  ])('of $models is $model', ({ models, model, offered, behind }) => {
    const [summary] = summarizeRun(run(phases(...models.map((each) => ({ model: each })))));
    expect(summary!.model).toBe(model);
    expect(summary!.offeredPerSec !== null).toBe(offered);
    expect(summary!.generator.behindFraction !== null).toBe(behind);
  });

  it('of no round knows nothing, and says so with null', () => {
    const [summary] = summarizeRun({ ...base, rounds: [] });
    expect(summary).toMatchObject({
      rounds: 0,
      achievedPerSec: null,
      offeredPerSec: null,
      errorFraction: null,
      completed: 0,
    });
    expect(curvesOf(base, summary!)).toMatchObject({ latency: [], service: [] });
  });
});

describe('the shown round', () => {
  it('is the one closest to the median rate', () => {
    const result = run(phases(perSec(100)), phases(perSec(900)), phases(perSec(200)));
    expect(curvesOf(result, summarizeRun(result)[0]!).shownRound).toBe(2);
  });
});

describe('server metrics', () => {
  const sample = round!.server.series[0]!.samples[3]!;
  const scraped = (samples: readonly Partial<ServerSample>[]): Partial<RoundResult> => ({
    ...phases({ offsetMs: 1000, elapsedMs: 3000 }),
    server: {
      ...round!.server,
      series: [
        {
          endpoint: 'e',
          unavailable: null,
          samples: samples.map((each, i) => ({ ...sample, atMs: i * 1000, ...each })),
        },
      ],
    },
  });

  it('count only while requests were measured', () => {
    const [summary] = summarizeRun(run(scraped([0, 5, 7, 9, 9].map((walFsyncP99Ms) => ({ walFsyncP99Ms })))));
    expect(summary!.server.walFsyncP99Ms).toEqual({ median: 9, max: 9, samples: 3 });
  });

  it.each([
    { what: 'before the window', totals: [3, 4, 4, 4, 4, 4], changes: 0 },
    { what: 'at its start, against the scrape before it', totals: [3, 3, 4, 4, 4, 4], changes: 1 },
    { what: 'in the drain', totals: [3, 3, 3, 3, 3, 5], changes: 2 },
    { what: 'not counted while it was measured', totals: [3, 3, null, null, null, null], changes: null },
    { what: 'never counted', totals: [null, null, null], changes: null },
  ])('elections $what: $changes', ({ totals, changes }) => {
    const [summary] = summarizeRun(run(scraped(totals.map((leaderChangesTotal) => ({ leaderChangesTotal })))));
    expect(summary!.server.leaderChanges).toBe(changes);
  });

  /** Half a second from 100 ms on. */
  const short = (samples: readonly Partial<ServerSample>[]): RunResult =>
    run({ ...scraped(samples), ...phases({ offsetMs: 100, elapsedMs: 500 }) });

  it('are known of a run that lies between two scrapes', () => {
    const [summary] = summarizeRun(
      short([
        { atMs: 80, leaderChangesTotal: 1, walFsyncP99Ms: null },
        { atMs: 610, leaderChangesTotal: 2, walFsyncP99Ms: 7, hasLeader: false },
      ]),
    );
    const walFsyncP99Ms = { median: 7, max: 7, samples: 1 };
    expect(summary!.server).toMatchObject({ leaderChanges: 1, lostLeader: true, walFsyncP99Ms });
  });

  it('know no change from a single scrape', () => {
    expect(summarizeRun(short([{ atMs: 610 }]))[0]!.server.leaderChanges).toBeNull();
  });

  it('leave out a warm-up between two measured phases', () => {
    const open = { offsetMs: 0, elapsedMs: 1900 };
    const between = { warmUp: true, offsetMs: 2000, elapsedMs: 1900 };
    const last = { offsetMs: 4000, elapsedMs: 1900 };
    const totals = [1, 1, 1, 2, 2, 2, 2].map((leaderChangesTotal) => ({ leaderChangesTotal }));
    const [summary] = summarizeRun(run({ ...scraped(totals), ...phases(open, between, last) }));
    expect(summary!.server.leaderChanges).toBe(0);
  });

  it('take no unknown round for one without a change', () => {
    const known = scraped([1, 1, 1, 1].map((leaderChangesTotal) => ({ leaderChangesTotal })));
    const unknown = scraped([]);
    expect(summarizeRun(run(known, unknown))[0]!.server.leaderChanges).toBeNull();
    const changed = scraped([1, 1, 2, 2].map((leaderChangesTotal) => ({ leaderChangesTotal })));
    expect(summarizeRun(run(changed, unknown))[0]!.server.leaderChanges).toBe(1);
  });

  it.each([
    { totals: [1, 1, 3], steps: [[2000, 2]] },
    { totals: [5, 0, 1], steps: [[2000, 1]] }, // a restart starts the counter anew
    { totals: [1, null, 2], steps: [[2000, 1]] },
    { totals: [null, null], steps: [] },
  ])('count $totals as $steps', ({ totals, steps }) => {
    const samples = totals.map((leaderChangesTotal, i) => ({ ...sample, atMs: i * 1000, leaderChangesTotal }));
    expect(increments(samples, 'leaderChangesTotal').map(({ toMs, by }) => [toMs, by])).toEqual(steps);
  });
});

describe('a percentile curve', () => {
  it('rises to the largest value, at one request of all', () => {
    const curve = percentileCurve(histogram(...Array.from({ length: 1000 }, (_, i) => i + 1)));
    expect(curve[0]!.oneIn).toBe(1);
    expect(curve.at(-1)).toEqual({ oneIn: 1000, ms: 1000 });
    for (const [i, point] of curve.entries()) {
      if (i > 0) expect(point.ms).toBeGreaterThanOrEqual(curve[i - 1]!.ms);
    }
    const p90 = curve.find((point) => Math.abs(point.oneIn - 10) < 1e-9);
    expect(Math.abs(p90!.ms - 900)).toBeLessThanOrEqual(1);
  });

  it.each([
    { values: [], points: 0 },
    { values: [7], points: 1 },
  ])('of $values has $points points', ({ values, points }) =>
    expect(percentileCurve(histogram(...values))).toHaveLength(points),
  );
});
