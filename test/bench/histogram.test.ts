import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHistogram, LatencyRecorder, mergeHistograms } from '../../src/bench/histogram.ts';
import { highestUs, lowestEquivalentMs } from '../../src/bench/latency-range.ts';
import type { EncodedHistogram } from '../../src/bench/result.ts';

function recorded(valuesUs: readonly number[]): EncodedHistogram {
  const recorder = new LatencyRecorder();
  for (const value of valuesUs) recorder.record(value);
  const encoded = recorder.encode();
  recorder.free();
  return encoded;
}

const values = fc.array(fc.integer({ min: 1, max: highestUs }), { maxLength: 200 });

describe('LatencyRecorder', () => {
  it('has no summary when nothing was recorded', () => {
    const empty = recorded([]);
    expect(empty.count).toBe(0);
    expect(Object.values(empty.summary)).toEqual([null, null, null, null, null, null, null]);
  });

  it.each([
    { values: [0.2], maxMs: 0.001, clamped: 1 },
    { values: [-5], maxMs: 0.001, clamped: 1 },
    { values: [1], maxMs: 0.001, clamped: 0 },
    { values: [1499.6], maxMs: 1.5, clamped: 0 },
    { values: [90_000_000], maxMs: 90_000, clamped: 0 },
    { values: [highestUs], maxMs: highestUs / 1e3, clamped: 0 },
    { values: [highestUs + 1, 2 * highestUs], maxMs: (2 * highestUs) / 1e3, clamped: 2 },
  ])('records $values with max $maxMs ms and $clamped clamped', ({ values, maxMs, clamped }) => {
    const encoded = recorded(values);
    expect(encoded.count).toBe(values.length);
    expect(encoded.summary.max).toBe(maxMs);
    expect(encoded.clamped).toBe(clamped);
  });

  it('tells a percentile beyond the range as the largest value, so that no limit up there holds by accident', () => {
    const minute = 60_000_000;
    const { summary } = mergeHistograms([recorded([minute, minute, 2 * highestUs]), recorded([3 * highestUs])]);
    expect(summary).toMatchObject({
      p90: (3 * highestUs) / 1e3,
      p99: (3 * highestUs) / 1e3,
      max: (3 * highestUs) / 1e3,
    });
    expect(summary.p50).toBeLessThan(60_100);
  });

  it('is within 0.1 % of the sorted values at every percentile it reports, and of their mean', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: highestUs }), { minLength: 1, maxLength: 300 }), (us) => {
        const sorted = us.toSorted((a, b) => a - b);
        const { summary } = recorded(us);
        for (const [key, share] of [
          ['p50', 0.5],
          ['p90', 0.9],
          ['p99', 0.99],
          ['p999', 0.999],
        ] as const) {
          const truthMs = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]! / 1e3;
          expect(Math.abs(summary[key]! - truthMs)).toBeLessThanOrEqual(truthMs * 0.001 + 1e-9);
        }
        expect(summary.max).toBe(sorted.at(-1)! / 1e3);
        const meanMs = us.reduce((sum, value) => sum + value / 1e3, 0) / us.length;
        const stddevMs = Math.sqrt(us.reduce((sum, value) => sum + (value / 1e3 - meanMs) ** 2, 0) / us.length);
        expect(Math.abs(summary.mean! - meanMs)).toBeLessThanOrEqual(meanMs * 0.001);
        expect(Math.abs(summary.stddev! - stddevMs)).toBeLessThanOrEqual(stddevMs * 0.02 + meanMs * 0.001);
      }),
      { numRuns: 60 },
    );
  });
});

it('the smallest equivalent of a latency is what HDR says', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: highestUs }), (us) => {
      expect(lowestEquivalentMs(us / 1e3)).toBe(decodeHistogram(recorded([us])).minNonZeroValue / 1e3);
    }),
  );
});

describe('mergeHistograms', () => {
  it('equals recording everything into one', () => {
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        const merged = mergeHistograms([recorded(a), recorded(b), recorded(c)]);
        const whole = recorded([...a, ...b, ...c]);
        expect(merged.count).toBe(whole.count);
        for (const key of ['p50', 'p90', 'p99', 'p999', 'max', 'mean', 'stddev'] as const) {
          if (whole.summary[key] === null) expect(merged.summary[key]).toBeNull();
          else expect(merged.summary[key]).toBeCloseTo(whole.summary[key], 6);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('gives back a single one as it is, and an empty one for none', () => {
    const one = recorded([5, 6]);
    expect(mergeHistograms([one])).toBe(one);
    expect(mergeHistograms([]).count).toBe(0);
  });
});

describe('decodeHistogram', () => {
  const whole = recorded([1, 2, 3]);
  it.each([
    { what: 'not base64', base64: '%%%' },
    { what: 'empty', base64: '' },
    { what: 'cut', base64: whole.base64.slice(0, 40) },
    { what: 'another format', base64: Buffer.from('a histogram, honestly').toString('base64') },
    { what: 'far too long', base64: 'A'.repeat(2_000_000) },
  ])('refuses what is $what with one line', ({ base64 }) => {
    expect(() => decodeHistogram({ ...whole, base64 })).toThrowError(
      expect.objectContaining({ name: 'Failure', code: 'BROKEN_HISTOGRAM' }) as Error,
    );
  });
});
