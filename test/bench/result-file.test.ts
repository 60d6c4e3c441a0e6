import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import { formatVersion, type RunResult } from '../../src/bench/result.ts';
import { parseResult, readResult, writeResult } from '../../src/bench/result-file.ts';
import { checkResultShape } from '../../src/bench/result-shape.ts';
import { upgradeDocument } from '../../src/bench/result-upgrade.ts';
import { dropIfEmpty, makeRunDirectory } from '../../src/bench/run-directory.ts';
import { judgeRun } from '../../src/checks/run-verdict.ts';
import { renderText } from '../../src/report/text.ts';
import { curvesOf, summarizeRun } from '../../src/bench/run-summary.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qb-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

const golden = (version: number): string => join(import.meta.dirname, `golden/result-v${version}.json`);

async function failureOf(asked: () => unknown): Promise<string> {
  try {
    await asked();
  } catch (thrown) {
    if (thrown instanceof Failure) return `${thrown.code} ${thrown.exitCode}: ${thrown.line}`;
    throw thrown;
  }
  return 'accepted';
}

describe('a saved result', () => {
  it.each(Array.from({ length: formatVersion }, (_, i) => i + 1))(
    'of format %i is read, judged and rendered',
    async (version) => {
      const result = await readResult(golden(version));
      expect(result.formatVersion).toBe(formatVersion);
      const summaries = summarizeRun(result);
      const verdict = judgeRun(result, summaries);
      expect(verdict.targets.map((each) => each.target)).toEqual(['etcd', 'etcd@/usr/bin/etcd']);
      const curves = summaries.map((summary) => curvesOf(result, summary));
      expect(renderText({ result, verdict, summaries, curves })).toMatch(new RegExp(`^${verdict.verdict}  `));
    },
  );

  it('comes back as it was written, and no other file with it', async () => {
    const result = await readResult(golden(formatVersion));
    const path = await writeResult(folder, result);
    expect(await readResult(folder)).toEqual(result);
    expect(await readResult(path)).toEqual(result);
    expect(await readdir(folder)).toEqual(['result.json']);
  });

  it('stays whole when writing fails', async () => {
    const result = await readResult(golden(formatVersion));
    await writeResult(folder, result);
    await expect(writeResult(join(folder, 'missing'), result)).rejects.toThrow();
    expect(await readResult(folder)).toEqual(result);
  });

  it.each([
    { text: '', line: /cannot read the result x: it is not JSON/ },
    { text: '[]', line: /it is not an object/ },
    { text: 'null', line: /it is not an object/ },
    { text: '{"formatVersion":"1"}', line: /no formatVersion/ },
    { text: '{"formatVersion":0}', line: /no formatVersion/ },
    { text: '{"formatVersion":1.5}', line: /no formatVersion/ },
    { text: `{"formatVersion":${formatVersion + 1}}`, line: /reads up to/ },
    { text: '{"formatVersion":1}', line: /tool is not an object/ },
  ])('"$text" is refused with one line', async ({ text, line }) =>
    expect(await failureOf(() => parseResult(text, 'x'))).toMatch(line),
  );

  it.each([
    {
      path: ['rounds', 0, 'phases', 0, 'latency', 'summary', 'p99'],
      value: 'x',
      fault: 'rounds[0].phases[0].latency.summary.p99 is not a number',
    },
    {
      path: ['rounds', 0, 'server', 'series', 0, 'samples'],
      value: {},
      fault: 'rounds[0].server.series[0].samples is not a list',
    },
    { path: ['targets', 0, 'name'], value: null, fault: 'targets[0].name is not a string' },
    { path: ['targets', 0, 'serverCommand'], value: [1], fault: 'targets[0].serverCommand[0] is not a string' },
    { path: ['workload', 'phases', 0, 'mix', 0], value: 1, fault: 'workload.phases[0].mix[0] is not an object' },
    { path: ['environment'], value: [], fault: 'environment is not an object' },
    { path: ['rounds', 0, 'phases', 0, 'generator', 'scheduleSlip'], value: null, fault: null },
    { path: ['interrupted'], value: 'SIGINT', fault: null },
  ])('with $path = $value: $fault', async ({ path, value, fault }) => {
    const document: unknown = JSON.parse(await readFile(golden(formatVersion), 'utf8'));
    let at = document as Record<string | number, unknown>;
    for (const name of path.slice(0, -1)) at = at[name] as Record<string | number, unknown>;
    at[path.at(-1)!] = value;
    expect(checkResultShape(document)).toBe(fault);
  });

  it('has a shape without any field that the writer leaves out', async () => {
    const document: unknown = JSON.parse(await readFile(golden(formatVersion), 'utf8'));
    expect(checkResultShape(document)).toBeNull();
  });
});

