/** `bench run` against etcd with TLS, client certificates and users: what works, and what each mistake says. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readResult } from '../../../src/bench/result-file.ts';
import { TestCa, type KeyPair } from '../../tools/certificates.ts';
import { startEtcd, type Etcd } from '../../tools/etcd.ts';
import { bench, judged, linesOf, onlyRun, root, start } from './bench.ts';

const s = join(root, 'workloads/s.yaml');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qb-secure-'));
});
afterAll(() => rm(folder, { recursive: true }));

const place = (name: string): string => join(folder, name);

async function write(name: string, pair: KeyPair): Promise<{ certFile: string; keyFile: string }> {
  await writeFile(place(`${name}.crt`), pair.certPem);
  await writeFile(place(`${name}.key`), pair.keyPem);
  return { certFile: place(`${name}.crt`), keyFile: place(`${name}.key`) };
}

describe('TLS', () => {
  let etcd: Etcd;
  let expired: Etcd;
  beforeAll(async () => {
    const [ours, theirs] = [await TestCa.create(), await TestCa.create('another CA')];
    await writeFile(place('ca.crt'), ours.certPem);
    await writeFile(place('other-ca.crt'), theirs.certPem);
    const server = await write('server', await ours.issue({ usage: 'server' }));
    await write('client', await ours.issue({ usage: 'client', commonName: 'bench' }));
    await write('stranger', await theirs.issue({ usage: 'client' }));
    etcd = await startEtcd({ tls: { ...server, caFile: place('ca.crt') } });
    const old = await write('old', await ours.issue({ usage: 'server', validFromDays: -9, validToDays: -2 }));
    expired = await startEtcd({ tls: old });
  });
  afterAll(async () => {
    await Promise.all([etcd.stop(), expired.stop()]);
  });

  const pair = (name: string): string[] => ['--cert', place(`${name}.crt`), '--key', place(`${name}.key`)];
  const ca = (name = 'ca'): string[] => ['--cacert', place(`${name}.crt`)];

  it('with the right certificates, metrics included', async () => {
    const out = await mkdtemp(place('out-'));
    const ended = await bench(
      'run',
      s,
      '--endpoints',
      etcd.url,
      ...ca(),
      ...pair('client'),
      '--duration',
      '1s',
      '--out',
      out,
      '--json',
    );
    expect(ended.stderr).toBe('');
    expect([...judged.values()]).toContain(ended.code);
    const [round] = (await readResult(await onlyRun(out))).rounds;
    expect(round!.server.series[0]).toMatchObject({ unavailable: null });
    expect(round!.server.dbSizeBytesAfter).toBeGreaterThan(0);
    expect(round!.cleanup.keysRemoved).toBeGreaterThan(100);
  });

  it('names a command that removes what is left, on stderr and in the verdict alike', async () => {
    const out = await mkdtemp(place('out-'));
    const flags = [...ca(), ...pair('client')];
    const env = { ...process.env, ETCDCTL_API: '3' };
    const aKey = (): string => {
      const get = ['get', '--prefix', '/quorumbench/', '--limit=1', '--keys-only'];
      return execFileSync('etcdctl', [`--endpoints=${etcd.url}`, ...flags, ...get], { encoding: 'utf8', env });
    };
    const putMax = [join(root, 'workloads/put-max.yaml'), '--max-bytes', '200MB'];
    const run = start(['run', ...putMax, '--endpoints', etcd.url, ...flags, '--out', out]);
    await expect.poll(aKey, { timeout: 30_000 }).not.toBe('');
    process.kill(etcd.pid, 'SIGSTOP');
    try {
      run.child.kill('SIGINT');
      await new Promise((resolve) => setTimeout(resolve, 4_000)); // the load waits 2 s for replies, then the clean-up hangs
      run.child.kill('SIGINT');
      const { stderr } = await run.ended;
      const verdict = JSON.parse(await readFile(join(await onlyRun(out), 'verdict.json'), 'utf8')) as { next: string };
      expect(stderr).toContain(`; remove them with: ${verdict.next}\n`);
      process.kill(etcd.pid, 'SIGCONT');
      expect(aKey()).not.toBe('');
      execFileSync('sh', ['-c', verdict.next], { env });
      expect(aKey()).toBe('');
    } finally {
      process.kill(etcd.pid, 'SIGCONT');
    }
  });

  it.each([
    {
      what: 'without our CA',
      flags: () => pair('client'),
      line: /x509: certificate signed by unknown authority.*--cacert/,
    },
    {
      what: 'with another CA',
      flags: () => [...ca('other-ca'), ...pair('client')],
      line: /x509: certificate signed by unknown authority/,
    },
    { what: 'without a client certificate', flags: () => ca(), line: /certificate.*--cert and --key/ },
    {
      what: 'with a certificate of another CA',
      flags: () => [...ca(), ...pair('stranger')],
      line: /client certificate/,
    },
  ])('$what', async ({ flags, line }) => {
    const ended = await bench('run', s, '--endpoints', etcd.url, ...flags(), '--out', place('none'));
    expect({ code: ended.code, stdout: ended.stdout, lines: linesOf(ended.stderr).length }).toEqual({
      code: 6,
      stdout: '',
      lines: 1,
    });
    expect(ended.stderr).toMatch(line);
  });

  it('with a certificate that has expired', async () => {
    const ended = await bench('run', s, '--endpoints', expired.url, ...ca(), '--out', place('none'));
    expect(ended.code).toBe(6);
    expect(linesOf(ended.stderr)).toEqual([expect.stringMatching(/x509: certificate has expired/)]);
  });

  it('asked for without TLS', async () => {
    const ended = await bench('run', s, '--endpoints', etcd.url.replace('https', 'http'), '--out', place('none'));
    expect(ended.code).toBe(6);
    expect(linesOf(ended.stderr)).toEqual([expect.stringContaining('cannot reach http://')]);
  });
});

describe('users', () => {
  let etcd: Etcd;
  beforeAll(async () => {
    etcd = await startEtcd();
    const ctl = (...args: readonly string[]): string =>
      execFileSync('etcdctl', [`--endpoints=${etcd.url}`, ...args], {
        encoding: 'utf8',
        env: { ...process.env, ETCDCTL_API: '3' },
      });
    ctl('user', 'add', 'root:secret');
    ctl('user', 'grant-role', 'root', 'root');
    ctl('user', 'add', 'poor:secret');
    ctl('auth', 'enable');
  });
  afterAll(() => etcd.stop());

  it('with name and password, which stays out of the result', async () => {
    const out = await mkdtemp(place('out-'));
    const ended = await bench(
      'run',
      s,
      '--endpoints',
      etcd.url,
      '--user',
      'root:secret',
      '--duration',
      '1s',
      '--out',
      out,
      '--json',
    );
    expect(ended.stderr).toBe('');
    expect([...judged.values()]).toContain(ended.code);
    const result = await readResult(await onlyRun(out));
    expect(result.rounds[0]!.cleanup.keysRemoved).toBeGreaterThan(100);
    expect(result.rounds[0]!.phases[0]!.errors).toEqual({});
    expect(JSON.stringify(result)).not.toContain('secret');
  });

  it.each([
    { what: 'without one', user: [], line: /wants a user: etcdserver: user name is empty.*--user/ },
    {
      what: 'with a wrong password',
      user: ['--user', 'root:wrong'],
      line: /refuses the user: etcdserver: authentication failed/,
    },
    {
      what: 'with one that may do nothing',
      user: ['--user', 'poor:secret'],
      line: /refuses: etcdserver: permission denied/,
    },
  ])('$what', async ({ user, line }) => {
    const ended = await bench('run', s, '--endpoints', etcd.url, ...user, '--out', place('none'));
    expect({ code: ended.code, stdout: ended.stdout, lines: linesOf(ended.stderr).length }).toEqual({
      code: 2,
      stdout: '',
      lines: 1,
    });
    expect(ended.stderr).toMatch(line);
  });
});
