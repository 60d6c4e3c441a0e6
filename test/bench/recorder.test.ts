import { describe, expect, it } from 'vitest';
import { mergeHistograms } from '../../src/bench/histogram.ts';
import { PhaseRecorder } from '../../src/bench/recorder.ts';
import { mergeTimelines } from '../../src/bench/timeline.ts';
import { Code } from '../../src/wire/status.ts';

const put = 0;
const range = 1;

describe('a recorder', () => {
  it('keeps latency, time from release and service time apart, per operation', () => {
    const recorder = new PhaseRecorder(false, ['put', 'range']);
    recorder.released(0, 250);
    recorder.released(10, 0.2);
    recorder.ended(put, Code.OK, 5_000, 4_000, 3_000, 2_000);
    recorder.ended(range, Code.OK, 6_000, 1_000, 900, 800);
    const report = recorder.report();
    expect(report.completed).toBe(2);
    expect(
      report.operations.map(({ op, completed, latency, service }) => [
        op,
        completed,
        latency.summary.max,
        service.summary.max,
      ]),
    ).toEqual([
      ['put', 1, 4, 2],
      ['range', 1, 1, 0.8],
    ]);
    expect(report.fromRelease.summary.max).toBe(3);
    expect(report.slip).toMatchObject({ count: 2, clamped: 0, summary: { max: 0.25 } });
  });

  it('counts errors by code, and lets only a time-out into the histograms', () => {
    const recorder = new PhaseRecorder(false, ['put']);
    recorder.ended(put, Code.DeadlineExceeded, 0, 5_000_000, 5_000_000, 5_000_000);
    recorder.ended(put, Code.Unavailable, 0, 10, 10, 10);
    recorder.ended(put, Code.Unavailable, 0, 10, 10, 10);
    recorder.ended(put, 99, 0, 10, 10, 10);
    const report = recorder.report();
    expect(report.errors).toEqual({ DeadlineExceeded: 1, Unavailable: 2, Unknown: 1 });
    expect(report.operations[0]).toMatchObject({
      completed: 0,
      errors: 4,
      latency: { count: 1, summary: { p50: 5000 } },
    });
  });

  it('of a closed loop has one latency, the service time, and no slip', () => {
    const recorder = new PhaseRecorder(true, ['put']);
    recorder.ended(put, Code.OK, 0, 700, 700, 700);
    const report = recorder.report();
    expect(report.slip).toBeNull();
    expect(report.operations[0]!.latency).toEqual(report.operations[0]!.service);
    expect(report.fromRelease).toEqual(report.operations[0]!.service);
  });

  it('knows what took longer than a minute', () => {
    const recorder = new PhaseRecorder(false, ['put']);
    recorder.ended(put, Code.OK, 0, 90_000_000, 1_000, 1_000);
    const { operations, timeline } = recorder.report();
    expect(operations[0]!.latency).toMatchObject({ count: 1, clamped: 0, summary: { p50: 90_000, max: 90_000 } });
    expect(mergeTimelines([timeline]).buckets[0]).toMatchObject({ p99Ms: 90_000, maxMs: 90_000 });
  });

  it('counts a request that was never sent as a time-out that has waited', () => {
    const recorder = new PhaseRecorder(false, ['put']);
    recorder.unsent(put, 150_000, { latencyUs: 2_000_000, fromReleaseUs: 1_500_000 });
    const report = recorder.report();
    expect(report).toMatchObject({ completed: 0, errors: { DeadlineExceeded: 1 } });
    expect([...report.timeline.errors.subarray(0, 3)]).toEqual([0, 1, 0]);
    expect(report.operations[0]).toMatchObject({ errors: 1, latency: { count: 1, summary: { max: 2000 } } });
    expect(report.operations[0]!.service.count).toBe(0);
  });
});

it('what several lanes recorded merges to what one would have', () => {
  const whole = new PhaseRecorder(false, ['put']);
  const parts = [0, 1, 2].map(() => new PhaseRecorder(false, ['put']));
  for (let i = 0; i < 3000; i++) {
    const us = (i * 7919) % 100_000;
    whole.ended(put, Code.OK, 0, us, us, us);
    parts[i % 3]!.ended(put, Code.OK, 0, us, us, us);
  }
  const merged = mergeHistograms(parts.map((part) => part.report().operations[0]!.latency));
  expect(merged.summary).toEqual(whole.report().operations[0]!.latency.summary);
});
