import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import { ChildServer } from '../../src/bench/targets/child-server.ts';
import { isOnThisHost } from '../../src/bench/targets/endpoints-target.ts';
import { etcdArguments } from '../../src/bench/targets/etcd-target.ts';
import { nodeArguments } from '../../src/bench/targets/embedded-target.ts';
import { cleanEnvironment } from '../../src/bench/targets/started-server.ts';
import { candidatePort, ephemeralRange, freePortPair, type PortRange } from '../../src/bench/targets/free-port.ts';
import { findProgram } from '../../src/bench/targets/program.ts';
import { chooseTargets } from '../../src/bench/targets/target-choice.ts';
import { fileNameOf } from '../../src/bench/targets/target.ts';
import { parseEndpoint, parseEndpoints } from '../../src/client/endpoint.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qb-targets-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

describe('ports', () => {
  it.each([
    { range: { low: 32_768, high: 60_999 }, at: 0, port: 10_000 },
    { range: { low: 32_768, high: 60_999 }, at: 0.999999, port: 65_535 },
    { range: { low: 32_768, high: 60_999 }, at: 22_768 / (22_768 + 4_536), port: 61_000 },
    { range: { low: 1_024, high: 60_999 }, at: 0, port: 61_000 },
    { range: { low: 20_000, high: 65_535 }, at: 0.99999, port: 19_999 },
    { range: { low: 1_024, high: 65_535 }, at: 0, port: 10_000 },
  ])('at $at beside $range is $port', ({ range, at, port }) => expect(candidatePort(range, at)).toBe(port));

  it('never lie where outgoing connections get theirs', () => {
    const range = { low: 32_768, high: 60_999 };
    for (let i = 0; i < 10_000; i++) {
      const port = candidatePort(range, i / 10_000);
      expect(port < range.low || port > range.high, String(port)).toBe(true);
    }
  });

  it('are free, different, and another one when one is taken', async () => {
    const range = await ephemeralRange();
    const [taken, one, other] = [await listening(range), await listening(range), await listening(range)];
    await Promise.all([one.close(), other.close()]);
    const draws = [taken.draw, one.draw, one.draw, other.draw];
    const [client, peer] = await freePortPair(() => draws.shift()!);
    expect([client, peer]).toEqual([candidatePort(range, one.draw), candidatePort(range, other.draw)]);
    await taken.close();
  });

  it('that are all taken are told', async () => {
    const range = await ephemeralRange();
    const taken = await listening(range);
    await expect(freePortPair(() => taken.draw)).rejects.toThrow(Failure);
    await taken.close();
  });

  /** Somebody who listens on the port of a draw; on which one is left to chance, as others run such tests here too. */
  async function listening(range: PortRange): Promise<{ readonly draw: number; close(): Promise<unknown> }> {
    for (;;) {
      const draw = Math.random();
      const server = createServer().listen(candidatePort(range, draw), '127.0.0.1');
      const isOurs = await new Promise((resolve) => {
        server.once('listening', () => resolve(true)).once('error', () => resolve(false));
      });
      if (isOurs) return { draw, close: () => new Promise((resolve) => server.close(resolve)) };
    }
  }
});

describe('programs', () => {
  it('are found in PATH, in its order, when they can be executed', async () => {
    await writeFile(join(folder, 'tool'), '#!/bin/sh\n');
    vi.stubEnv('PATH', ['/nonexistent', folder, '', '/usr/bin'].join(delimiter));
    expect(await findProgram('tool')).toBeNull();
    await chmod(join(folder, 'tool'), 0o755);
    expect(await findProgram('tool')).toBe(join(folder, 'tool'));
    expect(await findProgram(join(folder, 'tool'))).toBe(join(folder, 'tool'));
    expect(await findProgram(folder)).toBeNull();
    expect(await findProgram('./no/such')).toBeNull();
  });
});

