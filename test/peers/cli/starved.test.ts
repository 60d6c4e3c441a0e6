/** A generator that was kept from running spoils the run; it never fails the server. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readResult } from '../../../src/bench/result-file.ts';
import { startEtcd, type Etcd } from '../../tools/etcd.ts';
import { onlyRun, resultsFolder, start, type Ended } from './bench.ts';

let etcd: Etcd;
let out: Awaited<ReturnType<typeof resultsFolder>>;
beforeAll(async () => {
  etcd = await startEtcd();
});
afterAll(() => etcd.stop());
beforeEach(async () => {
  out = await resultsFolder();
});
afterEach(() => out.remove());

async function workload(lines: readonly string[]): Promise<string> {
  const path = join(out.path, 'w.yaml');
  await writeFile(path, [...lines, ''].join('\n'));
  return path;
}

const small = ['keys: {size: 16B}', 'values: {size: 16B}'];

/** Runs it, and stops the whole process for a second in the middle, as a host without a free core would. */
async function runFrozen(path: string): Promise<Ended> {
  const results = join(out.path, 'results');
  const started = start(['run', path, '--endpoints', etcd.url, '--max-bytes', '1GiB', '--out', results]);
  // Its first line of progress: the load has begun, and lasts for five seconds.
  await new Promise<void>((resolve) =>
    started.child.stderr!.on('data', (chunk: Buffer) => chunk.includes('%') && resolve()),
  );
  await sleep(1_000);
  started.child.kill('SIGSTOP');
  await sleep(1_200);
  started.child.kill('SIGCONT');
  return started.ended;
}

describe('a generator that is starved', () => {
  it.each([
    { arrival: '{model: open, rate: 500}', clients: 50 },
    { arrival: '{model: closed}', clients: 4 },
  ])('of CPU says INVALID, never FAIL: $arrival', async ({ arrival, clients }) => {
    const path = await workload([
      `clients: ${clients}`,
      ...small,
      'phases:',
      `  - {name: load, arrival: ${arrival}, duration: 5s}`,
      'thresholds: {maxLatency: 900ms}',
    ]);
    const ended = await runFrozen(path);
    expect(ended.stdout).toMatch(/^INVALID {2}/);
    expect(ended.code).toBe(3);
    const result = await readResult(await onlyRun(join(out.path, 'results')));
    const phase = result.rounds[0]!.phases[0]!;
    expect(phase.latency.summary.max).toBeGreaterThan(1_000);
    expect(phase.fromRelease.summary.max).toBeLessThan(900);
  });
});