describe('a result of format 1', () => {
  const upgraded = async (stoppedBecause: unknown): Promise<RunResult> => {
    const document = JSON.parse(await readFile(golden(1), 'utf8')) as { rounds: object[] };
    const rounds = document.rounds.map((round) => ({ ...round, stoppedBecause }));
    return parseResult(JSON.stringify({ ...document, rounds }), 'x');
  };

  it.each([
    { words: 'the server ended with signal SIGKILL', reason: 'server-ended', verdict: 'FAIL' },
    { words: 'all connections were lost', reason: 'connections-lost', verdict: 'INCONCLUSIVE' },
    { words: '12 puts of the preload failed: Unavailable', reason: 'preload-failed', verdict: 'INCONCLUSIVE' },
    { words: 'cannot connect to 127.0.0.1:1', reason: 'failure', verdict: 'INCONCLUSIVE' },
    { words: 'the load generator broke: x', reason: 'generator-broke', verdict: 'INVALID' },
    { words: '--max-bytes was used up in phase "load"', reason: 'bound-used-up', verdict: 'PASS' },
    {
      words: `the bound that the target's quota sets was used up in phase "load"`,
      reason: 'quota-used-up',
      verdict: 'INCONCLUSIVE',
    },
    { words: 'interrupted', reason: 'interrupted', verdict: 'PASS' },
  ])('that ended early because "$words" is $verdict', async ({ words, reason, verdict }) => {
    const result = await upgraded(words);
    expect(result.rounds[0]!.earlyEnd).toEqual({ reason, words });
    expect(judgeRun(result).verdict).toBe(verdict);
  });

  it.each([
    { command: ['--rounds', '2'], asked: 2, verdict: 'PASS' },
    { command: ['--rounds=3', '--json'], asked: 3, verdict: 'INCONCLUSIVE' },
    { command: ['--rounds', '3'], asked: 3, verdict: 'INCONCLUSIVE' },
    { command: [], asked: 1, verdict: 'PASS' },
  ])('of two rounds, typed with $command, is $verdict', async ({ command, asked, verdict }) => {
    const document = JSON.parse(await readFile(golden(1), 'utf8')) as object;
    const typed = ['bench', 'run', 's.yaml', ...command];
    const result = parseResult(JSON.stringify({ ...document, command: typed }), 'x');
    expect(result).toMatchObject({ roundsAsked: asked, failure: null });
    expect(judgeRun(result).verdict).toBe(verdict);
  });

  it('that ended with its plan says so still', async () =>
    expect((await upgraded(null)).rounds[0]!.earlyEnd).toBeNull());

  it.each([
    { rounds: 7, fault: /rounds is not a list/ },
    { rounds: [7], fault: /rounds\[0\] is not an object/ },
    { rounds: [{ stoppedBecause: 7 }], fault: /rounds\[0\]\.round is not a number/ },
  ])('whose rounds are $rounds is refused', async ({ rounds, fault }) => {
    const document = JSON.parse(await readFile(golden(1), 'utf8')) as object;
    expect(await failureOf(() => parseResult(JSON.stringify({ ...document, rounds }), 'x'))).toMatch(fault);
  });

  it('whose reason is no text is refused', async () =>
    expect(await failureOf(() => upgraded(7))).toMatch(/rounds\[0\]\.earlyEnd is not an object/));
});

describe('upgrades', () => {
  const steps = [
    (old: Readonly<Record<string, unknown>>) => ({ ...old, b: old['a'] }),
    (old: Readonly<Record<string, unknown>>) => ({ ...old, c: [old['b']] }),
  ];
  it.each([
    { from: { formatVersion: 1, a: 7 }, to: { formatVersion: 3, a: 7, b: 7, c: [7] } },
    { from: { formatVersion: 2, b: 8 }, to: { formatVersion: 3, b: 8, c: [8] } },
    { from: { formatVersion: 3, x: 1 }, to: { formatVersion: 3, x: 1 } },
  ])('take $from one step at a time', ({ from, to }) => expect(upgradeDocument(from, 3, steps)).toEqual(to));

  it('stop at what is newer', async () =>
    expect(await failureOf(() => upgradeDocument({ formatVersion: 4 }, 3, steps))).toBe(
      'RESULT_VERSION 2: the result file has format 4, this release reads up to 3; use the release that wrote it, or a newer one',
    ));
});

describe("a run's folder", () => {
  const at = new Date('2026-01-02T03:04:05.678Z');

  it('is named after the workload and the time, and never shared', async () => {
    const first = await makeRunDirectory(join(folder, 'a/b'), 'my load/../x', at);
    const second = await makeRunDirectory(join(folder, 'a/b'), 'my load/../x', at);
    expect([first, second]).toEqual([
      join(folder, 'a/b/my-load-..-x-20260102T030405Z'),
      join(folder, 'a/b/my-load-..-x-20260102T030405Z-2'),
    ]);
    expect(await readdir(first)).toEqual([]);
  });

  it('is dropped when nothing came of it, and only then', async () => {
    const directory = await makeRunDirectory(folder, 's', at);
    await writeFile(join(directory, 'log'), '');
    await dropIfEmpty(directory);
    expect(await readdir(directory)).toEqual(['log']);
    await rm(join(directory, 'log'));
    await dropIfEmpty(directory);
    expect(await readdir(folder)).toEqual([]);
  });

  it('below a file cannot be made', async () => {
    await writeFile(join(folder, 'file'), '');
    expect(await failureOf(() => makeRunDirectory(join(folder, 'file/x'), 's', at))).toMatch(
      /^OUT 2: cannot write results to .*file\/x: a part of the path is a file; choose another folder with --out$/,
    );
  });

  it.runIf(process.platform === 'linux')('where no folder can be made, says so and does not try for ever', async () => {
    expect(await failureOf(() => makeRunDirectory('/proc/x/y', 's', at))).toMatch(
      /^OUT 2: cannot write results to \/proc\/x\/y: no folder can be made there; choose another folder with --out$/,
    );
  });
});
