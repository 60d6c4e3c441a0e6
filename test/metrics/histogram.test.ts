import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createHistogram,
  histogramQuantile,
  histogramSince,
  observations,
  type Histogram,
} from '../../src/metrics/histogram.ts';

function histogram(buckets: readonly (readonly [bound: number, cumulative: number])[], sum = 0): Histogram {
  return createHistogram(new Map(buckets), sum)!;
}

const ten = histogram([
  [1, 5],
  [2, 9],
  [Infinity, 10],
]);

describe('quantiles', () => {
  it.each([
    { q: 0, value: 0 },
    { q: 0.25, value: 0.5 },
    { q: 0.5, value: 1 },
    { q: 0.7, value: 1.5 },
    { q: 0.9, value: 2 },
    { q: 0.95, value: 2 },
    { q: 1, value: 2 },
  ])('$q of ten values', ({ q, value }) => expect(histogramQuantile(q, ten)).toBeCloseTo(value, 12));

  it.each([
    {
      what: 'nothing observed',
      of: histogram([
        [1, 0],
        [Infinity, 0],
      ]),
      value: null,
    },
    { what: 'only +Inf', of: histogram([[Infinity, 3]]), value: null },
    {
      what: 'all beyond the last bound',
      of: histogram([
        [1, 0],
        [Infinity, 3],
      ]),
      value: 1,
    },
    {
      what: 'a first bound below zero',
      of: histogram([
        [-1, 3],
        [Infinity, 3],
      ]),
      value: -1,
    },
    {
      what: 'an empty first bucket',
      of: histogram([
        [1, 0],
        [3, 4],
        [Infinity, 4],
      ]),
      value: 2,
    },
  ])('$what', ({ of, value }) => expect(histogramQuantile(0.5, of)).toBe(value));
});

it('a quantile of what came between two scrapes lies in the bucket of the exact one', () => {
  const bounds = [0.001, 0.002, 0.004, 0.008, 0.016, Infinity];
  const seconds = fc.double({ min: 1e-6, max: 0.03, noNaN: true });
  const scrape = (values: readonly number[]): Histogram =>
    histogram(bounds.map((bound) => [bound, values.filter((value) => value <= bound).length]));
  const property = fc.property(
    fc.array(seconds, { maxLength: 50 }),
    fc.array(seconds, { minLength: 1, maxLength: 200 }),
    (before, since) => {
      const quantile = histogramQuantile(0.99, histogramSince(scrape(before), scrape([...before, ...since])));
      const exact = since.toSorted((a, b) => a - b)[Math.ceil(0.99 * since.length - 1e-9) - 1]!;
      const bucket = bounds.findIndex((bound) => exact <= bound);
      expect(quantile).toBeGreaterThanOrEqual((bounds[bucket - 1] ?? 0) - 1e-12);
      expect(quantile).toBeLessThanOrEqual(Math.min(0.016, bounds[bucket]!) + 1e-12);
    },
  );
  fc.assert(property, { numRuns: 200 });
});

describe('histograms', () => {
  it('sorts bounds, levels counts that shrink, and needs +Inf', () => {
    const odd = histogram([
      [Infinity, 6],
      [2, 4],
      [1, 5],
    ]);
    expect(odd).toMatchObject({ bounds: [1, 2, Infinity], cumulative: [5, 5, 6] });
    expect(createHistogram(new Map([[1, 5]]), 0)).toBeNull();
    expect(
      observations(
        histogram([
          [NaN, 1],
          [1, NaN],
          [Infinity, 2],
        ]),
      ),
    ).toBe(2);
  });

  it('is all new without a scrape before', () => expect(histogramSince(null, ten)).toBe(ten));

  it('is what came since the scrape before', () => {
    const more = histogram(
      [
        [1, 6],
        [2, 12],
        [Infinity, 14],
      ],
      30,
    );
    expect(histogramSince(ten, more)).toEqual({ bounds: [1, 2, Infinity], cumulative: [1, 3, 4], sum: 30 });
  });

  it('is all new when the server began again, or has other buckets', () => {
    const fewer = histogram([
      [1, 1],
      [2, 1],
      [Infinity, 1],
    ]);
    const others = histogram([
      [1, 6],
      [4, 12],
      [Infinity, 14],
    ]);
    expect(histogramSince(ten, fewer)).toBe(fewer);
    expect(histogramSince(ten, others)).toBe(others);
  });
});