describe('choice', () => {
  const choose = (targets: readonly string[], endpoints: string | null = null) =>
    chooseTargets({ targets, endpoints: endpoints === null ? null : parseEndpoints(endpoints), random: () => 0 });

  it.each([
    { targets: [], endpoints: null, names: ['embedded'] },
    { targets: ['etcd'], endpoints: null, names: ['etcd'] },
    { targets: ['etcd@/a/b', 'embedded', 'etcd'], endpoints: null, names: ['etcd@/a/b', 'embedded', 'etcd'] },
    { targets: ['etcd', 'etcd', 'etcd'], endpoints: null, names: ['etcd', 'etcd#2', 'etcd#3'] },
    { targets: [], endpoints: 'a:1,b', names: ['http://a:1,http://b:2379'] },
  ])('$targets $endpoints is $names', ({ targets, endpoints, names }) =>
    expect(choose(targets, endpoints).map((target) => target.name)).toEqual(names),
  );

  it.each([
    { targets: ['etcd@'], endpoints: null, line: /--target "etcd@" is unknown/ },
    { targets: ['Etcd'], endpoints: null, line: /--target "Etcd" is unknown/ },
    { targets: ['etcd'], endpoints: 'a:1', line: /exclude each other/ },
    { targets: Array.from({ length: 17 }, () => 'etcd'), endpoints: null, line: /at most 16/ },
  ])('$targets $endpoints is refused', ({ targets, endpoints, line }) =>
    expect(() => choose(targets, endpoints)).toThrow(line),
  );

  it.each([
    ['etcd@/opt/my etcd', 'etcd-opt-my-etcd'],
    ['http://a:1,http://[::1]:2', 'http-a-1-http-1-2'],
    ['../..', 'target'],
    ['', 'target'],
  ])('"%s" is called %s in file names', (name, file) => expect(fileNameOf(name)).toBe(file));
});

it.each([
  ['http://127.0.0.1:1', true],
  ['http://localhost:1', true],
  ['http://[::1]:1', true],
  ['unix:///tmp/s', true],
  ['http://203.0.113.9:1', false],
  ['http://etcd.example:1', false],
])('%s is on this host: %s', (url, here) => expect(isOnThisHost(parseEndpoint(url))).toBe(here));

describe('etcd', () => {
  it('is started with its defaults but for its place and its quota', () => {
    expect(
      etcdArguments({ dataDirectory: '/d', clientPort: 1, peerPort: 2 }).map((argument) => argument.split('=')[0]),
    ).toEqual([
      '--data-dir',
      '--listen-client-urls',
      '--advertise-client-urls',
      '--listen-peer-urls',
      '--initial-advertise-peer-urls',
      '--initial-cluster',
      '--quota-backend-bytes',
    ]);
  });

  it('gets the same quota as the embedded node, which has all else by default', () => {
    const place = { dataDirectory: '/d', clientPort: 1, peerPort: 2 };
    const quota = (words: readonly string[]): string[] => words.filter((word) => word.includes('quota'));
    expect(quota(nodeArguments(place))).toEqual(quota(etcdArguments(place)));
    expect(nodeArguments(place).map((word) => word.split('=')[0])).toEqual([
      '--data-dir',
      '--listen-client-urls',
      '--advertise-client-urls',
      '--quota-backend-bytes',
    ]);
  });

  it('sees none of our ETCD variables', () => {
    const given = { PATH: '/bin', ETCD_NAME: 'x', ETCDCTL_API: '3', etcd_name: 'y', MY_ETCD: 'z' };
    expect(cleanEnvironment(given)).toEqual({ PATH: '/bin', MY_ETCD: 'z' });
  });
});

describe('a server of ours', () => {
  const never = new AbortController().signal;
  const shell = async (script: string) => {
    const logPath = join(folder, 'log');
    return ChildServer.start({
      program: '/bin/sh',
      args: ['-c', script],
      environment: process.env,
      logPath,
      endsWithStdin: false,
    });
  };
  const logHas = (text: string) => async () => (await readFile(join(folder, 'log'), 'utf8')).includes(text);

  // Field 6 of /proc/PID/stat is the session (proc(5)).
  it('writes to its log, in a session of its own, and ends by SIGTERM', async () => {
    const child = await shell('cut -d" " -f6 /proc/$$/stat; echo up; exec sleep 60');
    expect(await child.waitUntil(logHas('up'), 30_000, never)).toBe(true);
    expect(child.ended).toBeNull();
    await child.stop();
    expect(child.ended).toBe('signal SIGTERM');
    await child.stop();
    expect((await child.logTail(9)).map((line) => line.trim())).toEqual([String(child.pid), 'up']);
  });

  it('that ends by itself is noticed while it is waited for', async () => {
    const child = await shell('echo first; echo last words >&2; exit 3');
    expect(await child.waitUntil(() => Promise.resolve(false), 30_000, never)).toBe(false);
    expect(child.ended).toBe('exit code 3');
    expect(await child.logTail(1)).toEqual(['last words']);
  });

  it('that is never ready is given up, and one that nobody waits for at once', async () => {
    const child = await shell('exec sleep 60');
    expect(await child.waitUntil(() => Promise.resolve(false), 50, never)).toBe(false);
    expect(await child.waitUntil(() => Promise.resolve(true), 5_000, AbortSignal.abort())).toBe(false);
    await child.stop();
  });
});
