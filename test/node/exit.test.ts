import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const program = new URL('../tools/exit-child.mjs', import.meta.url).pathname;
let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'qb-exit-'));
  execFileSync('mkfifo', [join(directory, 'fifo')]);
});
afterAll(() => rmSync(directory, { recursive: true }));

interface End {
  readonly code: number | null;
  readonly signal: string | null;
  readonly afterMs: number;
}

function run(args: readonly string[]): Promise<End> {
  const child = spawn(process.execPath, [program, ...args, join(directory, 'fifo')], { stdio: ['ignore', 'pipe', 2] });
  let leavingMs = NaN;
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
  child.stdout!.once('data', () => {
    leavingMs = performance.now();
    timer.refresh();
  });
  return new Promise((resolve) =>
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, afterMs: performance.now() - leavingMs });
    }),
  );
}

// 10 s: a machine under load; without the way out it would be 30.
it.each([
  { closing: 'closed', disk: 'idle', loop: 'turns', end: { code: 7, signal: null } },
  { closing: 'failed', disk: 'idle', loop: 'turns', end: { code: 7, signal: null } },
  { closing: 'never', disk: 'idle', loop: 'turns', end: { code: null, signal: 'SIGKILL' } },
  { closing: 'closed', disk: 'stuck', loop: 'turns', end: { code: null, signal: 'SIGKILL' } },
  { closing: 'closed', disk: 'idle', loop: 'stands', end: { code: null, signal: 'SIGKILL' } },
])('closing $closing, disk $disk, loop $loop: it ends', async ({ closing, disk, loop, end }) => {
  const { afterMs, ...how } = await run([closing, disk, loop]);
  expect(how).toEqual(end);
  expect(afterMs).toBeLessThan(10_000);
});
