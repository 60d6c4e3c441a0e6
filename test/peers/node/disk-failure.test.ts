/**
 * A disk that fills up or fails under the real process: it stops acknowledging, says so in one fatal line, and is gone a
 * second later, also while a write of the backend is still with the disk. What it acknowledged is there afterwards.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KV } from '../../../src/api/methods.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { Client } from '../../../src/client/client.ts';
import { defaultChannelSettings } from '../../../src/client/connect.ts';
import { parseEndpoint } from '../../../src/client/endpoint.ts';
import { cleanEnvironment } from '../../tools/etcd.ts';
import { startNode, type BenchNode, type Exit } from '../../tools/node.ts';

const writers = 64;
const valueBytes = 1_024;
/** A tracer that still holds the dead process back is ended too. */
const tracerMsMax = 500;
/** Nothing that was planned has happened: the test fails, and nothing goes on writing. */
const deathMsMax = 40_000;
/** The process has one second; the rest is for a machine that is busy. */
const exitMsMax = 3_000;
/** The log prepares a whole segment ahead. */
const smallSegments = { BENCH_WAL_SEGMENT_BYTES: String(2 ** 20) };
const args = ['--backend-batch-interval=10ms'];

const root = mkdtempSync(join(tmpdir(), 'qb-disk-'));
const mountRefusal = refusal('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', root], ['umount', root]);
const traceRefusal = refusal('strace', ['-f', '-qq', '-o', '/dev/null', 'true']);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Null when `command` works here, else why the tests that need it are skipped. */
function refusal(command: string, words: readonly string[], undo?: readonly [string, string]): string | null {
  try {
    execFileSync(command, words, { stdio: 'ignore' });
    if (undo !== undefined) execFileSync(undo[0], [undo[1]], { stdio: 'ignore' });
    return null;
  } catch {
    return `${command} is refused here`;
  }
}

interface Outcome {
  readonly exit: Exit;
  readonly fatalLines: readonly string[];
  readonly exitMs: number;
  readonly acknowledged: ReadonlyMap<string, number>;
  readonly node: BenchNode;
}

/** Writes until the process ends. */
async function loadToDeath(dataDir: string, under: readonly string[], variables = {}): Promise<Outcome> {
  const fatal: { gone?: Promise<number> } = {};
  const onOutput = (text: string): void => {
    const fatalMs = performance.now();
    if (text.includes('"level":"fatal"')) fatal.gone ??= untilGone(pid).then(() => performance.now() - fatalMs);
    void fatal.gone?.then(() => setTimeout(() => void node.kill(), tracerMsMax));
  };
  const node = await startNode({ args, env: { ...cleanEnvironment(), ...variables }, dataDir, under, onOutput });
  const pid = under.length === 0 ? node.pid : childOf(node.pid);
  const acknowledged = new Map<string, number>();
  const client = clientOf(node);
  let next = 0;
  const write = async (): Promise<void> => {
    for (;;) {
      const key = `key${next++}`;
      try {
        const { header } = await client.unary(KV.Put, { key: utf8(key), value: new Uint8Array(valueBytes) });
        acknowledged.set(key, header!.revision);
      } catch {
        return;
      }
    }
  };
  const load = Promise.all(Array.from({ length: writers }, write));
  const timer = setTimeout(() => void node.kill(), deathMsMax);
  const exit = await node.ended;
  clearTimeout(timer);
  const exitMs = (await fatal.gone) ?? NaN;
  await client.close();
  await load;
  const fatalLines = node.log().match(/^.*"level":"fatal".*$/gm) ?? [];
  return { exit, fatalLines, exitMs, acknowledged, node };
}

/** strace's own end comes only when its delays are over: the process that it runs is what counts. */
function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim());
}

/** No thread of it runs or waits any more; one that strace delays is held in `t`, also after its SIGKILL. */
async function untilGone(pid: number): Promise<void> {
  while (threadStates(pid).some((state) => !'ZXt'.includes(state)))
    await new Promise((resolve) => setTimeout(resolve, 10));
}

function threadStates(pid: number): string[] {
  try {
    const stats = readdirSync(`/proc/${pid}/task`).map((id) => readFileSync(`/proc/${pid}/task/${id}/stat`, 'latin1'));
    return stats.map((text) => text.slice(text.lastIndexOf(')') + 2, text.lastIndexOf(')') + 3));
  } catch {
    return existsSync(`/proc/${pid}`) ? ['R'] : []; // a thread that ended between the two looks
  }
}

