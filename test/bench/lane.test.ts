import { describe, expect, it } from 'vitest';
import { mergeHistograms } from '../../src/bench/histogram.ts';
import type { OpenArrival } from '../../src/bench/arrival.ts';
import { Code } from '../../src/wire/status.ts';
import { ended, LaneBed, startUs } from '../tools/lane-bed.ts';

const ms = 1000;

const open = (rate: number): OpenArrival => ({ model: 'open', spacing: 'constant', fromPerSec: rate, toPerSec: rate });

describe('an open loop', () => {
  it('takes latency from the intended time, and what waits for a client is no slip', () => {
    const bed = new LaneBed({ arrival: open(100), durationMs: 30 }, { clients: 1 }); // due at 0, 10 and 20 ms
    bed.at(0).at(10.5); // the second is released half a millisecond late, and waits for the only client
    expect(bed.calls).toHaveLength(1);
    bed.at(15).reply(0); // first done; the second leaves at once
    expect(bed.calls.map(({ sentUs }) => sentUs)).toEqual([0, 15_000]);
    bed.at(17).reply(1).at(20).at(21).reply(2).at(30);
    const report = bed.done;
    expect(report).toMatchObject({ planned: 3, released: 3, sent: 3, completed: 3, errors: {}, stop: null });
    const [put] = report.operations;
    expect(put!.latency.summary.max).toBe(15); // 0 to 15 ms; the others took 7 and 1
    expect(put!.latency.summary.mean).toBeCloseTo((15 + 7 + 1) / 3, 1);
    expect(report.fromRelease.summary.mean).toBeCloseTo((15 + 6.5 + 1) / 3, 1);
    expect(put!.service.summary.mean).toBeCloseTo((15 + 2 + 1) / 3, 1);
    expect(report.slip!.summary.max).toBe(0.5);
  });

  it('sends its share: request i of lane i mod lanes', () => {
    const bed = new LaneBed({ arrival: open(1000), durationMs: 10 }, { index: 1, lanes: 3, clients: 10 });
    for (let t = 0; t < 10; t++) bed.at(t);
    expect(bed.calls.map(({ sentUs }) => sentUs)).toEqual([1000, 4000, 7000]);
  });

  it('still sends what waits after its schedule, then counts what never left as having waited', () => {
    const bed = new LaneBed({ arrival: open(1000), durationMs: 5 }, { clients: 1 });
    for (let t = 0; t <= 5; t++) bed.at(t);
    bed.at(500).reply(0);
    bed.at(2010); // two seconds after the end of the schedule the wait is over, but not the one for what was sent
    expect(bed.report).toBeNull();
    bed.reply(1).at(2020);
    const report = bed.done;
    expect(report).toMatchObject({ planned: 5, released: 5, sent: 2, completed: 2, errors: { DeadlineExceeded: 3 } });
    expect(ended(report)).toEqual([5, 5, 5]);
    const [put] = report.operations;
    expect(put!.service.count).toBe(2);
    expect(put!.latency.count).toBe(5);
    expect(put!.latency.summary.max).toBeGreaterThan(2000);
  });

  it('reports what it was too late to release', () => {
    const bed = new LaneBed({ arrival: open(1000), durationMs: 100 }, { clients: 200 });
    bed.at(0).reply(0);
    // No knock and no tick until long after the end, as on a machine that has no time for the lane.
    bed.nowUs = startUs + 700 * ms;
    bed.run.tick();
    for (let call = 1; call < bed.calls.length; call++) bed.reply(call);
    bed.at(701);
    expect(bed.done.planned).toBe(100);
    expect(bed.done.released).toBe(1);
  });
});

