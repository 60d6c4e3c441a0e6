import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { EarlyEnd, RunResult } from '../../src/bench/result.ts';
import { parseResult } from '../../src/bench/result-file.ts';
import type { ReportInput } from '../../src/report/report-input.ts';
import { renderHtml } from '../../src/report/html.ts';
import { renderText } from '../../src/report/text.ts';
import { hostileResult, reportOf, sampleReport } from '../tools/sample-report.ts';
import { sampleResult, scenarios, type Scenario } from '../tools/sample-result.ts';

const pages = new Map<Scenario, string>();

function pageOf(scenario: Scenario): string {
  const page = pages.get(scenario) ?? renderHtml(sampleReport(scenario));
  pages.set(scenario, page);
  return page;
}

const saved = new URL('golden/result.json', import.meta.url);

/** Rewritten with `npx vitest run --project unit test/report -u`; commit only a difference that you can explain. */
describe('a saved result', () => {
  const input = reportOf(parseResult(readFileSync(saved, 'utf8'), 'result.json'));

  it('renders to the golden page', async () => {
    await expect(renderHtml(input)).toMatchFileSnapshot('golden/report.html');
  });

  it('renders to the golden text', async () => {
    await expect(renderText(input)).toMatchFileSnapshot('golden/report.txt');
  });
});

