/**
 * The reported latency against servers that know the truth: from the plan's intended time to the moment the reply left.
 *
 * What is reported also holds the way back and the reading of the reply, some 0.1 ms on an idle machine. So the reported
 * figure may never be below the truth, however busy the machine; and it may be above by 2 % or 0.2 ms. A machine that is
 * busy with other things adds more than that at the far end of the curve: then the trial is repeated, and if none is
 * better, one of them has to be explained: what the event loop was late by (measured independently, by libuv's own histogram)
 * and what the server was kept from writing (by its own log) are allowed on top.
 */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import type { LatencySummary } from '../../src/bench/result.ts';
import {
  measure,
  percentileOf,
  percentiles,
  toleranceMs,
  type Behaviour,
  type Measured,
  type Percentile,
  type Trial,
} from './truth.ts';

/** HDR's own: three significant digits. */
const resolution = 0.001;

const constant = (perSec: number) =>
  ({ model: 'open', spacing: 'constant', fromPerSec: perSec, toPerSec: perSec }) as const;
const poisson = (perSec: number) => ({ ...constant(perSec), spacing: 'poisson' }) as const;

/** 90 % in 5 to 20 ms, 9 % in 20 to 80, 1 % in 150 to 300. */
function longTail(): number[] {
  const random = createRandom(5);
  return Array.from({ length: 1000 }, () => {
    const part = random.float();
    if (part < 0.9) return 5 + random.float() * 15;
    return part < 0.99 ? 20 + random.float() * 60 : 150 + random.float() * 150;
  });
}

interface Difference {
  readonly percentile: Percentile;
  readonly truthMs: number;
  readonly reportedMs: number;
}

function differences({ phase, truthMs }: Measured): Difference[] {
  return percentiles.map((percentile) => {
    const reportedMs = phase.latency.summary[percentile];
    if (reportedMs === null) throw new Error('nothing was reported');
    return { percentile, truthMs: percentileOf(truthMs, percentile), reportedMs };
  });
}

function isNear({ truthMs, reportedMs }: Difference, lateMs = 0): boolean {
  return reportedMs - truthMs <= toleranceMs(truthMs) + lateMs;
}

/** By how much the machine itself may have moved a percentile. */
function lateMs({ phase, truthMs, writtenMs }: Measured, percentile: Percentile): number {
  const { eventLoopLagMsP99, eventLoopLagMsMax } = phase.generator;
  const heldMs = percentileOf(writtenMs, percentile) - percentileOf(truthMs, percentile);
  return heldMs + ((percentile === 'p50' ? eventLoopLagMsP99 : eventLoopLagMsMax) ?? 0);
}

interface Judged {
  readonly measured: Measured;
  readonly near: boolean;
  /** Near, or no further away than the machine was late. */
  readonly explained: boolean;
}

const attempts = 3;

/** The first trial that is near in those percentiles, else the last that is explained, else the last that could be made. */
async function best(trial: Trial, judged: readonly Percentile[] = percentiles): Promise<Judged> {
  let found: Judged | null = null;
  for (let attempt = 0; attempt < attempts && found?.near !== true; attempt++) {
    const measured = await measure(trial);
    if (measured === null) continue;
    for (const { percentile, truthMs, reportedMs } of differences(measured)) {
      expect(reportedMs, `${percentile} is below the truth`).toBeGreaterThanOrEqual(truthMs * (1 - resolution) - 0.002);
    }
    const seen = differences(measured).filter(({ percentile }) => judged.includes(percentile));
    const near = seen.every((each) => isNear(each));
    const explained = seen.every((each) => isNear(each, lateMs(measured, each.percentile)));
    if (!near) console.warn(`too busy to tell 0.2 ms: ${JSON.stringify(seen.map((each) => late(measured, each)))}`);
    if (found?.explained !== true || explained) found = { measured, near, explained };
  }
  if (found === null) throw new Error('the machine was too busy for the plan, every time');
  return found;
}

const late = (measured: Measured, each: Difference) => ({ ...each, lateMs: lateMs(measured, each.percentile) });

function expectExplained({ measured, explained }: Judged): void {
  expect(explained, JSON.stringify(differences(measured).map((each) => late(measured, each)))).toBe(true);
}

async function expectTruth(trial: Trial): Promise<{ summary: LatencySummary; near: boolean }> {
  const judged = await best(trial);
  const { phase } = judged.measured;
  expect(phase).toMatchObject({ errors: {}, completed: phase.planned });
  expectExplained(judged);
  return { summary: phase.latency.summary, near: judged.near };
}

const stall: Behaviour = { kind: 'stall', fromMs: 4000, forMs: 1000, everyMs: 10_000 };

describe('a server that stalls for 1 s in 10 s', () => {
  it('shows in full: every request that was held up counts, not only the few in flight', async () => {
    const trial: Trial = {
      behaviour: stall,
      arrival: constant(400),
      durationMs: 10_000,
      clients: 50,
      transport: 'wire',
    };
    const judged = await best(trial, ['p99', 'p999', 'max']); // a stall is nothing that a median shows
    expectExplained(judged);
    const { measured } = judged;
    // A tenth of all requests fell into the stall, and waited half of it on average. A tool that times from the send sees
    // only its 50 clients wait.
    const { latency, service } = measured.phase;
    expect(latency.summary.p99!).toBeGreaterThan(800);
    expect(percentileOf(measured.truthMs, 'p99')).toBeGreaterThan(800);
    expect(service.summary.mean!).toBeLessThan(latency.summary.mean! / 2);
  }, 120_000);
});

describe('a server that answers after 5 ms', () => {
  it.each([
    { arrival: constant(500), transport: 'wire' },
    { arrival: poisson(500), transport: 'wire' },
  ] as const)(
    '$arrival.spacing over $transport',
    async ({ arrival, transport }) => {
      await expectTruth({ behaviour: { kind: 'delay', ms: 5 }, arrival, durationMs: 2000, clients: 50, transport });
    },
    120_000,
  );
});

describe('a server with a long tail', () => {
  const behaviour: Behaviour = { kind: 'delays', ms: longTail() };

  it('is reported as it is, and both transports agree', async () => {
    const trial = { behaviour, arrival: constant(300), durationMs: 2500, clients: 100 };
    const overWire = await expectTruth({ ...trial, transport: 'wire' });
    const overGrpcJs = await expectTruth({ ...trial, transport: 'grpc-js' });
    if (!overWire.near || !overGrpcJs.near) return; // each was compared with its own truth already
    for (const percentile of percentiles) {
      const [a, b] = [overWire.summary[percentile]!, overGrpcJs.summary[percentile]!];
      // The truths themselves differ by the server's timers, which are 1 ms coarse.
      expect(Math.abs(a - b), percentile).toBeLessThan(2 * toleranceMs(Math.max(a, b)) + 2);
    }
  }, 120_000);
});
