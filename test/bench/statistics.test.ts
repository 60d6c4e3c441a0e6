import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { abbaOrder } from '../../src/bench/round-order.ts';
import { median, pairedRatio, studentT95 } from '../../src/bench/statistics.ts';

describe('median', () => {
  it.each([
    { values: [], is: null },
    { values: [7], is: 7 },
    { values: [9, 1], is: 5 },
    { values: [100, 1, 2], is: 2 },
    { values: [4, 1, 3, 2], is: 2.5 },
  ])('of $values is $is', ({ values, is }) => expect(median(values)).toBe(is));
});

/** Area of Student's density from -t to t by Simpson's rule: the truth from the definition, not from another table. */
function coverage(t: number, degreesOfFreedom: number): number {
  const density = (x: number) => (1 + (x * x) / degreesOfFreedom) ** (-(degreesOfFreedom + 1) / 2);
  const simpson = (to: number, steps: number) => {
    const h = to / steps;
    let total = density(0) + density(to);
    for (let i = 1; i < steps; i++) total += (i % 2 === 1 ? 4 : 2) * density(i * h);
    return (total * h) / 3;
  };
  // The whole integral by substituting x = u / (1 - u), which maps the half-line to [0, 1).
  let whole = 0;
  const steps = 200_000;
  for (let i = 0; i < steps; i++) {
    const u = (i + 0.5) / steps;
    whole += density(u / (1 - u)) / (1 - u) ** 2 / steps;
  }
  return simpson(t, 20_000) / whole;
}

describe("Student's t", () => {
  it.each([1, 2, 3, 5, 10, 20, 30])('leaves 5 %% outside with %i degrees of freedom', (degreesOfFreedom) =>
    expect(coverage(studentT95(degreesOfFreedom), degreesOfFreedom)).toBeCloseTo(0.95, 4),
  );
  it('stays wide beyond the table, and knows nothing without freedom', () => {
    expect(studentT95(1000)).toBe(2.042);
    expect(studentT95(0)).toBe(Infinity);
  });
});

describe('a ratio of paired rounds', () => {
  it('of one pair has no interval', () => expect(pairedRatio([[10, 10]])).toEqual({ value: 1, low: null, high: null }));

  it('of equal pairs has no width', () => {
    const ratio = pairedRatio([
      [30, 10],
      [60, 20],
      [15, 5],
    ]);
    expect(ratio!.value).toBeCloseTo(3, 12);
    expect(ratio!.low).toBeCloseTo(3, 12);
    expect(ratio!.high).toBeCloseTo(3, 12);
  });

  it('of two pairs is as wide as two pairs deserve', () => {
    // ln 2 and ln 4: mean ln sqrt(8), s = ln(2)/sqrt(2), so half = 12.706 * (ln 2 / sqrt 2) / sqrt 2 = 12.706 * ln(2) / 2.
    const ratio = pairedRatio([
      [2, 1],
      [4, 1],
    ])!;
    expect(ratio.value).toBeCloseTo(Math.sqrt(8), 12);
    expect(Math.log(ratio.high! / ratio.value)).toBeCloseTo((12.706 * Math.LN2) / 2, 10);
    expect(Math.log(ratio.value / ratio.low!)).toBeCloseTo((12.706 * Math.LN2) / 2, 10);
  });

  it('turned round is its inverse, and lies in its interval', () => {
    const rate = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
    const property = fc.property(fc.array(fc.tuple(rate, rate), { minLength: 2, maxLength: 40 }), (pairs) => {
      const there = pairedRatio(pairs)!;
      const back = pairedRatio(pairs.map(([a, b]) => [b, a] as const))!;
      expect(back.value * there.value).toBeCloseTo(1, 6);
      expect(there.low).toBeLessThanOrEqual(there.value * (1 + 1e-12));
      expect(there.high).toBeGreaterThanOrEqual(there.value * (1 - 1e-12));
      // Two pairs of rates this far apart can have an interval without an end.
      if (Number.isFinite(there.high) && there.low! > 0) expect(Math.log(back.low! * there.high!)).toBeCloseTo(0, 6);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it.each([
    { pairs: [] },
    { pairs: [[1, 0]] },
    {
      pairs: [
        [1000, 0],
        [1000, 0],
        [1000, 990],
      ],
    },
    {
      pairs: [
        [0, 1],
        [4, 2],
      ],
    },
  ] as { pairs: [number, number][] }[])('is none for $pairs', ({ pairs }) => expect(pairedRatio(pairs)).toBeNull());
});

describe('ABBA', () => {
  const letters = (targets: number, rounds: number) =>
    abbaOrder(targets, rounds)
      .map(({ target, round }) => `${'ABC'[target]}${round}`)
      .join(' ');
  it.each([
    { targets: 1, rounds: 3, order: 'A0 A1 A2' },
    { targets: 2, rounds: 1, order: 'A0 B0' },
    { targets: 2, rounds: 4, order: 'A0 B0 B1 A1 A2 B2 B3 A3' },
    { targets: 3, rounds: 2, order: 'A0 B0 C0 C1 B1 A1' },
  ])('of $targets targets in $rounds rounds is $order', ({ targets, rounds, order }) =>
    expect(letters(targets, rounds)).toBe(order),
  );
});
