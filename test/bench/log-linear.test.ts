import fc from 'fast-check';
import { expect, it } from 'vitest';
import { logLinearIndex, logLinearQuantile, logLinearSize, logLinearValue } from '../../src/bench/log-linear.ts';

it('knows a value within 1.6 %', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60_000_000 }), (us) => {
      expect(Math.abs(logLinearValue(logLinearIndex(us)) - us)).toBeLessThanOrEqual(us / 62);
    }),
  );
});

it('never puts a larger value below a smaller one, and leaves no counter out', () => {
  const jumps = new Set<number>();
  for (let us = 1; us < 100_000; us++) jumps.add(logLinearIndex(us) - logLinearIndex(us - 1));
  expect([...jumps].sort()).toEqual([0, 1]);
});

it.each([
  [-5, 0],
  [NaN, 0],
  [0.9, 0],
  [60_000_000, logLinearSize - 1],
  [1e12, logLinearSize - 1],
  [Infinity, logLinearSize - 1],
])('%f counts at %i', (us, index) => expect(logLinearIndex(us)).toBe(index));

it('finds the quantile that sorting finds', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, q) => {
        const counts = new Uint32Array(logLinearSize);
        for (const value of values) counts[logLinearIndex(value)]!++;
        const sorted = values.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil(q * values.length)) - 1]!;
        expect(logLinearQuantile(counts, q)).toBe(logLinearValue(logLinearIndex(exact)));
      },
    ),
  );
  expect(logLinearQuantile(new Uint32Array(logLinearSize), 0.5)).toBeNull();
});
