import { describe, expect, it } from 'vitest';
import { mergeHistograms } from '../../src/bench/histogram.ts';
import type { LanePhaseReport } from '../../src/bench/lane-host.ts';
import { LaneCounters } from '../../src/bench/lane-counters.ts';
import { LoadProgressMeter } from '../../src/bench/load-progress.ts';
import { phaseResult } from '../../src/bench/phase-result.ts';
import { PhaseRecorder } from '../../src/bench/recorder.ts';
import type { Phase, Workload } from '../../src/bench/workload.ts';
import { Code } from '../../src/wire/status.ts';

const phase: Phase = {
  name: 'p',
  warmUp: false,
  arrival: { model: 'open', spacing: 'constant', fromPerSec: 10, toPerSec: 10 },
  durationMs: 2000,
  count: null,
  mix: [{ op: 'put', weight: 1 }],
};
const context = { offsetMs: 5, cpuUs: 300, stealFraction: 0.1, hostCpuFraction: 0.5 };

function laneReport(latenciesUs: readonly number[], changes: Partial<LanePhaseReport['load']> = {}): LanePhaseReport {
  const recorder = new PhaseRecorder(false, ['put']);
  latenciesUs.forEach((us, i) => {
    recorder.released(i * 100_000, us / 10);
    recorder.ended(0, Code.OK, i * 100_000 + us, us, us, us / 2);
  });
  const count = latenciesUs.length;
  return {
    load: {
      ...recorder.report(),
      planned: count + 1,
      released: count,
      sent: count,
      requestBytes: count * 10,
      plannedBytes: count * 20,
      lastReplyUs: 1_900_000,
      endUs: 2_000_000,
      lastIntendedUs: 1_800_000,
      stoodStillUs: count * 10_000,
      scheduleUs: 2_000_000,
      stop: null,
      ...changes,
    },
    loop: { lagP99Ms: count, lagMaxMs: count * 2, gcPauseMaxMs: 3, gcPauseTotalMs: 4 },
  };
}

describe('the result of a phase', () => {
  it('is the sum of its lanes, with histograms merged and the worst health', () => {
    const parts = [laneReport([1000, 2000]), laneReport([9000])];
    const result = phaseResult(phase, parts, context);
    expect(result).toMatchObject({ planned: 5, released: 3, sent: 3, completed: 3, requestBytes: 30, offsetMs: 5 });
    expect(result).toMatchObject({ elapsedMs: 2000, scheduledMs: 2000, errors: {} });
    expect(result.latency).toEqual(mergeHistograms(parts.map((part) => part.load.operations[0]!.latency)));
    expect(result.latency.summary).toMatchObject({ p50: 2, max: 9 });
    expect(result.service.summary.max).toBe(4.5);
    expect(result.generator).toMatchObject({
      lanes: 2,
      cpuUsPerOp: 100,
      eventLoopLagMsP99: 2,
      eventLoopLagMsMax: 4,
      stoodStillMs: 15,
      gcPauseMsMax: 3,
      gcPauseMsTotal: 8,
      stealFraction: 0.1,
      hostCpuFraction: 0.5,
    });
    expect(result.generator.scheduleSlip).toMatchObject({ count: 3, summary: { max: 0.9 } });
  });

  it('lasts to the last reply when that comes after the schedule', () => {
    expect(phaseResult(phase, [laneReport([1], { lastReplyUs: 2_500_000 })], context).elapsedMs).toBe(2500);
  });

  it('of a closed loop lasts as long as it sends, even when nothing is answered any more', () => {
    const closed: Phase = { ...phase, arrival: { model: 'closed' } };
    const hung = laneReport([1], { lastReplyUs: 300_000, endUs: 2_000_000 });
    expect(phaseResult(closed, [hung, laneReport([1], { endUs: 1_000_000 })], context).elapsedMs).toBe(2000);
  });

  it('that was stopped has a schedule until then', () => {
    const stop = { why: 'stopped', atUs: 700_000 } as const;
    const result = phaseResult(phase, [laneReport([1], { stop, lastReplyUs: 710_000 })], context);
    expect([result.scheduledMs, result.elapsedMs]).toEqual([700, 710]);
  });

  it('without a length lasts until its last request', () => {
    const result = phaseResult(phase, [laneReport([1], { scheduleUs: null })], context);
    expect([result.scheduledMs, result.elapsedMs]).toEqual([1800, 1900]);
  });

  it('in which nothing completed has no cost per operation', () => {
    expect(phaseResult(phase, [laneReport([])], context).generator.cpuUsPerOp).toBeNull();
  });
});

it('progress counts from the start of the phase, shows the last interval, and adds phases up', () => {
  const workload = {
    preload: 0,
    phases: [
      { ...phase, durationMs: 1000 },
      { ...phase, durationMs: 3000 },
    ],
  } as unknown as Workload;
  const lanes = [new LaneCounters(), new LaneCounters()];
  const meter = new LoadProgressMeter(workload, lanes);
  meter.startPhase(0, 1000);
  lanes[0]!.ended(2000, true);
  lanes[1]!.ended(2000, true);
  lanes[1]!.ended(2000, false);
  expect(meter.read(1500)).toMatchObject({ completed: 2, errors: 1, ratePerSec: 4, fraction: 0.125 });
  expect(meter.read(1750)).toMatchObject({ completed: 2, ratePerSec: 0, latencyP99Ms: null });
  meter.startPhase(1, 2000);
  lanes[0]!.ended(8000, true);
  const progress = meter.read(5000);
  expect(progress).toMatchObject({ completed: 1, errors: 0, fraction: 1 });
  expect(progress.latencyP99Ms).toBeCloseTo(8, 0);
});
