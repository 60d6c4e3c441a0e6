import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSchedule, type OpenArrival } from '../../src/bench/arrival.ts';

const open = (from: number, to: number, spacing: 'constant' | 'poisson' = 'constant'): OpenArrival => ({
  model: 'open',
  spacing,
  fromPerSec: from,
  toPerSec: to,
});

function timesOf(arrival: OpenArrival, durationMs: number | null, count: number | null, seed = 1): number[] {
  const schedule = createSchedule(arrival, { durationMs, count, seed });
  const times: number[] = [];
  for (let timeUs = schedule.timeUs(0); timeUs !== Infinity; timeUs = schedule.timeUs(times.length)) times.push(timeUs);
  return times;
}

const rates = fc.record({ from: fc.integer({ min: 0, max: 5000 }), to: fc.integer({ min: 1, max: 5000 }) });

describe('constant spacing', () => {
  it.each([
    { rate: 4, durationMs: 1000, count: null, times: [0, 250_000, 500_000, 750_000] },
    { rate: 4, durationMs: 1001, count: null, times: [0, 250_000, 500_000, 750_000, 1_000_000] },
    { rate: 4, durationMs: null, count: 2, times: [0, 250_000] },
    { rate: 4, durationMs: 1000, count: 2, times: [0, 250_000] },
    { rate: 4, durationMs: 300, count: 100, times: [0, 250_000] },
    { rate: 0.5, durationMs: 1000, count: null, times: [0] },
  ])('$rate per second for $durationMs ms, $count at most', ({ rate, durationMs, count, times }) => {
    expect(timesOf(open(rate, rate), durationMs, count)).toEqual(times);
  });

  it('has no rounding at either end of a long schedule', () => {
    const schedule = createSchedule(open(15_000, 15_000), { durationMs: 60_000, count: null, seed: 1 });
    expect(schedule.timeUs(899_999)).toBeCloseTo(60e6 - 1e6 / 15_000, 6);
    expect(schedule.timeUs(900_000)).toBe(Infinity);
    expect(schedule.lengthUs).toBe(60e6);
  });

  it.each([
    { from: 0, to: 1000, count: null, lengthUs: 4e6 },
    { from: 500, to: 1000, count: null, lengthUs: 4e6 },
    { from: 1000, to: 0, count: null, lengthUs: 4e6 },
    { from: 0, to: 1000, count: 500, lengthUs: 2e6 },
    { from: 1000, to: 0, count: 5000, lengthUs: 4e6 },
  ])('from $from to $to per second in 4 s, $count at most, is $lengthUs µs long', ({ from, to, count, lengthUs }) => {
    const schedule = createSchedule(open(from, to), { durationMs: 4000, count, seed: 1 });
    expect(schedule.lengthUs).toBeCloseTo(lengthUs, 3);
  });

  it('on a ramp sends as many as the rate adds up to, never backwards, never past the end', () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: 3000 }), ({ from, to }, durationMs) => {
        const times = timesOf(open(from, to), durationMs, null);
        const integral = ((from + to) / 2) * (durationMs / 1e3);
        // Rounded up, as request 0 leaves at 0; within the nanosecond that the end may be off.
        expect(times.length).toBeGreaterThanOrEqual(Math.ceil(integral - 1e-4));
        expect(times.length).toBeLessThanOrEqual(Math.ceil(integral + 1e-4));
        expect(times.every((timeUs, i) => i === 0 || timeUs > times[i - 1]!)).toBe(true);
        expect(times.at(-1)!).toBeLessThan(durationMs * 1e3);
      }),
      { numRuns: 50 },
    );
  });

  it('on a ramp has the rate of the moment: request i is due when the integral reaches i', () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 100, max: 3000 }), ({ from, to }, durationMs) => {
        const slope = (to - from) / (durationMs / 1e3);
        const errors = timesOf(open(from, to), durationMs, null).map((timeUs, i) => {
          const t = timeUs / 1e6;
          return Math.abs(from * t + (slope * t * t) / 2 - i);
        });
        expect(Math.max(...errors)).toBeLessThan(1e-5);
      }),
      { numRuns: 20 },
    );
  });
});

