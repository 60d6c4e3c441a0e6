/**
 * A real `bench node` for tests, as etcd.ts starts a real etcd: from dist, on a fresh directory and a free loopback port,
 * without ETCD_* variables. It is stopped by pid, and dies with the test process.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cleanEnvironment, freePort } from './etcd.ts';

export interface NodeOptions {
  /** More flags, after ours; the last of a kind wins. */
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Where its data goes; the caller then removes it. Default: a fresh directory. */
  readonly dataDir?: string;
  /** A command that runs it, as `strace -f`; the process that is signalled is then that command's. */
  readonly under?: readonly string[];
  /** Told of what it writes to stderr, as it comes. */
  readonly onOutput?: (text: string) => void;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface BenchNode {
  readonly url: string;
  readonly clientPort: number;
  readonly dataDir: string;
  readonly pid: number;
  /** What it has written to stderr so far: one JSON object a line. */
  log(): string;
  /** When it has ended, by whomever. */
  readonly ended: Promise<Exit>;
  /** SIGTERM, then SIGKILL after 5 s; data stays when `keepData`, or when the caller chose the directory. */
  stop(keepData?: boolean): Promise<void>;
  /** SIGKILL; data stays. */
  kill(): Promise<void>;
  /** After `stop(true)` or `kill`: the same port, the same data; `args` instead of those before. */
  restart(args?: readonly string[]): Promise<BenchNode>;
}

const startTimeoutMs = 30_000;
const stopTimeoutMs = 5_000;
export const mainFile = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export async function startNode(options: NodeOptions = {}): Promise<BenchNode> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'qb-node-')));
  return launch(dataDir, await freePort(), options);
}

async function launch(dataDir: string, port: number, options: NodeOptions): Promise<BenchNode> {
  if (!existsSync(mainFile)) throw new Error('dist is missing: run npm run build first');
  const url = `http://127.0.0.1:${port}`;
  const flags = [`--data-dir=${dataDir}`, `--listen-client-urls=${url}`, `--advertise-client-urls=${url}`];
  const node = [process.execPath, mainFile, 'node', ...flags, ...(options.args ?? [])];
  const [command, ...words] = [...(options.under ?? []), ...node];
  const env = options.env ?? cleanEnvironment();
  const child = spawn(command!, words, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const killed = (): void => void child.kill('SIGKILL');
  process.once('exit', killed);
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    options.onOutput?.(chunk);
  });
  const ended = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => {
      process.removeListener('exit', killed);
      resolve({ code, signal });
    });
  });
  const handle: BenchNode = {
    url,
    clientPort: port,
    dataDir,
    pid: child.pid!,
    log: () => text,
    ended,
    stop: async (keepData = options.dataDir !== undefined) => {
      await end(child, 'SIGTERM', ended);
      if (!keepData) await rm(dataDir, { recursive: true, force: true });
    },
    kill: () => end(child, 'SIGKILL', ended),
    restart: (args) => launch(dataDir, port, args === undefined ? options : { ...options, args }),
  };
  await ready(handle, child);
  return handle;
}

async function ready(node: BenchNode, child: ChildProcess): Promise<void> {
  const endMs = Date.now() + startTimeoutMs;
  while (!node.log().includes('ready to serve client requests')) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > endMs) {
      await node.kill();
      throw new Error(`bench node did not start: ${node.log().slice(-1_500)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals, ended: Promise<Exit>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
  await ended;
  clearTimeout(timer);
}
