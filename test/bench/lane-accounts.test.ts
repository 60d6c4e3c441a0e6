/** The accounts of a lane balance, whatever its server, its machine and its user do. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSchedule, type Schedule } from '../../src/bench/arrival.ts';
import type { LaneReport } from '../../src/bench/lane.ts';
import type { Phase } from '../../src/bench/workload.ts';
import { Code } from '../../src/wire/status.ts';
import { ended, LaneBed } from '../tools/lane-bed.ts';

type Plan = Pick<Phase, 'arrival' | 'durationMs' | 'count'>;

const lanes = 3;
/** After a schedule: its grace, its drain, the request time-out and a second for the channel. */
const patienceMs = 500 + 2000 + 1000 + 1000;

const ratePerSec = fc.integer({ min: 1, max: 3000 });
const arrival = fc.oneof(
  fc.constant({ model: 'closed' } as const),
  fc.record({
    model: fc.constant('open' as const),
    spacing: fc.constantFrom('constant' as const, 'poisson' as const),
    fromPerSec: ratePerSec,
    toPerSec: fc.oneof(fc.constant(0), ratePerSec),
  }),
);
const plans: fc.Arbitrary<Plan> = fc
  .record({
    arrival,
    durationMs: fc.option(fc.integer({ min: 1, max: 3000 })),
    count: fc.option(fc.integer({ min: 1, max: 2000 })),
  })
  .filter((plan) => plan.durationMs !== null || (plan.count !== null && !isRamp(plan)));

const event = fc.oneof(
  { weight: 80, arbitrary: fc.record({ waitMs: fc.double({ min: 0, max: 15, noNaN: true }) }) },
  { weight: 10, arbitrary: fc.record({ waitMs: fc.integer({ min: 0, max: 900 }) }) },
  {
    weight: 80,
    arbitrary: fc.record({
      reply: fc.nat(),
      code: fc.constantFrom(0, 0, 0, 0, Code.Unavailable, Code.DeadlineExceeded, Code.ResourceExhausted),
    }),
  },
  { weight: 10, arbitrary: fc.record({ failing: fc.constantFrom(null, Code.Unavailable, Code.ResourceExhausted) }) },
  { weight: 10, arbitrary: fc.record({ exhausted: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ stopGraceMs: fc.constantFrom(0, 500, 2000) }) },
);
type Event = typeof event extends fc.Arbitrary<infer Value> ? Value : never;

function isRamp({ arrival }: Plan): boolean {
  return arrival.model === 'open' && arrival.fromPerSec !== arrival.toPerSec;
}

function scheduleOf({ arrival, durationMs, count }: Plan): Schedule | null {
  return arrival.model === 'closed' ? null : createSchedule(arrival, { durationMs, count, seed: 1 });
}

/** What this lane has to send of an open plan. */
function shareOf(schedule: Schedule, index: number): number {
  let requests = 0;
  while (schedule.timeUs(index + requests * lanes) !== Infinity) requests++;
  return requests;
}

/** A bed and the calls that wait for their replies. */
class Play {
  readonly #bed: LaneBed;
  readonly #open: number[] = [];
  #seen = 0;
  timeMs = 0;

  constructor(bed: LaneBed) {
    this.#bed = bed;
    bed.at(0);
  }

  do(event: Event): void {
    if ('waitMs' in event) this.wait(event.waitMs);
    else if ('reply' in event) this.#reply(event.reply, event.code);
    else if ('failing' in event) this.#bed.failing = event.failing;
    else if ('exhausted' in event) this.#bed.run.exhausted = event.exhausted;
    else this.#bed.run.stop(event.stopGraceMs * 1000);
  }

  wait(waitMs: number): void {
    this.#bed.at((this.timeMs += waitMs));
  }

  /** To all that waits. */
  replyAll(): void {
    for (let left = this.#waiting().length; left > 0; left--) this.#reply(0, Code.OK);
  }

  #reply(which: number, code: number): void {
    const open = this.#waiting();
    const [call] = open.splice(which % Math.max(1, open.length), 1);
    if (call !== undefined) this.#bed.reply(call, code);
  }

  #waiting(): number[] {
    while (this.#seen < this.#bed.calls.length) this.#open.push(this.#seen++);
    return this.#open;
  }
}

/** Until the phase ends: before a server that says nothing more or, where only replies end a phase, one that answers. */
function playToEnd(bed: LaneBed, plan: Plan, events: readonly Event[]): void {
  const play = new Play(bed);
  for (const event of events) if (bed.report === null) play.do(event);
  const schedule = scheduleOf(plan);
  const endMs = schedule === null ? plan.durationMs : schedule.latestUs / 1e3;
  if (endMs === null) bed.failing = null;
  const lastMs = endMs === null ? Infinity : Math.max(play.timeMs, endMs) + patienceMs + 50;
  while (bed.report === null && play.timeMs < lastMs) {
    if (endMs === null) play.replyAll();
    play.wait(10);
  }
}

function expectBalance(report: LaneReport): void {
  const { released, planned, sent, timeline, stop } = report;
  const [inAll, byOperation, overTime] = ended(report);
  expect([byOperation, overTime]).toEqual([inAll, inAll]);
  if (stop === null) expect(inAll).toBe(released);
  expect(timeline.offered.reduce((sum, count) => sum + count, 0)).toBe(released);
  const descending = [planned, released, inAll!, sent];
  expect([...descending].sort((a, b) => b - a)).toEqual(descending);
  const timed = report.completed + (report.errors['DeadlineExceeded'] ?? 0);
  expect(report.operations.reduce((sum, { latency }) => sum + latency.count, 0)).toBe(timed);
  expect(report.fromRelease.count).toBe(timed);
}

it('ends, and has accounts that balance', () => {
  const places = fc.record({
    clients: fc.integer({ min: 1, max: 20 }),
    index: fc.integer({ min: 0, max: lanes - 1 }),
    plannedBytesMax: fc.constantFrom(Infinity, Infinity, 100, 5000, 50),
  });
  const property = fc.property(plans, places, fc.array(event, { maxLength: 300 }), (plan, place, events) => {
    const bed = new LaneBed(plan, { ...place, lanes });
    playToEnd(bed, plan, events);
    const report = bed.done;
    expectBalance(report);
    expect(report.sent).toBe(bed.calls.length);
    expect(report.plannedBytes).toBeLessThanOrEqual(place.plannedBytesMax);
    const schedule = scheduleOf(plan);
    if (schedule === null || report.stop !== null) return;
    expect(report.planned).toBe(shareOf(schedule, place.index));
    const late = events.some((each) => 'exhausted' in each || ('waitMs' in each && each.waitMs > 400));
    if (!late) expect(report.released).toBe(report.planned);
  });
  fc.assert(property, { numRuns: 150 });
});
