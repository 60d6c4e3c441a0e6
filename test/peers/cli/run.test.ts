/** `bench run` and `bench report` from a user's side, against real etcd. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readResult } from '../../../src/bench/result-file.ts';
import { startEtcd, type Etcd } from '../../tools/etcd.ts';
import { bench, judged, linesOf, main, onlyRun, resultsFolder, root, serversBelow, start } from './bench.ts';

let out: Awaited<ReturnType<typeof resultsFolder>>;
beforeEach(async () => {
  out = await resultsFolder();
});
afterEach(() => out.remove());

const number: unknown = expect.any(Number);
const text: unknown = expect.any(String);
const release: unknown = expect.stringMatching(/^3\./);

const workload = (name: string): string => join(root, 'workloads', `${name}.yaml`);

async function savedVerdict(run: string): Promise<unknown> {
  return JSON.parse(await readFile(join(run, 'verdict.json'), 'utf8'));
}

describe('--target etcd', () => {
  it('ends with a verdict and its files, and nothing else', async () => {
    const ended = await bench('run', workload('s'), '--target', 'etcd', '--duration', '3s', '--out', out.path);
    const [verdict] = /^[A-Z]+/.exec(ended.stdout)!;
    expect(ended.stdout).toMatch(/^[A-Z]+  [^:].*\bdata on\s+\S+/s);
    expect(ended.stdout).toContain('etcdctl check perf would have printed');
    expect(ended.code).toBe(judged.get(verdict));
    expect(ended.stderr).toContain('--quota-backend-bytes=8589934592');
    const run = await onlyRun(out.path);
    expect(ended.stdout.trimEnd().endsWith(`report: ${join(run, 'report.html')}`)).toBe(true);
    expect((await readdir(run)).sort()).toEqual(['etcd-round-1.log', 'report.html', 'result.json', 'verdict.json']);
    const result = await readResult(run);
    expect(result.targets[0]).toMatchObject({ name: 'etcd', kind: 'etcd', transport: 'wire', sharesHost: true });
    expect(result.targets[0]!.serverCommand).toContain('--quota-backend-bytes=8589934592');
    expect(result.rounds[0]!.cleanup).toMatchObject({ keysLeft: 0, error: null });
    expect(result.rounds[0]!.server.version).toMatch(/^3\./);
    expect(result.rounds[0]!.server.cpuUsPerOp).toBeGreaterThan(0);
    expect(result.rounds[0]!.server.cpuUsPerOpFromProc).toBeGreaterThan(0);
    expect(result.rounds[0]!.server.series[0]!.samples.length).toBeGreaterThanOrEqual(3);
    expect(result.command.join(' ')).toMatch(/^(npx )?bench run /);
    expect(result.overrides).toEqual(['--duration 3s']);
  });

  it('prints one object with --json, and nothing on stderr', async () => {
    const ended = await bench(
      'run',
      workload('s'),
      '--target',
      'etcd',
      '--duration',
      '2s',
      '--out',
      out.path,
      '--json',
    );
    expect(ended.stderr).toBe('');
    const summary = JSON.parse(ended.stdout) as Record<string, unknown>;
    expect(linesOf(ended.stdout)).toHaveLength(1);
    const latency = {
      p50: number,
      p90: number,
      p99: number,
      p999: number,
      max: number,
      mean: number,
      stddev: number,
    };
    expect(summary).toMatchObject({
      verdict: text,
      cause: text,
      rounds: 1,
      ratio: [],
      targets: [
        {
          name: 'etcd',
          offeredPerSec: 150,
          achievedPerSec: number,
          errors: 0,
          latencyMs: latency,
          serviceMs: latency,
          generator: {
            cpuUsPerOp: number,
            scheduleSlipMsP99: number,
            eventLoopLagMsP99: number,
          },
          server: {
            cpuUsPerOp: number,
            rssBytes: number,
            version: release,
          },
        },
      ],
    });
  });

  it('interleaves targets and gives the ratio of the first over the others', async () => {
    const path = execFileSync('sh', ['-c', 'command -v etcd'], { encoding: 'utf8' }).trim();
    const targets = ['--target', 'etcd', '--target', `etcd@${path}`];
    const ended = await bench(
      'run',
      workload('s'),
      ...targets,
      '--rounds',
      '2',
      '--duration',
      '1s',
      '--out',
      out.path,
      '--json',
    );
    const summary = JSON.parse(ended.stdout) as {
      rounds: number;
      ratio: { metric: string; a: string; b: string; low: number; value: number; high: number }[];
    };
    expect(summary.rounds).toBe(2);
    const rate = summary.ratio.find((ratio) => ratio.metric === 'achievedPerSec')!;
    expect(rate).toMatchObject({ a: 'etcd', b: `etcd@${path}` });
    expect(rate.value).toBeGreaterThan(0.5);
    expect(rate.value).toBeLessThan(2);
    expect(rate.low).toBeLessThanOrEqual(rate.value);
    expect(rate.high).toBeGreaterThanOrEqual(rate.value);
    const result = await readResult(await onlyRun(out.path));
    expect(result.rounds.map((round) => round.target)).toEqual(['etcd', `etcd@${path}`, `etcd@${path}`, 'etcd']);
    expect(new Set(result.rounds.map((round) => round.prefix)).size).toBe(4);
  });

  it('gives the server none of our ETCD_ variables', async () => {
    const env = {
      ...process.env,
      ETCD_NAME: 'intruder',
      ETCD_LISTEN_CLIENT_URLS: 'http://127.0.0.1:1',
      ETCD_DATA_DIR: '/nonexistent',
    };
    const args = ['run', workload('s'), '--target', 'etcd', '--duration', '1s', '--out', out.path, '--json'];
    const ended = await start(args, { env }).ended;
    expect(ended.stderr).toBe('');
    expect([...judged.values()]).toContain(ended.code);
  });

  it('that fails in a later round ends the run, and what was measured is kept', async () => {
    const fickle = join(out.path, 'etcd.sh');
    await writeFile(fickle, '#!/bin/sh\n[ -e "$0.used" ] && exit 7\n: > "$0.used"\nexec etcd "$@"\n', { mode: 0o755 });
    const results = join(out.path, 'results');
    const ended = await bench(
      'run',
      workload('s'),
      '--target',
      `etcd@${fickle}`,
      '--rounds',
      '3',
      '--duration',
      '1s',
      '--out',
      results,
      '--json',
    );
    expect(ended.code).toBe(6);
    expect(linesOf(ended.stderr)).toEqual([
      expect.stringMatching(/^bench: the etcd that was started ended with exit code 7; its log is /),
    ]);
    const run = await onlyRun(results);
    const words = 'the etcd that was started ended with exit code 7';
    const failure = { target: `etcd@${fickle}`, round: 1, words, exitCode: 6 };
    const result = await readResult(run);
    expect(result).toMatchObject({ roundsAsked: 3, failure });
    expect(result.rounds).toHaveLength(1);
    const cause: unknown = expect.stringContaining(`1 of 3 rounds ran: ${words}`);
    const { verdict } = JSON.parse(ended.stdout) as { verdict: string };
    expect(verdict).not.toBe('PASS');
    expect(JSON.parse(ended.stdout)).toMatchObject({ cause, rounds: 1, roundsAsked: 3, ratio: [] });
    expect(await savedVerdict(run)).toMatchObject({ verdict, cause, exitCode: 6 });
    const again = await bench('report', run);
    expect(again.stdout).toMatch(/^[A-Z]+ .*1 of 3 rounds ran/s);
    expect(again.stdout).not.toMatch(/^PASS/);
    expect(await savedVerdict(run)).toMatchObject({ exitCode: 6 });
  });

  it('that never starts stands beside one that was measured', async () => {
    const never = join(out.path, 'etcd.sh');
    await writeFile(never, '#!/bin/sh\nexit 7\n', { mode: 0o755 });
    const results = join(out.path, 'results');
    const targets = ['--target', 'etcd', '--target', `etcd@${never}`];
    const ended = await bench('run', workload('s'), ...targets, '--duration', '1s', '--out', results, '--json');
    expect(ended.code).toBe(6);
    const words = 'nothing was measured: the etcd that was started ended with exit code 7';
    const summary = JSON.parse(ended.stdout) as { verdict: string };
    expect(summary).toMatchObject({
      cause: expect.stringContaining(`etcd@${never}: ${words}`) as unknown,
      targets: [
        { name: 'etcd', rounds: 1, achievedPerSec: number },
        { name: `etcd@${never}`, verdict: 'INCONCLUSIVE', rounds: 0, achievedPerSec: null },
      ],
    });
    expect(summary.verdict).not.toBe('PASS');
    const run = await onlyRun(results);
    expect(await savedVerdict(run)).toMatchObject({ verdict: summary.verdict, exitCode: 6 });
    expect(await readFile(join(run, 'report.html'), 'utf8')).toContain('Nothing was measured: the etcd');
  });

  it('is stopped, and its data removed, by an interrupt', async () => {
    const run = start(['run', workload('s'), '--target', 'etcd', '--duration', '60s', '--out', out.path]);
    await new Promise<void>((resolve) =>
      run.child.stderr!.on('data', (chunk: Buffer) => chunk.includes('%') && resolve()),
    );
    run.child.kill('SIGINT');
    const ended = await run.ended;
    expect(ended.code).toBe(130);
    expect(ended.stdout).toMatch(/^INTERRUPTED/);
    expect((await readdir(await onlyRun(out.path))).sort()).toEqual([
      'etcd-round-1.log',
      'report.html',
      'result.json',
      'verdict.json',
    ]);
    const [, port] = /http:\/\/127\.0\.0\.1:(\d+)/.exec(ended.stderr)!;
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
  });

  it('that dies during the load is a FAIL that says so', async () => {
    const lenient = join(out.path, 'lenient.yaml');
    const [load] = (await readFile(workload('s'), 'utf8')).split('thresholds:');
    await writeFile(lenient, `${load}thresholds: { maxP99: 60s }`);
    const results = join(out.path, 'results');
    const noWarmUp = ['--set', 'phases[0].duration=1ms'];
    const run = start(['run', lenient, '--target', 'etcd', '--duration', '60s', ...noWarmUp, '--out', results]);
    await new Promise<void>((resolve) =>
      run.child.stderr!.on('data', (chunk: Buffer) => chunk.includes('%') && resolve()),
    );
    for (const pid of serversBelow(results)) process.kill(pid, 'SIGKILL');
    const ended = await run.ended;
    expect(ended.stdout).toMatch(/^FAIL {2}the server ended with signal SIGKILL during the load[;,]/);
    expect(ended.stderr).toContain('the load ended early: the server ended with signal SIGKILL\n');
    expect(ended.code).toBe(1);
  });

  it('dies with us when we are killed without a word', async () => {
    const run = start(['run', workload('s'), '--target', 'etcd', '--duration', '60s', '--out', out.path]);
    await new Promise<void>((resolve) =>
      run.child.stderr!.on('data', (chunk: Buffer) => chunk.includes('%') && resolve()),
    );
    run.child.kill('SIGKILL');
    const [, port] = /http:\/\/127\.0\.0\.1:(\d+)/.exec((await run.ended).stderr)!;
    await expect
      .poll(
        () =>
          fetch(`http://127.0.0.1:${port}/health`).then(
            () => 'alive',
            () => 'dead',
          ),
        { timeout: 20_000 },
      )
      .toBe('dead');
  });
});

describe('bench report', () => {
  it('renders a saved run again, byte for byte', async () => {
    await bench('run', workload('s'), '--target', 'etcd', '--duration', '1s', '--out', out.path);
    const run = await onlyRun(out.path);
    const before = await readFile(join(run, 'report.html'), 'utf8');
    await rm(join(run, 'report.html'));
    await rm(join(run, 'verdict.json'));
    const ended = await bench('report', run);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(await readFile(join(run, 'report.html'), 'utf8')).toBe(before);
    expect(judged.has(/^[A-Z]+/.exec(ended.stdout)![0])).toBe(true);
  });

  it.each([
    { what: 'newer', text: '{"formatVersion":999}', line: /has format 999, this release reads up to \d+/ },
    { what: 'cut', text: '{"formatVersion":1,', line: /is not JSON/ },
    { what: 'empty', text: '{}', line: /no formatVersion/ },
    { what: 'changed', text: '{"formatVersion":1,"tool":{"name":"x"}}', line: /tool\.version is not a string/ },
  ])('refuses a result that is $what with one line', async ({ text, line }) => {
    await writeFile(join(out.path, 'result.json'), text);
    const ended = await bench('report', out.path);
    expect(ended.code).toBe(2);
    expect(linesOf(ended.stderr)).toEqual([expect.stringMatching(line)]);
    expect(ended.stdout).toBe('');
  });
});

describe('--endpoints', () => {
  let etcd: Etcd;
  beforeAll(async () => {
    etcd = await startEtcd();
  });
  afterAll(() => etcd.stop());

  const etcdctl = (...args: readonly string[]): string =>
    execFileSync('etcdctl', [`--endpoints=${etcd.url}`, ...args], {
      encoding: 'utf8',
      env: { ...process.env, ETCDCTL_API: '3' },
    });
  const keys = (): string[] => linesOf(etcdctl('get', '', '--from-key', '--keys-only'));

  it('removes every key it has put, and none of anybody else', async () => {
    etcdctl('put', '/canary', 'sings');
    etcdctl('put', '/quorumbench/canary', 'sings too');
    const revisions = etcdctl('get', '/canary', '-w', 'fields');
    const ended = await bench(
      'run',
      workload('mixed'),
      '--endpoints',
      etcd.url,
      '--duration',
      '2s',
      '--rate',
      '500',
      '--max-bytes',
      '100MB',
      '--out',
      out.path,
    );
    expect(ended.stderr).not.toContain('bench:');
    expect(keys()).toEqual(['/canary', '/quorumbench/canary']);
    expect(etcdctl('get', '/canary', '-w', 'fields').replace(/"Revision".*/g, '')).toBe(
      revisions.replace(/"Revision".*/g, ''),
    );
    const [round] = (await readResult(await onlyRun(out.path))).rounds;
    expect(round!.cleanup.keysRemoved).toBeGreaterThan(100);
    expect(round!.cleanup).toMatchObject({ keysLeft: 0, error: null });
    expect(round!.server.dbSizeBytesAfter).toBeGreaterThan(round!.server.dbSizeBytesBefore!);
  });

  it('stops a closed loop cleanly at --max-bytes', async () => {
    const ended = await bench(
      'run',
      workload('put-max'),
      '--endpoints',
      etcd.url,
      '--max-bytes',
      '5MB',
      '--out',
      out.path,
      '--json',
    );
    expect(ended.stderr).toBe('');
    const result = await readResult(await onlyRun(out.path));
    const puts = result.rounds[0]!.phases.reduce((sum, phase) => sum + phase.sent, 0);
    expect(puts * (30 + 256 + 1024 + 1024)).toBeLessThanOrEqual(5_000_000);
    expect(puts).toBeGreaterThan(1_000);
    expect(result.rounds[0]!.earlyEnd).toEqual({
      reason: 'bound-used-up',
      words: expect.stringMatching(/^--max-bytes was used up in the warm-up "warm-up"; raise it/) as unknown,
    });
    const cause = expect.stringMatching(/nothing was measured: --max-bytes was used up in the warm-up/) as unknown;
    expect(JSON.parse(ended.stdout)).toMatchObject({ verdict: 'INCONCLUSIVE', cause });
    const verdict = await readFile(join(await onlyRun(out.path), 'verdict.json'), 'utf8');
    expect(JSON.parse(verdict)).toMatchObject({ next: null }); // the same again would end the same way
    expect(keys()).not.toContainEqual(expect.stringContaining(result.rounds[0]!.prefix));
  });

  it('says that --max-bytes ended what was measured', async () => {
    const bounds = ['--max-bytes', '20MB', '--set', 'phases[0].duration=1ms'];
    const ended = await bench('run', workload('put-max'), '--endpoints', etcd.url, ...bounds, '--out', out.path);
    expect(ended.stdout).toMatch(/^PASS/);
    expect(ended.stderr).toContain('the load ended early: --max-bytes was used up in phase "load"\n');
  });

  it('agrees over both transports', async () => {
    const one = async (transport: string): Promise<number> => {
      const ended = await bench(
        'run',
        workload('s'),
        '--endpoints',
        etcd.url,
        '--transport',
        transport,
        '--duration',
        '1s',
        '--out',
        out.path,
        '--json',
      );
      return (JSON.parse(ended.stdout) as { targets: { achievedPerSec: number }[] }).targets[0]!.achievedPerSec;
    };
    expect(await one('wire')).toBeGreaterThan(75);
    expect(await one('grpc-js')).toBeGreaterThan(75);
  });
});

