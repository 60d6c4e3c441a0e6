/** Progress on a real terminal, which script(1) provides. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { shellLine } from '../../../src/base/shell-line.ts';
import { main, onlyRun, resultsFolder, root, start } from './bench.ts';

let out: Awaited<ReturnType<typeof resultsFolder>>;
beforeEach(async () => {
  out = await resultsFolder();
});
afterEach(() => out.remove());

/** All that a run writes, stdout and stderr alike, to a terminal that does not know its size. */
async function screenOf(env: NodeJS.ProcessEnv): Promise<string> {
  const run = [process.execPath, main, 'run', join(root, 'workloads/s.yaml'), '--duration', '1s', '--out', out.path];
  return (await start(['-qec', shellLine(run), '/dev/null'], { program: ['script'], env }).ended).stdout;
}

const nameless = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'TERM'));

it('is redrawn in place', async () => {
  const screen = await screenOf({ ...nameless, TERM: 'xterm' });
  expect(screen).toMatch(/\rembedded {2}\[█*·*\] .*\x1b\[K/);
  expect(screen).toMatch(/\x1b\[K[A-Z]+ {2}(\S+ ){6}/);
});

it.each([
  { what: 'dumb', env: { ...nameless, TERM: 'dumb' } },
  { what: 'nameless', env: nameless },
])('is lines, without a control sequence, where the terminal is $what', async ({ env }) => {
  const screen = await screenOf(env);
  expect(screen).toMatch(/^embedded {2} +\d+ % {2}/m);
  expect(screen.replaceAll('\r\n', '\n')).not.toMatch(/[^\P{Cc}\n]/u);
});

it('that is closed interrupts the run, which leaves with its own exit code', async () => {
  const run = [process.execPath, main, 'run', join(root, 'workloads/s.yaml'), '--duration', '60s', '--out', out.path];
  const status = `${out.path}.status`; // of the run, from a shell that outlives the terminal
  const shell = `trap : HUP; ${shellLine(run)}; echo $? > ${status}`;
  const terminal = start(['-qec', shell, '/dev/null'], { program: ['script'], env: { ...nameless, TERM: 'xterm' } });
  await new Promise<void>((resolve) => {
    terminal.child.stdout!.on('data', (chunk: Buffer) => chunk.includes(' % ') && resolve());
  });
  terminal.child.kill('SIGKILL');
  try {
    await expect.poll(() => readFile(status, 'utf8').catch(() => ''), { timeout: 30_000 }).toBe('130\n');
    expect(await readFile(join(await onlyRun(out.path), 'verdict.json'), 'utf8')).toContain('"INTERRUPTED"');
  } finally {
    await rm(status, { force: true });
  }
});