function clientOf(node: BenchNode): Client {
  return new Client({
    endpoints: [parseEndpoint(`127.0.0.1:${node.clientPort}`)],
    channel: defaultChannelSettings,
    user: null,
    timeoutMs: 20_000,
  });
}

async function expectKept({ acknowledged }: Outcome, dataDir: string): Promise<void> {
  expect(acknowledged.size).toBeGreaterThan(0);
  const node = await startNode({ args, dataDir });
  const client = clientOf(node);
  try {
    const { kvs } = await client.unary(KV.Range, {
      key: Uint8Array.of(0),
      range_end: Uint8Array.of(0),
      keys_only: true,
    });
    const revisions = new Map(kvs.map((kv) => [Buffer.from(kv.key).toString(), kv.mod_revision]));
    for (const [key, revision] of acknowledged) expect(`${key} ${revisions.get(key)}`).toBe(`${key} ${revision}`);
  } finally {
    await client.close();
    await node.stop();
  }
}

function expectOneFatalLine(outcome: Outcome, text: RegExp): void {
  expect(outcome.fatalLines).toHaveLength(1);
  expect(outcome.fatalLines[0]).toMatch(text);
  expect(outcome.node.log()).not.toMatch(/^\s+at /m);
  expect(outcome.exitMs).toBeLessThan(exitMsMax);
}

describe.skipIf(mountRefusal !== null)(`a disk of 8 MiB${mountRefusal === null ? '' : `: ${mountRefusal}`}`, () => {
  const disk = join(root, 'disk');
  beforeEach(() => {
    execFileSync('mkdir', ['-p', disk]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]);
  });
  afterEach(() => void execFileSync('umount', [disk]));
  const enlarge = (): void => void execFileSync('mount', ['-o', 'remount,size=256m', disk]);

  it('fills up: exit code 1, and what was acknowledged is there once there is room', async () => {
    const dataDir = join(disk, 'data');
    const outcome = await loadToDeath(dataDir, [], smallSegments);
    expectOneFatalLine(outcome, /no space left|ENOSPC/i);
    expect(outcome.exit).toEqual({ code: 1, signal: null });
    enlarge();
    await expectKept(outcome, dataDir);
  });

  it.skipIf(traceRefusal !== null)('fills up while a write of the backend does not come back', async () => {
    const dataDir = join(disk, 'data');
    const trace = join(root, 'trace-full');
    const backend = join(dataDir, 'member', 'snap', 'db');
    // Its tables are made first, with syncs of the main thread; then the second of the writer's waits.
    await (await startNode({ args, env: { ...cleanEnvironment(), ...smallSegments }, dataDir })).stop();
    const outcome = await loadToDeath(dataDir, straceOf(trace, backend, 'delay_enter=60s:when=2+'), smallSegments);
    expectOneFatalLine(outcome, /no space left|ENOSPC/i);
    enlarge();
    await expectKept(outcome, dataDir);
  });
});

describe.skipIf(traceRefusal !== null)(`a sync that fails${traceRefusal === null ? '' : `: ${traceRefusal}`}`, () => {
  it.each([
    { what: 'log', file: 'wal/0000000000000000-0000000000000000.wal' },
    { what: 'backend', file: 'snap/db' },
  ])('of the $what is fatal and is not tried again', async ({ what, file }) => {
    const dataDir = mkdtempSync(join(root, 'sync-'));
    const trace = join(root, `trace-${what}`);
    const outcome = await loadToDeath(dataDir, straceOf(trace, join(dataDir, 'member', file), 'error=EIO:when=20'));
    expectOneFatalLine(outcome, /input\/output error|EIO/i);
    expect(outcome.exit).toEqual({ code: 1, signal: null });
    expect(readFileSync(trace, 'utf8').split('(INJECTED)').slice(1).join('')).not.toContain('fdatasync(');
    await expectKept(outcome, dataDir);
  });
});

/** What every fdatasync of `file` meets with; `inject` as strace has it, its counts are those of one thread. */
function straceOf(output: string, file: string, inject: string): string[] {
  const calls = ['-e', 'trace=fdatasync', '-e', `inject=fdatasync:${inject}`];
  return ['strace', '-f', '-qq', '-o', output, '--seccomp-bpf', '-P', file, ...calls];
}
