/** `bench node` as a process: what it is started with wrongly, and every way in which it ends. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { KV } from '../../../src/api/methods.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { Client } from '../../../src/client/client.ts';
import { defaultChannelSettings } from '../../../src/client/connect.ts';
import { parseEndpoint } from '../../../src/client/endpoint.ts';
import { freePort } from '../../tools/etcd.ts';
import { mainFile, startNode, type BenchNode } from '../../tools/node.ts';

/** Promised are 1.5 s from the signal to the end; the rest is for a busy machine. The watchdog would show in the signal. */
const endMsMax = 2_500;
/** A start takes 0.3 s of CPU; the machine may be busy. */
const patienceMs = 20_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qb-process-'));
});
afterAll(() => rm(folder, { recursive: true }));

const children = new Set<ChildProcess>();
const nodes = new Set<BenchNode>();
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  for (const node of nodes) await node.stop();
  children.clear();
  nodes.clear();
});

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout(): string;
  stderr(): string;
}

interface StartOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Before node: another program that runs it. */
  readonly prefix?: readonly string[];
}

function start(words: readonly string[], { env = {}, prefix = [] }: StartOptions = {}): Started {
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('ETCD_'));
  const [program, ...first] = [...prefix, process.execPath, mainFile, 'node'];
  const child = spawn(program, [...first, ...words], {
    cwd: folder,
    env: { ...Object.fromEntries(clean), npm_command: undefined, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  children.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr })),
  );
  return { child, ended, stdout: () => stdout, stderr: () => stderr };
}

async function place(): Promise<{ readonly dataDir: string; readonly port: number; readonly words: string[] }> {
  const [dataDir, port] = [join(folder, `data-${Math.random()}`), await freePort()];
  return { dataDir, port, words: [`--data-dir=${dataDir}`, ...listenAt(`http://127.0.0.1:${port}`)] };
}

async function takenPort(): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

function listenAt(url: string): string[] {
  return [`--listen-client-urls=${url}`, `--advertise-client-urls=${url}`];
}

