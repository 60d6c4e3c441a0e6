/** What all rounds of a run do together to a cluster. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readResult } from '../../../src/bench/result-file.ts';
import { startEtcd } from '../../tools/etcd.ts';
import { bench, onlyRun, resultsFolder, root } from '../cli/bench.ts';

it('--max-bytes is shared by all rounds', async () => {
  const [etcd, out] = await Promise.all([startEtcd(), resultsFolder()]);
  try {
    const bounds = ['--max-bytes', '6MB', '--rounds', '3', '--set', 'phases[0].duration=1ms'];
    const where = ['--endpoints', etcd.url, '--out', out.path];
    await bench('run', join(root, 'workloads/put-max.yaml'), ...where, ...bounds);
    const { rounds } = await readResult(await onlyRun(out.path));
    const puts = rounds.map(({ phases }) => phases.reduce((sum, phase) => sum + phase.sent, 0));
    // Of each put, its prefix, key, value and overhead count.
    const putsMax = Math.floor(2_000_000 / (30 + 256 + 1024 + 1024));
    expect(puts).toEqual([expect.any(Number), expect.any(Number), expect.any(Number)]);
    for (const sent of puts) expect(sent).toBeLessThanOrEqual(putsMax);
    expect(Math.min(...puts)).toBeGreaterThan(putsMax / 2);
  } finally {
    await etcd.stop();
    await out.remove();
  }
});
