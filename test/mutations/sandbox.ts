/** A copy of the sources and tests, in which one mutation at a time is applied, tested and taken back. */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mutation } from './mutation.ts';

/** What a run of test files came to. `failed` holds full names; `hung` means that it had to be stopped. */
export interface TestRun {
  readonly ran: number;
  readonly failed: readonly string[];
  readonly hung: boolean;
  /** For the message when nothing ran. */
  readonly output: string;
}

/** The part of vitest's JSON report that is read. */
interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

const hungAfterMs = 60_000;

export class Sandbox {
  readonly #root: string;
  readonly #directory = mkdtempSync(join(tmpdir(), 'quorumbench-mutations-'));

  constructor(root: string) {
    this.#root = root;
    for (const name of ['src', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts']) {
      cpSync(join(root, name), join(this.#directory, name), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(this.#directory, 'node_modules'));
  }

  /** Runs the mutation's tests with the change made. Throws when the snippet is not there exactly once. */
  async try(mutation: Mutation): Promise<TestRun> {
    const path = join(this.#directory, 'src/wire', mutation.file);
    const source = readFileSync(path, 'utf8');
    const count = source.split(mutation.find).length - 1;
    if (count !== 1) throw new Error(`the snippet stands ${count} times in src/wire/${mutation.file}`);
    writeFileSync(
      path,
      source.replace(mutation.find, () => mutation.replace),
    );
    try {
      return await this.run(mutation.tests, mutation.failing);
    } finally {
      writeFileSync(path, source);
    }
  }

  /** Runs test files, relative to test/wire: all that is in them, or what has `name` in its full name. */
  async run(tests: readonly string[], name = ''): Promise<TestRun> {
    const reportPath = join(this.#directory, 'report.json');
    rmSync(reportPath, { force: true });
    const vitest = join(this.#root, 'node_modules/vitest/vitest.mjs');
    const files = tests.map((file) => `test/wire/${file}`);
    const flags = ['--reporter=json', `--outputFile=${reportPath}`, '--no-file-parallelism', '-t', patternOf(name)];
    const { hung, output } = await runNode([vitest, 'run', '--project', 'unit', ...flags, ...files], this.#directory);
    return { ...resultsIn(reportPath), hung, output };
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function runNode(args: readonly string[], cwd: string): Promise<{ hung: boolean; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let hung = false;
    let output = '';
    const timer = setTimeout(() => {
      hung = true;
      process.kill(-child.pid!, 'SIGKILL'); // its group: the worker is the one that hangs
    }, hungAfterMs);
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('close', () => {
      clearTimeout(timer);
      resolve({ hung, output });
    });
  });
}

function resultsIn(reportPath: string): { ran: number; failed: string[] } {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(reportPath, 'utf8')) as Report;
  } catch {
    return { ran: 0, failed: [] };
  }
  const all = report.testResults.flatMap((file) => file.assertionResults);
  return {
    ran: all.filter((test) => test.status === 'passed' || test.status === 'failed').length,
    failed: all.filter((test) => test.status === 'failed').map((test) => unquoted(test.fullName)),
  };
}

/** vitest quotes the strings that it puts into a name. */
function unquoted(name: string): string {
  return name.replaceAll("'", '');
}

/** Matches the name whether vitest has quoted its parts or not, and cut them at 40 characters or not. */
function patternOf(name: string): string {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return escaped.replaceAll(' ', "'? '?");
}