async function until(condition: () => boolean): Promise<void> {
  const endMs = Date.now() + patienceMs;
  while (!condition()) {
    if (Date.now() > endMs) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

interface LogLine {
  readonly level: string;
  readonly caller: string;
  readonly msg: string;
  readonly error?: string;
}

/** Every line must be one, and name a line of the sources, though a bundle runs. */
function linesOf(stderr: string): LogLine[] {
  const texts = stderr.split('\n').filter((line) => line !== '');
  const lines = texts.map((line) => JSON.parse(line) as LogLine);
  for (const { caller } of lines) expect(caller).toMatch(/^(cli|node)\/[a-z-]+\.ts:\d+$/);
  return lines;
}

/** The two lines of a start that failed, with its reason. */
function startFailure(stderr: string): string {
  const [warned, fatal] = linesOf(stderr).slice(-2);
  expect(warned).toMatchObject({ level: 'warn', msg: 'failed to start etcd' });
  expect(fatal).toMatchObject({ level: 'fatal', msg: 'discovery failed', error: warned!.error });
  return warned!.error!;
}

describe('a start that fails', () => {
  it('for a flag that does not exist: its line, how to see them all, exit 2', async () => {
    const { code, stdout, stderr } = await start(['--data-dri=x']).ended;
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^flag provided but not defined: -data-dri\ndid you mean --data-dir\?\nUsage:\n/);
  });

  it('for flags that contradict each other: log lines, exit 1, and nothing on the disk', async () => {
    const { code, stderr } = await start(['--listen-client-urls=http://127.0.0.1:1', '--name=untouched']).ended;
    const error = '--advertise-client-urls is required when --listen-client-urls is set explicitly';
    expect(code).toBe(1);
    expect(linesOf(stderr)).toEqual([
      expect.objectContaining({ level: 'warn', msg: 'failed to verify flags', error }),
      expect.objectContaining({ level: 'warn', msg: 'advertise client URLs are not set', error }),
    ]);
    expect(await readdir(folder)).not.toContain('untouched.etcd');
  });

  it('for what a Go program would panic at: without a stack, exit 2', async () => {
    const { code, stderr } = await start(['--log-level=foo']).ended;
    expect([code, stderr]).toEqual([2, 'panic: unrecognized level: "foo"\n']);
  });

  it('for a variable beside its flag: one fatal line, exit 1', async () => {
    const { code, stderr } = await start(['--name=x'], { env: { ETCD_NAME: 'x', ETCD_FOO: '1' } }).ended;
    expect(code).toBe(1);
    expect(linesOf(stderr).at(-1)).toMatchObject({ level: 'fatal', 'environment-variable': 'ETCD_NAME' });
  });

  it('for a log file that cannot be opened', async () => {
    const { code, stderr } = await start(['--log-outputs=/no-such-folder/x']).ended;
    const error = 'open sink "/no-such-folder/x": open /no-such-folder/x: no such file or directory';
    expect(code).toBe(1);
    expect(linesOf(stderr).at(-1)).toMatchObject({ msg: 'failed to verify flags', error });
  });

  it('is told on stderr where the log file has no room', async () => {
    const { words } = await place();
    const { code, stderr } = await start([...words, '--log-outputs=/dev/full', '--initial-cluster=y=http://a:1']).ended;
    expect(code).toBe(1);
    expect(linesOf(stderr)).toMatchObject([{ level: 'fatal', msg: 'discovery failed' }]);
  });

  it.each(['listen-client-urls', 'listen-metrics-urls'])(
    'for a port of --%s that is taken, and nothing on the disk',
    async (flag) => {
      const { words, dataDir } = await place();
      const { port, close } = await takenPort();
      const url = `http://127.0.0.1:${port}`;
      const { code, stderr } = await start([...words, `--${flag}=${url}`, `--wal-dir=${dataDir}-wal`]).ended;
      await close();
      expect(code).toBe(1);
      expect(startFailure(stderr)).toBe(`listen tcp 127.0.0.1:${port}: bind: address already in use`);
      expect((await readdir(folder)).filter((name) => join(folder, name).startsWith(dataDir))).toEqual([]);
    },
  );

  it('for a unix socket that another one listens on, but not for one that a crash has left', async () => {
    const words = (name: string): string[] => [`--data-dir=${name}`, ...listenAt('unix://socket:1')];
    const first = start(words('first'));
    await until(() => first.stderr().includes('ready to serve client requests'));
    const { code, stderr } = await start(words('second')).ended;
    expect(code).toBe(1);
    expect(startFailure(stderr)).toBe('listen unix socket:1: bind: address already in use');
    first.child.kill('SIGKILL');
    await first.ended;
    const next = start(words('second'));
    await until(() => next.stderr().includes('ready to serve client requests'));
  });

  it('for a directory that another one uses, which goes on', async () => {
    const node = await startNode();
    nodes.add(node);
    const { code, stderr } = await start([
      `--data-dir=${node.dataDir}`,
      ...listenAt(`http://127.0.0.1:${await freePort()}`),
    ]).ended;
    expect(code).toBe(1);
    expect(startFailure(stderr)).toMatch(new RegExp(`${node.dataDir}.*${node.pid}`));
    expect((await fetch(`${node.url}/health`)).status).toBe(200);
  });

  it('for a directory that another version wrote', async () => {
    const { words, dataDir } = await place();
    await mkdir(join(dataDir, 'member'), { recursive: true });
    await writeFile(join(dataDir, 'member/format'), 'quorumbench 999\n');
    const { code, stderr } = await start(words).ended;
    expect(code).toBe(1);
    expect(startFailure(stderr)).toMatch(/was written by another version \(format "quorumbench 999"/);
  });

  it.each(['file', 'file/below'])('for a data directory that is %s', async (path) => {
    await writeFile(join(folder, 'file'), 'x');
    const { code, stderr } = await start([`--data-dir=${path}`]).ended;
    const error = `${path === 'file' ? 'readdirent' : 'open'} ${path}: not a directory`;
    expect(code).toBe(1);
    expect(linesOf(stderr).at(-1)).toMatchObject({
      level: 'fatal',
      msg: 'failed to list data directory',
      dir: path,
      error,
    });
  });

  it.runIf(process.getuid?.() === 0)('for a directory that it may not write to', async () => {
    const locked = join(folder, 'locked');
    await mkdir(locked, { mode: 0o555 });
    await chmod(folder, 0o755);
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const { code, stderr } = await start([`--data-dir=${locked}/data`], { prefix: nobody }).ended;
    expect(code).toBe(1);
    expect(startFailure(stderr)).toBe(`cannot access data directory: mkdir ${locked}/data: permission denied`);
  });

  it('for an initial cluster that does not match, which data make forgotten', async () => {
    const { words } = await place();
    const wrong = [...words, '--name=x', '--initial-cluster=y=http://localhost:2380'];
    const { code, stderr } = await start(wrong).ended;
    expect(code).toBe(1);
    expect(startFailure(stderr)).toBe(`couldn't find local name "x" in the initial cluster configuration`);

    const first = start(words);
    await until(() => first.stderr().includes('ready to serve client requests'));
    first.child.kill('SIGTERM');
    await first.ended;
    const again = start(wrong);
    await until(() => again.stderr().includes('ready to serve client requests'));
  });
});

describe('what is only asked', () => {
  it.each([
    ['--help', /^Usage:[^]*--name 'default'/],
    ['--version', /^etcd Version: 3\.7\.1\nGit SHA: .*\nGo Version: .*\nGo OS\/Arch: .*\n$/],
  ])('%s is answered on stdout with exit 0', async (word, text) => {
    const { code, stdout, stderr } = await start([word]).ended;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(text);
  });
});

describe('an end', () => {
  it('by SIGTERM comes in time under load, and nothing that was acknowledged is lost', async () => {
    const node = await startNode();
    nodes.add(node);
    const acknowledged: number[] = [];
    const client = clientOf(node);
    let stopped = false;
    const lane = async (nth: number): Promise<void> => {
      for (let i = nth; !stopped; i += 50) {
        const put = client.unary(KV.Put, { key: utf8(`k${i}`), value: new Uint8Array(1_024) }, { timeoutMs: 5_000 });
        await put.then(() => acknowledged.push(i));
      }
    };
    const lanes = Array.from({ length: 50 }, (_, nth) => lane(nth).catch(() => {}));
    await until(() => acknowledged.length > 500);
    const beganMs = performance.now();
    process.kill(node.pid, 'SIGTERM');
    const exit = await node.ended;
    const tookMs = performance.now() - beganMs;
    stopped = true;
    await Promise.all(lanes);
    await client.close();
    expect(exit).toEqual({ code: null, signal: 'SIGTERM' });
    expect(tookMs).toBeLessThan(endMsMax);
    expect(linesOf(node.log()).map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(['received signal; shutting down', 'closing etcd server', 'closed etcd server']),
    );

    const again = await node.restart();
    nodes.add(again);
    const reader = clientOf(again);
    const { kvs } = await reader.unary(KV.Range, { key: utf8('k'), range_end: utf8('l'), keys_only: true });
    await reader.close();
    const kept = new Set(kvs.map(({ key }) => Buffer.from(key).toString()));
    expect(acknowledged.filter((i) => !kept.has(`k${i}`))).toEqual([]);
  });

  it('by SIGINT is one by SIGINT', async () => {
    const node = await startNode();
    nodes.add(node);
    process.kill(node.pid, 'SIGINT');
    expect(await node.ended).toEqual({ code: null, signal: 'SIGINT' });
    expect(node.log()).toContain('"signal":"interrupt"');
  });

  it('comes while it is still starting', async () => {
    const { words } = await place();
    const starting = start(words);
    await until(() => starting.stderr().includes('"msg"'));
    starting.child.kill('SIGTERM');
    expect(await starting.ended).toMatchObject({ code: null, signal: 'SIGTERM' });
  });

  it('comes with the end of stdin, for a parent that asked for it', async () => {
    const { words } = await place();
    const node = start(words, { env: { BENCH_EXIT_WITH_STDIN: '1' } });
    await until(() => node.stderr().includes('ready to serve client requests'));
    node.child.stdin!.end();
    expect(await node.ended).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(node.stderr()).toContain('closed etcd server');
  });

  it.each([
    { env: { npm_command: 'exec' }, ends: true, what: 'comes with the death of the parent under npx' },
    {
      env: { npm_command: 'exec', BENCH_EXIT_WITH_STDIN: '1' },
      ends: true,
      what: 'comes with it also where stdin would tell, but somebody else holds it',
    },
    { env: {}, ends: false, what: 'does not come with the end of the script that started it' },
  ])('$what', async ({ env, ends }) => {
    const { dataDir, words, port } = await place();
    // A fifo that its reader may write to never ends.
    const script = 'mkfifo "$0"; "$@" <>"$0" & echo $!; wait';
    const shell = start(words, { env, prefix: ['sh', '-c', script, `${dataDir}.stdin`] });
    await until(() => shell.stderr().includes('ready to serve client requests'));
    const pid = Number(shell.stdout());
    shell.child.kill('SIGKILL');
    if (!ends) {
      // Long enough for a parent's death to be noticed, many times over.
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
      process.kill(pid, 'SIGTERM');
    }
    await until(() => shell.stderr().includes('closed etcd server'));
  });
});

function clientOf(node: BenchNode): Client {
  return new Client({
    endpoints: [parseEndpoint(node.url)],
    channel: { ...defaultChannelSettings, transport: 'wire' },
    timeoutMs: 5_000,
    user: null,
  });
}
