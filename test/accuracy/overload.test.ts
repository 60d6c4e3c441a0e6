/** A load that no generator can send is the generator's failure, whoever waits for whom. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { runLoad } from '../../src/bench/load.ts';
import type { RunResult } from '../../src/bench/result.ts';
import type { Workload } from '../../src/bench/workload.ts';
import { judgeRun } from '../../src/checks/run-verdict.ts';
import { parseEndpoint } from '../../src/client/endpoint.ts';
import { startNullServer, type NullServer } from '../tools/null-server.ts';
import { sampleResult } from '../tools/sample-result.ts';

let server: NullServer;
beforeAll(async () => {
  server = await startNullServer();
});
afterAll(() => server.stop());

/** Far beyond what a thread sends through grpc-js, to a server that costs a fiftieth of that. */
const workload: Workload = {
  name: 'overload',
  description: '',
  clients: 1_000,
  connections: 10,
  spread: 'all',
  requestTimeoutMs: 5_000,
  seed: 1,
  keys: { sizeBytes: { kind: 'fixed', bytes: 16 }, count: null, order: 'uniform', zipfTheta: 0.99 },
  values: { kind: 'fixed', bytes: 64 },
  preload: 0,
  phases: [
    {
      name: 'load',
      warmUp: false,
      arrival: { model: 'open', spacing: 'constant', fromPerSec: 200_000, toPerSec: 200_000 },
      durationMs: 2_000,
      count: null,
      mix: [{ op: 'put', weight: 1 }],
    },
  ],
  thresholds: { minRatePerSec: 180_000, maxLatencyMs: 500, maxErrorFraction: 0 },
};

it('says INVALID, never FAIL, and that the generator did not keep up', async () => {
  const { phases } = await runLoad(
    {
      workload,
      endpoints: [parseEndpoint(`127.0.0.1:${server.port}`)],
      channel: { transport: 'grpc-js', tls: null, connectTimeoutMs: 5_000, keepAliveMs: 0, maxReceiveBytes: 1e6 },
      token: null,
      prefix: utf8('/overload/'),
      bound: null,
    },
    { onProgress: () => {}, onPhaseStart: () => {}, onPhaseEnd: () => {} },
    new AbortController().signal,
  );
  const sample = sampleResult('pass');
  const result: RunResult = { ...sample, workload, rounds: [{ ...sample.rounds[0]!, phases }] };
  const verdict = judgeRun(result);
  expect(verdict.verdict).toBe('INVALID');
  // The latter where the host is so busy that a lane's event loop is never seen without idle time.
  expect(verdict.cause).toMatch(/the generator (fell behind|released requests .* late)/);
});
