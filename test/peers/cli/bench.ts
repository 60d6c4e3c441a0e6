/** What the tests of the command share: running it from dist as a user would, and reading what it said. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));
export const main = join(root, 'dist/cli/main.js');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** `program` is node with our main file unless it is given; `input` is all of its stdin, which has none without. */
export function start(
  args: readonly string[],
  options: { program?: readonly string[]; env?: NodeJS.ProcessEnv; input?: string } = {},
): Started {
  if (!existsSync(main)) throw new Error('dist is missing: run npm run build first');
  const [program, ...first] = options.program ?? [process.execPath, main];
  const child = spawn(program!, [...first, ...args], {
    cwd: root,
    env: options.env ?? process.env,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(options.input);
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended };
}

export function bench(...args: readonly string[]): Promise<Ended> {
  return start(args).ended;
}

/** Lines that are not empty. */
export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** A folder for results; `remove` it. */
export async function resultsFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'qb-results-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** The only run in a results folder. */
export async function onlyRun(results: string): Promise<string> {
  const runs = await readdir(results);
  if (runs.length !== 1) throw new Error(`expected one run, found ${runs.join(', ')}`);
  return join(results, runs[0]!);
}

/** Processes that name a file below our folder; where there is no /proc, none can be seen. */
export function serversBelow(folder: string): number[] {
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

/** A verdict about the load, whichever: how fast this machine is just now is no matter of these tests. */
export const judged: ReadonlyMap<string, number> = new Map([
  ['PASS', 0],
  ['FAIL', 1],
  ['INVALID', 3],
  ['INCONCLUSIVE', 4],
]);
