import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import { createZipfian } from '../../src/bench/zipfian.ts';

describe('zipfian choice', () => {
  it.each([
    { count: 1000, theta: 0.99 },
    { count: 1000, theta: 0.5 },
    { count: 100_000, theta: 0.9 },
  ])('asks for popular ranks as often as 1/r^$theta says, of $count keys', ({ count, theta }) => {
    const zipfian = createZipfian(count, theta);
    const random = createRandom(11);
    const draws = 200_000;
    let first = 0;
    let firstHundred = 0;
    for (let i = 0; i < draws; i++) {
      const rank = zipfian.rankOf(random.float());
      if (rank === 0) first++;
      if (rank < 100) firstHundred++;
    }
    const harmonic = (n: number) => Array.from({ length: n }, (_, r) => (r + 1) ** -theta).reduce((a, b) => a + b, 0);
    expect(first / draws).toBeCloseTo(1 / harmonic(count), 2);
    // Gray's method is exact for the first two ranks and close for the others.
    expect(firstHundred / draws).toBeCloseTo(harmonic(100) / harmonic(count), 1);
  });

  it('stays in range for any uniform draw and any number of keys', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 26 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.double({ min: 0, max: 1 - 2 ** -53, noNaN: true }),
        (count, theta, uniform) => {
          const key = createZipfian(count, theta).keyOf(uniform);
          expect(Number.isInteger(key) && key >= 0 && key < count).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('scatters ranks over the keys without losing one', () => {
    for (const count of [1, 2, 3, 10, 997, 1000, 1024]) {
      const zipfian = createZipfian(count, 0.9);
      const keyOfRank = new Map<number, number>();
      for (let u = 0; u < 200_000; u++) keyOfRank.set(zipfian.rankOf(u / 200_000), zipfian.keyOf(u / 200_000));
      expect(new Set(keyOfRank.values()).size).toBe(keyOfRank.size);
    }
  });

  it('sums many keys as it sums few', () => {
    const direct = Array.from({ length: 50_000 }, (_, r) => (r + 1) ** -0.7).reduce((a, b) => a + b, 0);
    // The first rank's share is 1 / zeta: all draws below it, none above.
    const zipfian = createZipfian(50_000, 0.7);
    expect(zipfian.rankOf(0.9999 / direct)).toBe(0);
    expect(zipfian.rankOf(1.0001 / direct)).not.toBe(0);
  });
});
