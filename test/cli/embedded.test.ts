/**
 * `bench run` as it is typed on a machine that has nothing but Node: its own server is started, loaded, stopped and cleaned
 * away, and dies with us however we die. How fast this machine is just now is no matter of these tests.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bench, judged, onlyRun, resultsFolder, root, start } from '../peers/cli/bench.ts';

const workload = join(root, 'workloads/s.yaml');

let results: Awaited<ReturnType<typeof resultsFolder>>;
beforeEach(async () => {
  results = await resultsFolder();
});
afterEach(() => results.remove());

/** Processes that name a file below our folder; where there is no /proc, none can be seen. */
function nodesBelow(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => commandLine(pid).includes(`--data-dir=${folder}`));
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // it has ended
  }
}

describe('the default target', () => {
  it('is a fresh node for every round, judged, reported and gone', async () => {
    const ended = await bench('run', workload, '--duration', '2s', '--rounds', '2', '--out', results.path, '--json');
    const { verdict } = JSON.parse(ended.stdout) as { verdict: string };
    expect(judged.get(verdict)).toBe(ended.code);
    const run = await onlyRun(results.path);
    const files = await readdir(run);
    expect(files).toEqual(expect.arrayContaining(['report.html', 'result.json', 'verdict.json']));
    const logs = files.filter((name) => name.endsWith('.log'));
    expect(logs).toHaveLength(2);
    for (const log of logs) expect(await readFile(join(run, log), 'utf8')).toContain('ready to serve client requests');
    expect(files.filter((name) => name.endsWith('.data'))).toEqual([]);
    expect(nodesBelow(run)).toEqual([]);
  });

  it('says in the result how it was started, and that its metrics were seen', async () => {
    await bench('run', workload, '--duration', '2s', '--out', results.path);
    const result = await readFile(join(await onlyRun(results.path), 'result.json'), 'utf8');
    expect(result).toContain('"kind":"embedded"');
    expect(result).toContain('--quota-backend-bytes=8589934592');
    expect(result).toMatch(/"version":"3\.7\.1/);
  });
});

describe('a run that dies', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)('by %s takes its node with it', async (signal) => {
    const run = start(['run', workload, '--duration', '60s', '--out', results.path]);
    await expect.poll(() => nodesBelow(results.path).length, { timeout: 30_000 }).toBe(1);
    run.child.kill(signal);
    await run.ended;
    await expect.poll(() => nodesBelow(results.path)).toEqual([]);
  });
});