it('a lane without idle time releases what it can send, and the wait for a client is slip', () => {
  const bed = new LaneBed({ arrival: open(1000), durationMs: 20 }, { clients: 2 });
  bed.run.exhausted = true;
  for (let t = 0; t <= 10; t++) bed.at(t); // 11 are due, two are sent
  bed.reply(0); // the third leaves 8 ms late, and that is nobody's time but ours
  expect(bed.calls).toHaveLength(3);
  bed.at(600).reply(1).reply(2).at(601);
  expect(bed.done).toMatchObject({ planned: 20, released: 3, sent: 3 });
  expect(bed.done.slip!.summary.max).toBe(8);
});

it.each([300, null])(
  'nor does it wait for ever for a client, its plan being random, of 20 requests and %s ms',
  (durationMs) => {
    const arrival = { ...open(1000), spacing: 'poisson' } as const;
    const bed = new LaneBed({ arrival, durationMs, count: 20 }, { clients: 2 });
    bed.run.exhausted = true;
    for (let t = 0; t < 10_000; t += 10) bed.at(t); // nothing is ever answered
    expect(bed.done).toMatchObject({ planned: 20, released: 2, errors: { Canceled: 2 } });
  },
);

describe('a closed loop', () => {
  it('sends again with each reply, until its count', () => {
    const bed = new LaneBed({ count: 4 });
    bed.at(0);
    expect(bed.calls).toHaveLength(2);
    bed.at(1).reply(0).at(2).reply(1).at(3).reply(2);
    expect(bed.calls).toHaveLength(4);
    bed.at(4).reply(3).at(5);
    expect(bed.done).toMatchObject({ planned: 4, released: 4, sent: 4, completed: 4, slip: null, lastReplyUs: 4000 });
    expect(bed.done.operations[0]!.latency).toEqual(bed.done.operations[0]!.service);
  });

  it('stops at its duration and waits for replies', () => {
    const bed = new LaneBed({ durationMs: 10 });
    bed.at(0).at(12).reply(0);
    expect(bed.report).toBeNull();
    bed.reply(1).at(13);
    expect(bed.calls).toHaveLength(2);
    expect(bed.done).toMatchObject({ completed: 2, scheduleUs: 10_000 });
  });

  it('never exceeds the bytes it may send', () => {
    const bed = new LaneBed({ count: 100 }, { plannedBytesMax: 250 });
    bed.at(0).at(1).reply(0);
    expect(bed.calls).toHaveLength(2);
    bed.reply(1).at(2);
    expect(bed.done).toMatchObject({ sent: 2, plannedBytes: 200, stop: { why: 'bytes', atUs: 1000 } });
    expect(bed.done).toMatchObject({ planned: 2, released: 2, errors: {} });
    expect(bed.done.timeline.offered[0]).toBe(2);
  });
});

describe('failures', () => {
  it('let a client rest before it tries again, and never recurse', () => {
    const bed = new LaneBed({ durationMs: 1000 });
    bed.failing = Code.Unavailable;
    bed.at(0);
    expect(bed.calls).toHaveLength(2);
    bed.at(50);
    expect(bed.calls).toHaveLength(2);
    bed.at(100);
    expect(bed.calls).toHaveLength(4);
    bed.at(1000);
    expect(bed.done).toMatchObject({ completed: 0, errors: { Unavailable: bed.calls.length } });
  });

  it('record a time-out at its value and send on', () => {
    const bed = new LaneBed({ durationMs: 1500 });
    bed.at(0).at(1000).reply(0, Code.DeadlineExceeded);
    expect(bed.calls).toHaveLength(3);
    bed.at(1600).reply(1).reply(2).at(1601);
    expect(bed.done.errors).toEqual({ DeadlineExceeded: 1 });
    expect(bed.done.operations[0]).toMatchObject({ errors: 1, service: { count: 3 } });
  });

  it('come later than the last answer without making the phase longer', () => {
    const bed = new LaneBed({ durationMs: 10 });
    bed.at(0).at(10).at(12).reply(0).at(1000).reply(1, Code.DeadlineExceeded).at(1001);
    expect(bed.done).toMatchObject({ lastReplyUs: 12_000, endUs: 10_000, completed: 1 });
  });

  it('end the phase even if a channel never answers', () => {
    const bed = new LaneBed({ durationMs: 10 });
    bed.at(0).at(10).at(3000);
    expect(bed.report).toBeNull();
    bed.at(4100); // drain, time-out and a second
    expect(bed.done.errors).toEqual({ Canceled: 2 });
    expect(bed.cancelled).toEqual([0, 1]);
    bed.reply(0); // too late to matter
    expect(bed.done.errors).toEqual({ Canceled: 2 });
  });
});