describe('every scenario', () => {
  it.each(scenarios)('%s renders to its golden text', async (scenario) => {
    await expect(renderText(sampleReport(scenario))).toMatchFileSnapshot(`golden/${scenario}.txt`);
  });

  it.each(scenarios)('%s renders to the same bytes again, and changes nothing', (scenario) => {
    const input = sampleReport(scenario);
    const before = JSON.stringify(input);
    expect(renderHtml(input)).toBe(pageOf(scenario));
    expect(JSON.stringify(input)).toBe(before);
  });

  it.each(scenarios)('%s fetches nothing', (scenario) => {
    const page = pageOf(scenario);
    expect(page).not.toMatch(/<(?:script|img|iframe|object|embed|audio|video|source)[^>]+src=/i);
    expect(page).not.toMatch(/@import|url\((?!#)/i);
    expect([...page.matchAll(/<link[^>]+href="([^"]*)"/g)].map((match) => match[1])).toEqual(['data:,']);
  });
});

describe('the page', () => {
  const page = pageOf('slow-disk');

  it('allows its own script by hash, and no other', () => {
    const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map((match) => match[1]!);
    const hashes = scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
    const policy = /Content-Security-Policy"\s+content="([^"]+)"/.exec(page)?.[1];
    expect(hashes).toHaveLength(1);
    expect(policy).toBe(`default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src ${hashes[0]}`);
  });

  it('shows things in the order in which they are asked for', () => {
    const headings = [...page.matchAll(/<h2>([^<]+)<\/h2>/g)].map((match) => match[1]);
    expect(headings).toEqual([
      'What to do next',
      'Key figures',
      'Thresholds',
      'Timeline',
      'Latency by percentile',
      'Generator health',
      'Three ways to take the time',
      'What was checked',
      'Environment',
      'Workload',
      'Run it again',
    ]);
    expect(page.indexOf('<h1>')).toBeLessThan(page.indexOf('<h2>'));
  });

  it('draws every chart twice, wide and narrow, on one time axis', () => {
    const strips = [...page.matchAll(/<figure class="strip"/g)].length;
    expect([...page.matchAll(/<svg class="wide"/g)]).toHaveLength(strips);
    expect([...page.matchAll(/<svg class="narrow"/g)]).toHaveLength(strips);
    const timeline = page.slice(page.indexOf('<div class="timeline">'), page.indexOf('Latency by percentile'));
    const label = /text-anchor="middle"[^>]*translate\(([\d.]+) [\d.]+\)"[^>]*>(\d+ s)</g;
    const drawings = timeline.split('<svg class="wide"').slice(1);
    const axes = drawings.map((svg) =>
      [...svg.split('</svg>')[0]!.matchAll(label)].map(([, x, text]) => `${text} at ${x}`).join(),
    );
    expect(axes[0]).toContain('10 s at');
    expect(axes).toHaveLength(7);
    expect(new Set(axes).size).toBe(1);
  });

  it('marks the new leaders in every strip and names them once per drawing', () => {
    const timeline = page.slice(page.indexOf('<div class="timeline">'), page.indexOf('Latency by percentile'));
    expect([...timeline.matchAll(/stroke="var\(--leader\)"/g)]).toHaveLength(7 * 2 * 2);
    expect([...timeline.matchAll(/>new leader</g)]).toHaveLength(2 * 2);
  });

  it('has no id twice', () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('a round that ended early', () => {
  const cut = { reason: 'bound-used-up', words: '--max-bytes was used up in phase "measure"' } as const;
  const endedBy = (result: RunResult, ends: readonly (EarlyEnd | null)[]): ReportInput =>
    reportOf({ ...result, rounds: result.rounds.map((round, at) => ({ ...round, earlyEnd: ends[at] ?? null })) });
  /** What stands above the key figures, without markup. */
  const verdictOf = (result: RunResult, ends: readonly (EarlyEnd | null)[]): string => {
    const [verdict] = renderHtml(endedBy(result, ends)).split('<h2>Key figures');
    return verdict!.replace(/<style>.*?<\/style>|<[^>]+>/gs, '').replaceAll('&quot;', '"');
  };
  /** What stands above the figures on a terminal that is wide enough. */
  const textOf = (result: RunResult, ends: readonly (EarlyEnd | null)[]): readonly string[] =>
    renderText(endedBy(result, ends), { width: 1000 }).split('\n\n')[0]!.split('\n');

  it('is told beside the verdict, with the reason', () => {
    expect(verdictOf(sampleResult('pass'), [cut])).toContain(`The load ended early: ${cut.words}.`);
    expect(verdictOf(sampleResult('pass'), [null])).not.toContain('ended early');
    expect(textOf(sampleResult('pass'), [cut]).slice(1)).toEqual([`      the load ended early: ${cut.words}`]);
    expect(textOf(sampleResult('pass'), [null])).toHaveLength(1);
  });

  it('is counted under its target', () => {
    const other = { ...cut, words: 'another bound was used up in phase "measure"' };
    const told = verdictOf(sampleResult('two-targets'), [cut, null, null, other, cut]);
    const [first, second, third] = told.split('ended early');
    expect(first).toMatch(/2 of 3 rounds $/);
    expect(second).toContain(`: ${cut.words}.`);
    expect(second).toMatch(/1 of 3 rounds $/);
    expect(third).toContain(`: ${other.words}.`);
    expect(textOf(sampleResult('two-targets'), [cut, cut, null, other, cut]).slice(1)).toEqual([
      `      etcd: 2 of 3 rounds ended early: ${cut.words}`,
      `      etcd: 1 of 3 rounds ended early: ${other.words}`,
      `      etcd@/opt/etcd-3.5/bin/etcd: 1 of 3 rounds ended early: ${cut.words}`,
    ]);
  });

  it('is not told twice', () => {
    const result = sampleResult('pass');
    const phases = result.rounds[0]!.phases.filter((phase) => phase.warmUp);
    const unmeasured = { ...result, rounds: result.rounds.map((round) => ({ ...round, phases })) };
    expect(verdictOf(unmeasured, [cut]).split(cut.words)).toHaveLength(2);
    expect(textOf(unmeasured, [cut])).toHaveLength(1);
    const stopped = { reason: 'interrupted', words: 'interrupted' } as const;
    expect(verdictOf({ ...result, interrupted: 'SIGINT' }, [stopped])).not.toContain('ended early');
    expect(textOf({ ...result, interrupted: 'SIGINT' }, [stopped])).toHaveLength(1);
  });
});

describe('a load with errors that are allowed', () => {
  it('is said to hold, not to be carried', () => {
    const result = sampleResult('pass');
    const errors = { Unavailable: 1 };
    const thresholds = { ...result.workload.thresholds, maxErrorFraction: 0.01 };
    const rounds = result.rounds.map((round) => ({
      ...round,
      phases: round.phases.map((phase) => ({ ...phase, errors })),
    }));
    const told = renderHtml(reportOf({ ...result, rounds, workload: { ...result.workload, thresholds } }));
    expect(told).toContain('The thresholds hold, but some requests failed.');
    expect(told).toMatch(/1 of [\d,]+\srequests failed \(Unavailable 1\)/);
    expect(told).not.toContain('carries this load');
  });
});

describe('a round that measured nothing', () => {
  it('has no rate, not even 0/s', () => {
    const result = sampleResult('pass');
    const [round] = result.rounds;
    const cut = { ...round!, round: 1, phases: round!.phases.filter((phase) => phase.warmUp) };
    const page = renderHtml(reportOf({ ...result, rounds: [round!, cut] }));
    expect(page).toMatch(/Rate of each round\. etcd: 150\/s, –"/);
  });
});

describe('names out of a result', () => {
  const input = reportOf(hostileResult());

  it('never become markup', () => {
    const page = renderHtml(input);
    expect(page).not.toContain('<script>alert');
    expect(page).not.toMatch(/<img/i);
    expect(page).not.toMatch(/\sonerror=(?![^<]*(?:&#39;|&quot;))/);
    expect([...page.matchAll(/<\/?script/g)]).toHaveLength(2 + 2 * input.curves.length);
    expect([...page.matchAll(/<\/?style/g)]).toHaveLength(2);
    expect(page).not.toMatch(/[\u0000\u001b]/);
  });

  it('never command a terminal', () => {
    expect(renderText(input)).not.toMatch(/[^\P{Cc}\n]/u);
  });
});

describe('a result with little in it', () => {
  const base = sampleResult('pass');
  const [round] = base.rounds;
  const phase = round!.phases[1]!;
  it.each([
    { what: 'no rounds', result: { ...base, rounds: [] } },
    { what: 'no targets', result: { ...base, targets: [], rounds: [] } },
    {
      what: 'no server metrics and no host samples',
      result: {
        ...base,
        rounds: [{ ...round!, server: { ...round!.server, series: [] }, host: { source: 'none', samples: [] } }],
      },
    },
    {
      what: 'no buckets',
      result: { ...base, rounds: [{ ...round!, phases: [{ ...phase, timeline: { bucketMs: 500, buckets: [] } }] }] },
    },
    {
      what: 'one bucket',
      result: {
        ...base,
        rounds: [
          {
            ...round!,
            phases: [{ ...phase, timeline: { bucketMs: 60_000, buckets: phase.timeline.buckets.slice(0, 1) } }],
          },
        ],
      },
    },
    { what: 'only a warm-up', result: { ...base, rounds: [{ ...round!, phases: [round!.phases[0]!] }] } },
  ])('$what renders', ({ result }) => {
    const input = reportOf(result);
    const page = renderHtml(input);
    expect(page).toContain('</html>');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
    expect(renderText(input)).not.toMatch(/NaN|undefined|Infinity/);
  });
});
