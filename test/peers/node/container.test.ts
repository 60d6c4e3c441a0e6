/** A process namespace, as of a container whose first process is the node: no signal of its own reaches that one. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startNode } from '../../tools/node.ts';
import { unshare, works } from '../../tools/unshare.ts';

/** The child dies with it. */
const container = unshare('--pid', '--fork', '--kill-child');
const isRefused = !works(container);

/** As it is seen from outside. */
function childOf(pid: number): number {
  return Number(execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' }));
}

describe.skipIf(isRefused)(`the first process of a container${isRefused ? ': unshare is refused here' : ''}`, () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('ends with 0 by %s, as etcd does', async (signal) => {
    const node = await startNode({ under: container });
    process.kill(childOf(node.pid), signal);
    expect(await node.ended).toEqual({ code: 0, signal: null });
    expect(node.log()).toContain('closed etcd server');
    rmSync(node.dataDir, { recursive: true });
  });

  it('ends even when a disk never answers', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'qb-first-'));
    const fifo = join(directory, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const program = new URL('../../tools/exit-child.mjs', import.meta.url).pathname;
    const words = [...container.slice(1), process.execPath, program, 'closed', 'stuck', 'turns', fifo];
    const child = spawn(container[0]!, words, { stdio: 'ignore', timeout: 30_000, killSignal: 'SIGKILL' });
    const signal = await new Promise((resolve) => child.once('close', (_, by) => resolve(by)));
    expect(['SIGABRT', 'SIGSEGV']).toContain(signal); // unshare ends as its child did
    rmSync(directory, { recursive: true });
  });
});
