/** What /metrics says is read back by the parser that scrapes real servers. */
import { describe, expect, it } from 'vitest';
import { parseExposition } from '../../src/metrics/exposition.ts';
import { MetricSet } from '../../src/metrics/metric-set.ts';
import { exponentialBounds, HistogramMeter } from '../../src/metrics/meters.ts';

function setAt(timeMs: { now: number }): MetricSet {
  return new MetricSet(() => timeMs.now);
}

describe('a metric set', () => {
  it('shows numbers as they are when it is scraped, sorted by name', async () => {
    const time = { now: 0 };
    const set = setAt(time);
    let puts = 0;
    set.gauge('b_now', 'A level.', () => puts * 2);
    set.counter('a_total', 'A count.', () => puts);
    puts = 21;
    const text = await set.render();
    expect(text.indexOf('a_total')).toBeLessThan(text.indexOf('b_now'));
    expect(text).toContain('# HELP a_total A count.\n# TYPE a_total counter\na_total 21\n');
    const parsed = parseExposition(text);
    expect([parsed.value('a_total'), parsed.value('b_now')]).toEqual([21, 42]);
    expect(parsed.type('b_now')).toBe('gauge');
  });

  it('renders afresh only after half a second', async () => {
    const time = { now: 0 };
    const set = setAt(time);
    let level = 1;
    set.gauge('level', 'A level.', () => level);
    expect(await set.render()).toContain('level 1');
    level = 2;
    time.now = 499;
    expect(await set.render()).toContain('level 1');
    time.now = 500;
    expect(await set.render()).toContain('level 2');
  });

  it('shares one rendering among scrapes that come together', async () => {
    const set = setAt({ now: 0 });
    let reads = 0;
    set.gauge('level', 'A level.', () => ++reads);
    await Promise.all([set.render(), set.render(), set.render()]);
    expect(reads).toBe(1);
  });

  it('leaves out a vector that has no samples yet', async () => {
    const set = setAt({ now: 0 });
    set.vector('empty_total', 'counter', 'Nothing.', () => []);
    expect(await set.render()).toBe('');
  });

  it('heads a vector of many slices once', async () => {
    const set = setAt({ now: 0 });
    const numbers = Array.from({ length: 1_000 }, (_, i) => i);
    set.vector('many_total', 'counter', 'Many.', () => numbers.map((i) => [{ nth: String(i) }, i]));
    const text = await set.render();
    expect(text.match(/# HELP/g)).toHaveLength(1);
    expect(text.match(/# TYPE/g)).toHaveLength(1);
    const parsed = parseExposition(text);
    expect(parsed.sampleCount).toBe(1_000);
    expect(parsed.value('many_total', { nth: '999' })).toBe(999);
  });

  it('refuses a name twice', () => {
    const set = setAt({ now: 0 });
    set.counter('a_total', 'One.', () => 0);
    expect(() => set.counter('a_total', 'Two.', () => 0)).toThrow('already been registered');
  });

  it('escapes what labels may hold', async () => {
    const set = setAt({ now: 0 });
    set.vector('odd', 'gauge', 'Odd.', () => [[{ text: 'a"b\\c\nd' }, 1]]);
    expect(parseExposition(await set.render()).value('odd', { text: 'a"b\\c\nd' })).toBe(1);
  });
});

describe('a histogram', () => {
  it.each([
    { value: 0, le: 0.001 },
    { value: 0.001, le: 0.001 },
    { value: 0.0011, le: 0.002 },
    { value: 8.192, le: 8.192 },
    { value: 9, le: Infinity },
  ])('counts $value at or below $le', async ({ value, le }) => {
    const meter = new HistogramMeter(exponentialBounds(0.001, 2, 14));
    meter.observe(value);
    const set = setAt({ now: 0 });
    set.histogram('took_seconds', 'Time.', meter);
    const histogram = parseExposition(await set.render()).histogram('took_seconds')!;
    const first = histogram.cumulative.findIndex((count) => count === 1);
    expect(histogram.bounds[first]).toBe(le);
    expect(histogram.sum).toBe(value);
  });

  it.each([
    { bounds: exponentialBounds(0.001, 2, 14), last: 8.192, length: 14 },
    { bounds: exponentialBounds(0.0001, 2, 20), last: 52.4288, length: 20 },
    { bounds: exponentialBounds(100, 2, 14), last: 819_200, length: 14 },
  ])('has $length bounds up to $last', ({ bounds, last, length }) => {
    expect(bounds).toHaveLength(length);
    expect(bounds.at(-1)).toBe(last);
  });
});
