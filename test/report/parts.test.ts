import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linearAxis, logAxis, niceStep } from '../../src/report/charts/axes.ts';
import { spread } from '../../src/report/charts/end-labels.ts';
import { commandLine, escapeHtml, html, jsonData, prose, trusted } from '../../src/report/markup.ts';
import { textTable, wrapText } from '../../src/report/text-table.ts';
import { workloadFacts } from '../../src/report/workload-words.ts';
import { sampleResult } from '../tools/sample-result.ts';

describe('html', () => {
  it.each([
    { what: 'text', markup: html`<b>${'<i>&"\''}</b>`, text: '<b>&lt;i&gt;&amp;&quot;&#39;</b>' },
    { what: 'numbers', markup: html`${1}${0}`, text: '10' },
    { what: 'nothing', markup: html`a${null}${false}b`, text: 'ab' },
    { what: 'lists', markup: html`${['<', html`<br />`, [1]]}`, text: '&lt;<br />1' },
    { what: 'what is trusted', markup: html`${trusted('<hr>')}`, text: '<hr>' },
  ])('renders $what', ({ markup, text }) => expect(markup.text).toBe(text));

  it('leaves no character that could end a text, an attribute or a script', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']|[^\P{Cc}\n\t]/u);
        expect(jsonData({ [text]: text }).text).not.toContain('<');
        expect(JSON.parse(jsonData({ [text]: text }).text)).toEqual({ [text]: text });
      }),
    );
  });
});

describe('prose', () => {
  it.each([
    { text: '10 ms in 3 s', kept: '10\u00a0ms in 3\u00a0s' },
    { text: '2 servers', kept: '2 servers' },
    { text: '0.3 % of 8 GiB', kept: '0.3\u00a0% of 8\u00a0GiB' },
  ])('$text', ({ text, kept }) => expect(prose(text)).toBe(kept));
});

describe('commandLine', () => {
  it('is copied as it was', () => {
    const line = "bench run 'a  b' --x=<1>";
    expect(commandLine(line).text.replace(/<[^>]+>/g, '')).toBe(escapeHtml(line));
  });
});

describe('axes', () => {
  it.each([
    { rough: 0.7, step: 1 },
    { rough: 1.2, step: 2 },
    { rough: 30, step: 50 },
    { rough: 61, step: 100 },
    { rough: 0, step: 1 },
  ])('steps of at least $rough are $step', ({ rough, step }) => expect(niceStep(rough)).toBe(step));

  it.each([
    { values: [2, 40], min: 1, max: 100 },
    { values: [10, 100], min: 10, max: 100 },
    { values: [0.3], min: 0.1, max: 1 },
    { values: [5], min: 1, max: 10 },
    { values: [], min: 1, max: 10 },
  ])('a logarithmic axis of $values has room for them', ({ values, min, max }) => {
    const axis = logAxis(values, String);
    expect(axis['max']).toBeGreaterThan(axis['min'] as number);
    if (values.length > 0) expect(axis).toMatchObject({ min, max });
  });

  it('a linear axis ends on a step', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), (max) => {
        const axis = linearAxis({ max, format: String });
        const steps = (axis['max'] as number) / (axis['interval'] as number);
        expect(axis['max']).toBeGreaterThanOrEqual(max * (1 - 1e-9));
        expect(Math.abs(steps - Math.round(steps))).toBeLessThan(1e-6);
        expect(steps).toBeLessThanOrEqual(4);
      }),
    );
  });
});

describe('spread', () => {
  it('keeps the order, the distance and, when there is room, the plot', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { maxLength: 7 }), (wanted) => {
        const placed = spread(wanted, 100);
        const order = wanted.map((_, i) => i).sort((a, b) => wanted[a]! - wanted[b]! || a - b);
        for (const [at, i] of order.entries()) {
          if (at > 0) expect(placed[i]! - placed[order[at - 1]!]!).toBeGreaterThanOrEqual(13 - 1e-9);
          expect(placed[i]!).toBeLessThanOrEqual(100);
        }
      }),
    );
  });
});

describe('text', () => {
  it('wraps under its prefix', () => {
    expect(wrapText('PASS  ', 'one two three', 14)).toEqual(['PASS  one two', '      three']);
  });

  it('lines columns up', () => {
    const columns = [
      { title: 'a', align: 'left' },
      { title: 'b', align: 'right' },
    ] as const;
    expect(
      textTable(columns, [
        ['long', '1'],
        ['x', '22'],
      ]),
    ).toEqual(['a      b', 'long   1', 'x     22']);
  });
});

describe('a workload in words', () => {
  const { workload } = sampleResult('pass');
  const facts = (changes: object): Readonly<Record<string, string>> =>
    Object.fromEntries(workloadFacts({ ...workload, ...changes }));
  const phase = (changes: object): string => facts({ phases: [{ ...workload.phases[1]!, ...changes }] })['measure']!;

  it.each([
    { said: phase({}), words: 'open loop, 150/s, evenly spaced, for 1m 0s, put' },
    {
      said: phase({ arrival: { model: 'closed' }, durationMs: null, count: 500 }),
      words: 'closed loop, 500 requests at most, put',
    },
    {
      said: phase({ arrival: { model: 'open', spacing: 'poisson', fromPerSec: 1, toPerSec: 9 } }),
      words: 'open loop, 1/s to 9/s, Poisson arrivals, for 1m 0s, put',
    },
    {
      said: phase({
        mix: [
          { op: 'put', weight: 1 },
          { op: 'range', weight: 3, serializable: true, limit: 0, span: 'prefix' },
        ],
      }),
      words: 'open loop, 150/s, evenly spaced, for 1m 0s, put 25 %, serializable range of a prefix 75 %',
    },
    {
      said: phase({ mix: [{ op: 'txn', weight: 1, puts: 2 }] }),
      words: 'open loop, 150/s, evenly spaced, for 1m 0s, txn of 2 puts',
    },
    { said: facts({})['keys'], words: '256 B after the prefix, a new random key for every put' },
    {
      said: facts({ preload: 9, keys: { ...workload.keys, count: 1000, order: 'zipfian' } })['keys'],
      words: '256 B after the prefix, 1,000 keys, zipfian (theta 0.99), 9 put beforehand',
    },
    { said: facts({ values: { kind: 'uniform', minBytes: 10, maxBytes: 2048 } })['values'], words: '10 B to 2 KiB' },
  ])('$words', ({ said, words }) => expect(said).toBe(words));
});