describe('a lane that was kept from running', () => {
  it('says for how long in all, from the start of the phase', () => {
    const bed = new LaneBed({ durationMs: 200 }, { clients: 1 }).at(-50);
    for (let i = 0; i < 4; i++) bed.at(i * 50 + 30).reply(i); // each 50 ms but the first, of which 10 are a tick's
    bed.at(200).reply(4).at(201);
    expect(bed.done.stoodStillUs).toBe((20 + 3 * 40) * ms);
  });

  it('takes that from what was in flight, and from nothing that it sent afterwards', () => {
    const bed = new LaneBed({ arrival: open(10), durationMs: 300 }).at(0); // due at 0, 100 and 200 ms
    bed.at(10).at(20).reply(0);
    for (let timeMs = 30; timeMs <= 90; timeMs += 10) bed.at(timeMs);
    bed.nowUs = startUs + 200 * ms;
    bed.run.wake(); // the second and third, after 110 ms
    bed.nowUs = startUs + 205 * ms;
    bed.reply(1).reply(2);
    for (let timeMs = 215; timeMs <= 305; timeMs += 10) bed.at(timeMs);
    expect(bed.done.stoodStillUs).toBe(100 * ms);
    const { fromRelease } = bed.done;
    expect(mergeHistograms([fromRelease]).summary.p50).toBeCloseTo(5, 1);
  });
});

it('bytes that are used up end an open loop, and what waited was offered all the same', () => {
  const bed = new LaneBed({ arrival: open(1000), durationMs: 100 }, { clients: 1, plannedBytesMax: 250 });
  bed.at(5).reply(0).reply(1).at(6); // the third is too much; three more waited behind it
  expect(bed.done).toMatchObject({ planned: 6, released: 6, sent: 2, completed: 2, errors: {} });
  expect(ended(bed.done)).toEqual([2, 2, 2]);
  expect(bed.done.timeline.offered[0]).toBe(6);
});

it('a stop counts what has waited for longer than a request may take as time-outs', () => {
  const bed = new LaneBed({ arrival: open(10), durationMs: 10_000 }, { clients: 1 });
  for (let t = 0; t <= 1500; t += 100) bed.at(t); // 16 are due, one is sent and never answered
  bed.run.stop(0);
  bed.at(1501);
  expect(bed.done).toMatchObject({ sent: 1, released: 16, errors: { DeadlineExceeded: 5, Canceled: 1 } });
  expect(ended(bed.done)).toEqual([6, 6, 6]);
});

it('a stop sends nothing more, waits for its grace, and keeps what was measured', () => {
  const bed = new LaneBed({ arrival: open(1000), durationMs: 1000 }, { clients: 1 });
  bed.at(0).at(5);
  bed.run.stop(100 * ms);
  expect(bed.report).toBeNull();
  bed.at(20).reply(0).at(21);
  expect(bed.done).toMatchObject({ sent: 1, completed: 1, stop: { why: 'stopped', atUs: 5000 } });
  // Five more were due and waited for the only client: nobody knows how they would have ended.
  expect(bed.done).toMatchObject({ planned: 6, released: 6, errors: {} });
  expect(bed.done.timeline.offered[0]).toBe(6);

  const hanging = new LaneBed({ durationMs: 1000 });
  hanging.at(0);
  hanging.run.stop(100 * ms);
  hanging.at(101);
  expect(hanging.done.errors).toEqual({ Canceled: 2 });
});
