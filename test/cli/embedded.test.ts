/**
 * `bench run` as it is typed on a machine that has nothing but Node: its own server is started, loaded, stopped and cleaned
 * away, and dies with us however we die. How fast this machine is just now is no matter of these tests.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sleep } from '../../src/base/clock.ts';
import { readResult } from '../../src/bench/result-file.ts';
import { bench, judged, onlyRun, resultsFolder, root, serversBelow, start } from '../peers/cli/bench.ts';

const workload = join(root, 'workloads/s.yaml');

let results: Awaited<ReturnType<typeof resultsFolder>>;
beforeEach(async () => {
  results = await resultsFolder();
});
afterEach(() => results.remove());

function logsBelow(folder: string): string {
  const names = readdirSync(folder, { recursive: true }).map(String);
  const logs = names.filter((name) => name.endsWith('.log'));
  return logs.map((name) => readFileSync(join(folder, name), 'utf8')).join('');
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
    expect(serversBelow(run)).toEqual([]);
  });

  it('says in the result how it was started, and that its metrics were seen', async () => {
    await bench('run', workload, '--duration', '2s', '--out', results.path);
    const result = await readFile(join(await onlyRun(results.path), 'result.json'), 'utf8');
    expect(result).toContain('"kind":"embedded"');
    expect(result).toContain('--quota-backend-bytes=8589934592');
    expect(result).toMatch(/"version":"3\.7\.1/);
  });
});

describe('a node that dies', () => {
  it('within the load ends it and fails the run', async () => {
    const run = start(['run', workload, '--duration', '60s', '--out', results.path]);
    await new Promise<void>((resolve) =>
      run.child.stderr!.on('data', (chunk: Buffer) => chunk.includes('%') && resolve()),
    );
    for (const pid of serversBelow(results.path)) process.kill(pid, 'SIGKILL');
    const ended = await run.ended;
    expect(ended.stdout).toMatch(/^FAIL {2}the server ended with signal SIGKILL during the load[;,]/);
    expect(ended.code).toBe(1);
    const [round] = (await readResult(await onlyRun(results.path))).rounds;
    expect(round!.earlyEnd).toEqual({ reason: 'server-ended', words: 'the server ended with signal SIGKILL' });
    // Without word of its end, the load goes on until connections were lost for 10 s.
    expect(round!.phases.reduce((sum, phase) => sum + phase.scheduledMs, 0)).toBeLessThan(10_000);
    expect(serversBelow(results.path)).toEqual([]);
    expect((await readdir(await onlyRun(results.path))).filter((name) => name.endsWith('.data'))).toEqual([]);
  });
});

describe('a run that dies', () => {
  const isStarting = (): boolean => serversBelow(results.path).length === 1;
  const isReady = (): boolean => logsBelow(results.path).includes('ready to serve client requests');

  it.each([
    { signal: 'SIGTERM', code: 130, when: 'its node starts', moment: isStarting },
    { signal: 'SIGQUIT', code: 130, when: 'its node serves', moment: isReady },
    { signal: 'SIGKILL', code: null, when: 'its node starts', moment: isStarting },
    { signal: 'SIGKILL', code: null, when: 'its node serves', moment: isReady },
  ] as const)('by $signal while $when takes it and its data along', async ({ signal, code, moment }) => {
    const run = start(['run', workload, '--duration', '60s', '--out', results.path]);
    await expect.poll(moment, { timeout: 30_000 }).toBe(true);
    run.child.kill(signal);
    expect((await run.ended).code).toBe(code);
    await nothingLeft();
  });

  it('under npx does so whichever sign of its death the node sees first', async () => {
    const env = { ...process.env, npm_command: 'exec' };
    const run = start(['run', workload, '--duration', '60s', '--out', results.path], { env });
    await expect.poll(isReady, { timeout: 30_000 }).toBe(true);
    const [node] = serversBelow(results.path);
    process.kill(node!, 'SIGSTOP');
    run.child.kill('SIGKILL');
    await sleep(300); // the node looks for its parent every 100 ms
    process.kill(node!, 'SIGCONT');
    await nothingLeft();
  });

  async function nothingLeft(): Promise<void> {
    await expect.poll(() => serversBelow(results.path), { timeout: 30_000 }).toEqual([]);
    const folders = readdirSync(results.path, { recursive: true }).map(String);
    expect(folders.filter((name) => name.endsWith('.data'))).toEqual([]);
  }
});

describe('a node whose stdin has ended', () => {
  it.each([
    { what: 'removes the directory that its parent made', bond: (directory: string) => directory, stays: false },
    { what: 'removes no other', bond: () => '1', stays: true },
  ])('$what', async ({ bond, stays }) => {
    const directory = join(results.path, 'data');
    await mkdir(directory, { mode: 0o700 });
    const listen = '--listen-client-urls=http://127.0.0.1:0';
    const words = ['node', `--data-dir=${directory}`, listen, '--advertise-client-urls=http://127.0.0.1:1'];
    const node = start(words, { env: { ...process.env, BENCH_EXIT_WITH_STDIN: bond(directory) } });
    expect((await node.ended).signal).toBe('SIGTERM');
    expect(existsSync(directory)).toBe(stays);
  });
});
