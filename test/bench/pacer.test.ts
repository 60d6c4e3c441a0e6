import { expect, it } from 'vitest';
import { createSchedule } from '../../src/bench/arrival.ts';
import { knockIntervalUs, pace } from '../../src/bench/pacer.ts';

/** A world in which a sleep takes as long as asked and then some. */
function pacedBy(rate: number, lanes: number, lateUs: number, stopAtUs = Infinity) {
  let nowUs = 1000;
  const knocks: { lane: number; atUs: number }[] = [];
  const schedule = createSchedule(
    { model: 'open', spacing: 'constant', fromPerSec: rate, toPerSec: rate },
    { durationMs: 20, count: null, seed: 1 },
  );
  pace(
    { schedule, startUs: 2000, lanes },
    {
      nowUs: () => nowUs,
      sleep: (us) => {
        nowUs += us + lateUs;
        return nowUs >= stopAtUs;
      },
      knock: (lane) => knocks.push({ lane, atUs: nowUs }),
    },
  );
  return knocks;
}

it('knocks at the lane of each request when it is due', () => {
  expect(pacedBy(200, 2, 0)).toEqual([
    { lane: 0, atUs: 2000 },
    { lane: 1, atUs: 7000 },
    { lane: 0, atUs: 12_000 },
    { lane: 1, atUs: 17_000 },
  ]);
});

it('is late once, not from then on', () => {
  expect(pacedBy(200, 1, 150).map(({ atUs }) => atUs)).toEqual([2150, 7150, 12_150, 17_150]);
});

it('at high rates knocks once per interval at each lane that has something due', () => {
  const knocks = pacedBy(100_000, 3, 0);
  expect(knocks.length).toBeLessThanOrEqual(3 * (20_000 / knockIntervalUs + 1));
  expect(new Set(knocks.map(({ lane }) => lane))).toEqual(new Set([0, 1, 2]));
  const times = [...new Set(knocks.map(({ atUs }) => atUs))];
  expect(times.every((atUs, i) => i === 0 || atUs - times[i - 1]! >= knockIntervalUs)).toBe(true);
});

it('ends when it is stopped', () => {
  expect(pacedBy(200, 1, 0, 11_000).map(({ atUs }) => atUs)).toEqual([2000, 7000]);
});
