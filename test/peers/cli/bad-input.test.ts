/** Every mistake a user can make has one line on stderr, nothing on stdout, and its exit code (docs/exit-codes.md). */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, startEtcd, type Etcd } from '../../tools/etcd.ts';
import { linesOf, main, root, start } from './bench.ts';

const s = join(root, 'workloads/s.yaml');
const putMax = join(root, 'workloads/put-max.yaml');

let folder: string;
let etcd: Etcd;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qb-bad-'));
  etcd = await startEtcd();
});
afterAll(async () => {
  await etcd.stop();
  await rm(folder, { recursive: true });
});

const etcdctl = (server: Etcd, ...args: readonly string[]): string =>
  execFileSync('etcdctl', [`--endpoints=${server.url}`, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ETCDCTL_API: '3' },
  });

async function expectLine(
  args: readonly string[],
  code: number,
  line: RegExp,
  { env = process.env, logKept = false }: { env?: NodeJS.ProcessEnv; logKept?: boolean } = {},
): Promise<void> {
  const out = await mkdtemp(join(folder, 'out-'));
  const ended = await start(['run', ...args, ...(args.includes('--out') ? [] : ['--out', out])], { env }).ended;
  expect({ code: ended.code, stdout: ended.stdout, lines: linesOf(ended.stderr).length }).toEqual({
    code,
    stdout: '',
    lines: 1,
  });
  expect(ended.stderr).toMatch(line);
  expect(ended.stderr).not.toMatch(/\bat .*\.js:\d+/);
  const files = (await readdir(out, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  expect(files.map((file) => file.name)).toEqual(logKept ? ['etcd-bin-false-round-1.log'] : []);
  if (!logKept) expect(await readdir(out)).toEqual([]);
}

describe('a workload', () => {
  it.each([
    { what: 'that is missing', text: null, line: /no-such\.yaml cannot be read: no such file/ },
    { what: 'that is no YAML', text: 'clients: [', line: /w\.yaml:1:\d+: is not YAML/ },
    {
      what: 'with an unknown field',
      text: 'clients: 1\nclinets: 2\nphases: []\n',
      line: /w\.yaml:2:1: clinets is not a field here: did you mean clients/,
    },
    {
      what: 'with a bad number',
      text: 'clients: many\nphases: []\n',
      line: /w\.yaml:1:1: clients must be a whole number/,
    },
    { what: 'that is empty', text: '', line: /w\.yaml:1:1: the workload must be/ },
  ])('$what', async ({ text, line }) => {
    const file = join(folder, text === null ? 'no-such.yaml' : 'w.yaml');
    if (text !== null) await writeFile(file, text);
    await expectLine([file, '--target', 'etcd'], 2, line);
  });

  it('without an end', () => expectLine(['/dev/zero'], 2, /\/dev\/zero:1:1: is longer than/));

  it('that nobody writes does not hold up a Ctrl-C', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const run = start(['run', pipe, '--out', join(folder, 'none')]);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    run.child.kill('SIGINT');
    expect(await run.ended).toEqual({ code: null, signal: 'SIGINT', stdout: '', stderr: '' });
  });

  it('with a bad override', () =>
    expectLine([s, '--target', 'etcd', '--rate', 'fast'], 2, /--rate fast: .*rate must be/));
  it('that sets what is not there', () =>
    expectLine([s, '--target', 'etcd', '--set', 'valeus.size=1'], 2, /valeus is not a field/));
});

describe('a target', () => {
  it('that does not answer', () =>
    expectLine(
      [s, '--endpoints', 'http://127.0.0.1:1'],
      6,
      /cannot reach http:\/\/127\.0\.0\.1:1: connection refused/,
    ));
  it('of which one member does not answer', () =>
    expectLine(
      [s, '--endpoints', `${etcd.url},http://127.0.0.1:1`],
      6,
      /cannot reach http:\/\/127\.0\.0\.1:1: connection refused/,
    ));
  it('whose name is unknown', () =>
    expectLine([s, '--endpoints', 'http://no-such-host.invalid:2379'], 6, /no such host|name server/));
  it('that speaks no TLS', () =>
    expectLine([s, '--endpoints', etcd.url.replace('http:', 'https:')], 6, /cannot reach https:/));
  it('that is not installed', () =>
    expectLine([s, '--target', 'etcd'], 6, /etcd is not installed.*etcd-server/, {
      env: { ...process.env, PATH: join(folder, 'nothing') },
    }));
  it('whose binary is not there', () =>
    expectLine([s, '--target', 'etcd@/no/etcd'], 6, /etcd@\/no\/etcd: no such executable/));
  it('whose binary is no etcd', () =>
    expectLine([s, '--target', 'etcd@/bin/false'], 6, /ended with exit code 1/, { logKept: true }));
  it('that nobody knows', () => expectLine([s, '--target', 'zookeeper'], 2, /--target "zookeeper" is unknown/));
});

describe('a refusal to do harm', () => {
  it('a prefix with keys', async () => {
    etcdctl(etcd, 'put', '/mine/app', 'x');
    await expectLine(
      [s, '--endpoints', etcd.url, '--prefix', '/mine'],
      2,
      /"\/mine" is not empty: it holds "\/mine\/app"/,
    );
    expect(etcdctl(etcd, 'get', '', '--from-key', '--keys-only')).toBe('/mine/app\n\n');
  });
  it("somebody's prefix", () =>
    expectLine([s, '--endpoints', etcd.url, '--prefix', '/registry/x'], 2, /belongs to Kubernetes/));
  it('the root', () => expectLine([s, '--endpoints', etcd.url, '--prefix', '/'], 2, /would mix our keys/));
  it('an endless load', () => expectLine([putMax, '--endpoints', etcd.url], 2, /closed loop.*--max-bytes/));
  it('more than the quota holds', () =>
    expectLine(
      [s, '--endpoints', etcd.url, '--duration', '24h'],
      2,
      /plans .* GiB, the target's quota has (2|1\.\d) GiB left/,
    ));
  it('endpoints of two clusters', async () => {
    const other = await startEtcd();
    try {
      const line = new RegExp(
        `${etcd.url} and ${other.url} are of different clusters; give --endpoints of one cluster`,
      );
      await expectLine([s, '--endpoints', `${etcd.url},${other.url}`, '--duration', '1s'], 2, line);
    } finally {
      await other.stop();
    }
  });
  it('a learner among the endpoints', async () => {
    const voter = await startEtcd();
    const [peer, client] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`];
    etcdctl(voter, 'member', 'add', 'learner', '--learner', `--peer-urls=${peer}`);
    const where = [`--listen-client-urls=${client}`, `--listen-peer-urls=${peer}`];
    const cluster = `--initial-cluster=${voter.name}=${voter.peerUrl},learner=${peer}`;
    const joins = [
      '--name=learner',
      `--initial-advertise-peer-urls=${peer}`,
      cluster,
      '--initial-cluster-state=existing',
    ];
    const learner = await startEtcd({ args: [...where, ...joins] });
    try {
      const line = new RegExp(`${client} is a learner, which takes no writes; leave it out of --endpoints`);
      await expectLine([s, '--endpoints', `${voter.url},${client}`, '--duration', '1s'], 2, line);
    } finally {
      await learner.stop();
      await voter.stop();
    }
  });
  it('an alarm', async () => {
    const full = await startEtcd();
    try {
      const alarm = { action: 'ACTIVATE', memberID: '1', alarm: 'NOSPACE' };
      await fetch(`${full.url}/v3/maintenance/alarm`, { method: 'POST', body: JSON.stringify(alarm) });
      expect(etcdctl(full, 'alarm', 'list')).toContain('NOSPACE');
      await expectLine([s, '--endpoints', full.url], 2, /has raised the alarm NOSPACE/);
    } finally {
      await full.stop();
    }
  });
});

it('more connections than this machine lets one process open', async () => {
  const limited = ['sh', '-c', 'ulimit -n 400; exec "$@"', 'sh', process.execPath, main];
  const args = ['run', s, '--endpoints', etcd.url, '--clients', '600', '--connections', '600', '--duration', '1s'];
  const ended = await start([...args, '--out', join(folder, 'limited')], { program: limited }).ended;
  const line =
    /^bench: cannot reach .*: too many open files here; raise the limit with ulimit -n, or lower --connections$/m;
  expect(ended.stderr).toMatch(line);
  expect(ended.code).toBe(2);
  expect(etcdctl(etcd, 'get', '/quorumbench/', '--prefix', '--keys-only')).toBe('');
});

describe('an output folder', () => {
  it('below a file', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expectLine(
      [s, '--endpoints', etcd.url, '--out', join(file, 'results')],
      2,
      /cannot write results to .*: a part of the path is a file/,
    );
  });
});
