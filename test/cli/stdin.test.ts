/** `bench run -`: the workload comes from standard input. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readResult } from '../../src/bench/result-file.ts';
import { judged, onlyRun, resultsFolder, root, start } from '../peers/cli/bench.ts';

let results: Awaited<ReturnType<typeof resultsFolder>>;
beforeEach(async () => {
  results = await resultsFolder();
});
afterEach(() => results.remove());

const good = `
clients: 1
keys: { size: 8B }
values: { size: 8B }
phases: [{ name: load, arrival: { model: closed }, count: 10 }]
`;

it('runs it, overrides included, under a name of its own', async () => {
  const run = start(['run', '-', '--set', 'phases[0].count=7', '--out', results.path], { input: good });
  const ended = await run.ended;
  expect(ended.code).toBe(judged.get(/^[A-Z]+/.exec(ended.stdout)![0]));
  const result = await readResult(await onlyRun(results.path));
  expect(result.workload.name).toBe('stdin');
  expect(result.workloadFile).toBe('-');
  expect(result.command.join(' ')).toContain('bench run - --set ');
  expect(result.rounds[0]!.phases[0]!.sent).toBe(7);
});

it('keeps the name that it gives itself', async () => {
  const input = await readFile(join(root, 'workloads/s.yaml'), 'utf8');
  await start(['run', '-', '--duration', '1s', '--out', results.path, '--json'], { input }).ended;
  expect((await readResult(await onlyRun(results.path))).workload.name).toBe('s');
});

it.each([
  { what: 'no YAML', input: 'clients: [', line: /^bench: <stdin>:1:\d+: is not YAML/ },
  { what: 'a mistyped field', input: 'clients: 1\nclinets: 2\n', line: /^bench: <stdin>:2:1: clinets is not a field/ },
  { what: 'nothing', input: '', line: /^bench: <stdin>:1:1: the workload must be/ },
  { what: 'more than a workload is', input: 'a'.repeat(70_000), line: /^bench: <stdin>:1:1: is longer than 65536/ },
])('of $what is refused with one line', async ({ input, line }) => {
  const ended = await start(['run', '-', '--out', results.path], { input }).ended;
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toMatch(line);
  expect(ended.stderr.trimEnd()).not.toContain('\n');
});

it('is a line of the help', async () =>
  expect((await start(['run', '--help']).ended).stdout).toMatch(/bench run - .* standard input/));
