/** stdout that cannot be written, and stdout that nobody reads any more: /dev/full and a reader that leaves, as shells make them. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { shellLine } from '../../../src/base/shell-line.ts';
import { bench, linesOf, main, onlyRun, resultsFolder, root, start, type Ended } from './bench.ts';

let out: Awaited<ReturnType<typeof resultsFolder>>;
let ran: string;
beforeAll(async () => {
  out = await resultsFolder();
  await bench(...load(), '--json');
  ran = await onlyRun(out.path);
});
afterAll(() => out.remove());

/** A closed loop without thresholds: however slow the machine is, it passes. */
const load = (): string[] => {
  const brief = ['--clients', '10', '--duration', '500ms', '--set', 'phases[0].duration=1ms'];
  return ['run', join(root, 'workloads/put-max.yaml'), ...brief, '--out', out.path];
};
const full = 'bench: cannot write to stdout: no space left on device';

/** `after` is what the shell does with stdout; the code is the command's own. */
async function inShell(args: readonly string[], after: string): Promise<Ended> {
  const command = shellLine([process.execPath, main, ...args]);
  return start([`set -o pipefail; ${command} ${after}`], { program: ['bash', '-c'] }).ended;
}

it.each([
  { what: 'run --json', args: () => [...load(), '--json'] },
  { what: 'report', args: () => ['report', ran] },
  { what: 'report --json', args: () => ['report', ran, '--json'] },
  { what: 'node --help', args: () => ['node', '--help'] },
  { what: 'node --version', args: () => ['node', '--version'] },
  { what: '--help', args: () => ['--help'] },
])('bench $what to a full device is one line and 74', async ({ args }) => {
  const { code, stderr } = await inShell(args(), '>/dev/full');
  expect({ code, lines: linesOf(stderr) }).toEqual({ code: 74, lines: [full] });
});

it('a failure before anything was written is told alone, with its own code', async () => {
  const { code, stderr } = await inShell(['run', 'no-such.yaml'], '>/dev/full');
  expect({ code, lines: linesOf(stderr) }).toEqual({ code: 2, lines: [expect.stringContaining('no such file')] });
});

it.each([
  { what: 'report', args: () => ['report', ran] },
  { what: 'node --help', args: () => ['node', '--help'] },
])('bench $what to a reader that leaves is quiet', async ({ args }) => {
  const { code, stderr } = await inShell(args(), '| true');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