describe('Poisson spacing', () => {
  const times = timesOf(open(1000, 1000, 'poisson'), 60_000, null, 7);
  const gaps = times.map((timeUs, i) => timeUs - (times[i - 1] ?? 0));

  it('has exponential gaps: mean, deviation and tail', () => {
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    expect(mean).toBeCloseTo(1000, -1.7); // 1 ms within 2.5 %: five standard deviations of 60,000 gaps are 2 %
    expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 1);
    expect(gaps.filter((gap) => gap > 3 * mean).length / gaps.length).toBeCloseTo(Math.exp(-3), 2);
  });

  it('counts as many in a window as Poisson says: variance equals mean', () => {
    const counts = new Array<number>(600).fill(0);
    for (const timeUs of times) counts[Math.floor(timeUs / 100_000)]!++;
    const mean = times.length / counts.length;
    const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length;
    expect(variance / mean).toBeGreaterThan(0.7);
    expect(variance / mean).toBeLessThan(1.3);
  });

  it('follows a ramp', () => {
    const ramp = timesOf(open(0, 2000, 'poisson'), 30_000, null, 3);
    expect(ramp.length / 30_000).toBeCloseTo(1, 1);
    expect(ramp.filter((timeUs) => timeUs < 15e6).length / ramp.length).toBeCloseTo(1 / 4, 1);
  });

  it('ends with its count, and says that only its last request tells how long it is', () => {
    expect(timesOf(open(100, 100, 'poisson'), null, 25)).toHaveLength(25);
    const schedule = createSchedule(open(1, 1, 'poisson'), { durationMs: 60_000, count: 2, seed: 1 });
    expect(schedule.timeUs(2)).toBe(Infinity);
    expect(schedule.lengthUs).toBeNull();
  });

  it('is as long as its duration when that comes before its count', () => {
    const schedule = createSchedule(open(10, 10, 'poisson'), { durationMs: 1000, count: 500, seed: 1 });
    expect(schedule.timeUs(499)).toBe(Infinity);
    expect(schedule.lengthUs).toBe(1e6);
  });

  it.each([1, 3, 1000])('with a count of %i says by when it has ended', (count) => {
    for (let seed = 0; seed < 200; seed++) {
      const { latestUs } = createSchedule(open(100, 100, 'poisson'), { durationMs: null, count, seed });
      expect(timesOf(open(100, 100, 'poisson'), null, count, seed).at(-1)!).toBeLessThan(latestUs);
    }
  });
});

it('a schedule has ends that no request lies behind', () => {
  const bounds = fc.record({ durationMs: fc.integer({ min: 1, max: 3000 }), count: fc.option(fc.nat({ max: 5000 })) });
  const spacing = fc.constantFrom('constant' as const, 'poisson' as const);
  fc.assert(
    fc.property(spacing, rates, fc.boolean(), bounds, (spacing, { from, to }, falls, { durationMs, count }) => {
      const arrival = falls ? open(to, from, spacing) : open(from, to, spacing);
      const schedule = createSchedule(arrival, { durationMs, count, seed: 7 });
      const times = timesOf(arrival, durationMs, count, 7);
      expect(schedule.timeUs(times.length)).toBe(Infinity);
      expect(schedule.latestUs).toBeLessThanOrEqual(durationMs * 1e3);
      const lengthUs = schedule.lengthUs ?? schedule.latestUs;
      expect(lengthUs).toBeLessThanOrEqual(schedule.latestUs);
      expect(lengthUs).toBeGreaterThanOrEqual(times.at(-1) ?? 0);
    }),
    { numRuns: 100 },
  );
});

it('lanes that ask for their share see the times of the whole', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('constant' as const, 'poisson' as const),
      fc.integer({ min: 1, max: 8 }),
      fc.integer(),
      (spacing, lanes, seed) => {
        const all = timesOf(open(300, 900, spacing), 500, null, seed);
        const merged: number[] = [];
        for (let lane = 0; lane < lanes; lane++) {
          const schedule = createSchedule(open(300, 900, spacing), { durationMs: 500, count: null, seed });
          for (let i = lane; i < all.length; i += lanes) merged[i] = schedule.timeUs(i);
        }
        expect(merged).toEqual(all);
      },
    ),
    { numRuns: 30 },
  );
});