it('does not hold against the server that the token expired during the load', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [privateFile, publicFile] = [join(out.path, 'private.pem'), join(out.path, 'public.pem')];
  await writeFile(privateFile, privateKey.export({ type: 'pkcs1', format: 'pem' }));
  await writeFile(publicFile, publicKey.export({ type: 'spki', format: 'pem' }));
  const token = `jwt,priv-key=${privateFile},pub-key=${publicFile},sign-method=RS256,ttl=4s`;
  const etcd = await startEtcd({ args: [`--auth-token=${token}`] });
  try {
    const env = { ...process.env, ETCDCTL_API: '3' };
    for (const words of ['user add root:secret', 'user grant-role root root', 'auth enable']) {
      execFileSync('etcdctl', [`--endpoints=${etcd.url}`, ...words.split(' ')], { env });
    }
    const args = [
      '--endpoints',
      etcd.url,
      '--user',
      'root:secret',
      '--duration',
      '8s',
      '--out',
      join(out.path, 'runs'),
    ];
    const ended = await bench('run', workload('s'), ...args, '--json');
    const cause = expect.stringMatching(/^the token of --user expired .* requests failed \(Unauthenticated/) as unknown;
    expect(JSON.parse(ended.stdout)).toMatchObject({ verdict: 'INCONCLUSIVE', cause });
    expect(ended.code).toBe(4);
  } finally {
    await etcd.stop();
  }
});

it('is a command that npx finds in a checkout', () => {
  expect(execFileSync(main, ['--version'], { encoding: 'utf8' })).toMatch(/^quorumbench \d+\.\d+\.\d+/);
});

it('needs no folder to be there', async () => {
  const deep = join(await mkdtemp(join(tmpdir(), 'qb-')), 'a', 'b');
  const ended = await bench('run', workload('s'), '--target', 'etcd', '--duration', '1s', '--out', deep, '--json');
  expect(ended.stderr).toBe('');
  expect([...judged.values()]).toContain(ended.code);
  await rm(join(deep, '../..'), { recursive: true });
});
