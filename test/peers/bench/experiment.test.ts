/** What all rounds of a run do together to a cluster. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runExperiment } from '../../../src/bench/experiment.ts';
import { EndpointsTarget } from '../../../src/bench/targets/endpoints-target.ts';
import { readWorkload } from '../../../src/bench/workload-file.ts';
import { parseEndpoint } from '../../../src/client/endpoint.ts';
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

it('a load that throws is a failure of ours, which ends the run', async () => {
  const [etcd, out] = await Promise.all([startEtcd(), resultsFolder()]);
  try {
    const none = { duration: null, rate: null, clients: null, connections: null, seed: null, set: [] };
    const spec = {
      workload: await readWorkload(join(root, 'workloads/s.yaml'), none),
      targets: [new EndpointsTarget([parseEndpoint(etcd.url)])],
      rounds: 3,
      channel: { transport: 'wire', tls: null, connectTimeoutMs: 5000, keepAliveMs: 30_000, maxReceiveBytes: 1e6 },
      user: null,
      parent: null,
      maxBytes: null,
      directory: out.path,
      load: () => Promise.reject(new Error('x is not a function')),
    } as const;
    const events = { log: { info: () => {}, warn: () => {} }, onProgress: () => {}, onCleanup: () => {} };
    const signals = { stop: new AbortController().signal, abandon: new AbortController().signal };
    const { rounds, failure } = await runExperiment(spec, events, signals);
    const words = 'the load generator broke: x is not a function';
    expect(rounds.map(({ earlyEnd }) => earlyEnd)).toEqual([{ reason: 'generator-broke', words }]);
    expect(failure).toMatchObject({ target: etcd.url, round: 0, words, exitCode: 3 });
  } finally {
    await etcd.stop();
    await out.remove();
  }
});
