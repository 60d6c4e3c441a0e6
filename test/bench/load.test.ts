/** Whole loads through threads of `dist` against a server of ours in this process. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KV } from '../../src/api/methods.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { nowMs, sleep } from '../../src/base/clock.ts';
import { ExitCode } from '../../src/base/failure.ts';
import { runLoad } from '../../src/bench/load.ts';
import {
  quotaBound,
  type LoadEvents,
  type LoadOutcome,
  type LoadProgress,
  type LoadSpec,
} from '../../src/bench/load-spec.ts';
import { ThreadStock } from '../../src/bench/thread-stock.ts';
import type { Phase, Workload } from '../../src/bench/workload.ts';
import type { TransportName } from '../../src/client/channel.ts';
import { parseEndpoint } from '../../src/client/endpoint.ts';
import { ByteBudget } from '../../src/wire/byte-budget.ts';
import type { ServerCall, UnaryHandler } from '../../src/wire/contract.ts';
import { listen, type WireServer } from '../../src/wire/server-socket.ts';

const never = new AbortController().signal;
const puts = new Map<string, number>();
const tokens = new Set<string>();
let server: WireServer;
let onPhaseStart = (): unknown => null;
let answer: (call: ServerCall, reply: Uint8Array) => void = (call, reply) => call.reply(reply);

beforeAll(async () => {
  const reply = KV.Put.response.encode({});
  const handler = (call: ServerCall): void => answer(call, reply);
  server = await listen({
    address: { host: '127.0.0.1', port: 0 },
    tls: null,
    http: null,
    budget: new ByteBudget(64 * 1024 * 1024),
    routes: {
      streaming: new Map(),
      unary: new Map<string, UnaryHandler>([
        [KV.Range.path, handler],
        [KV.DeleteRange.path, handler],
        [KV.Txn.path, handler],
        [
          KV.Put.path,
          (call, request) => {
            const key = Buffer.from(KV.Put.request.decode(request).key).toString();
            puts.set(key, (puts.get(key) ?? 0) + 1);
            for (const [name, value] of call.metadata) if (name === 'token') tokens.add(value);
            handler(call);
          },
        ],
      ]),
    },
  });
});
afterAll(() => server.close(0));

const open = (perSec: number, spacing: 'constant' | 'poisson' = 'constant') =>
  ({ model: 'open', spacing, fromPerSec: perSec, toPerSec: perSec }) as const;

function phaseOf(changes: Partial<Phase>): Phase {
  const mix = [{ op: 'put', weight: 1 }] as const;
  return { name: 'p', warmUp: false, arrival: open(400), durationMs: 300, count: null, mix, ...changes };
}

function workloadOf(phases: readonly Phase[], changes: Partial<Workload> = {}): Workload {
  return {
    name: 't',
    description: '',
    clients: 20,
    connections: 5,
    spread: 'all',
    requestTimeoutMs: 10_000,
    seed: 3,
    keys: { sizeBytes: { kind: 'fixed', bytes: 20 }, count: null, order: 'uniform', zipfTheta: 0.9 },
    values: { kind: 'fixed', bytes: 100 },
    preload: 0,
    phases,
    thresholds: {},
    ...changes,
  };
}

interface Sent {
  readonly outcome: LoadOutcome;
  readonly progress: readonly LoadProgress[];
  readonly marks: readonly string[];
  readonly keys: ReadonlyMap<string, number>;
}

async function send(workload: Workload, changes: Partial<LoadSpec> = {}, signal = never, lanes = 1): Promise<Sent> {
  puts.clear();
  const progress: LoadProgress[] = [];
  const marks: string[] = [];
  const events: LoadEvents = {
    onProgress: (now) => progress.push(now),
    onPhaseStart: (index) => {
      marks.push(`start ${index}`);
      onPhaseStart();
    },
    onPhaseEnd: (index) => marks.push(`end ${index}`),
  };
  const spec: LoadSpec = {
    workload,
    endpoints: [parseEndpoint(`127.0.0.1:${server.port}`)],
    channel: channelOf('wire'),
    token: null,
    prefix: utf8('/bench/t/'),
    bound: null,
    ...changes,
  };
  const outcome = await runLoad(spec, events, signal, new ThreadStock(lanes));
  return { outcome, progress, marks, keys: new Map(puts) };
}

/** As soon as so many keys have been put. */
async function stopAfter(count: number, stop: AbortController): Promise<void> {
  while (puts.size < count) await sleep(5);
  stop.abort();
}

const channelOf = (transport: TransportName) =>
  ({ transport, tls: null, connectTimeoutMs: 20_000, keepAliveMs: 0, maxReceiveBytes: 1e6 }) as const;

describe('a load', () => {
  it.each([
    { transport: 'wire', lanes: 1 },
    { transport: 'wire', lanes: 3 },
    { transport: 'grpc-js', lanes: 2 },
  ] as const)('sends its plan once over $transport in $lanes lanes', async ({ transport, lanes }) => {
    const { outcome, keys, marks } = await send(
      workloadOf([phaseOf({})]),
      { channel: channelOf(transport) },
      never,
      lanes,
    );
    const [phase] = outcome.phases;
    expect(outcome.earlyEnd).toBeNull();
    expect(phase).toMatchObject({ planned: 120, released: 120, sent: 120, completed: 120, errors: {}, model: 'open' });
    expect(phase!.latency.count).toBe(120);
    expect(phase!.generator.lanes).toBe(lanes);
    expect(phase!.timeline.buckets.reduce((sum, bucket) => sum + bucket.completed, 0)).toBe(120);
    expect(keys.size).toBe(120);
    for (const key of keys.keys()) expect(key).toMatch(/^\/bench\/t\/[0-o]{20}$/);
    expect(marks).toEqual(['start 0', 'end 0']);
  });

  it('puts the same keys whatever the number of lanes and the arrivals', async () => {
    const counted = phaseOf({ durationMs: null, count: 150 });
    const one = await send(workloadOf([counted]));
    const three = await send(workloadOf([{ ...counted, arrival: open(1000, 'poisson') }]), {}, never, 3);
    const closed = await send(workloadOf([{ ...counted, arrival: { model: 'closed' } }]), {}, never, 2);
    const keysOf = ({ keys }: Sent) => [...keys.keys()].sort();
    expect(keysOf(three)).toEqual(keysOf(one));
    expect(keysOf(closed)).toEqual(keysOf(one));
    expect(closed.outcome.phases[0]).toMatchObject({
      model: 'closed',
      completed: 150,
      generator: { scheduleSlip: null },
    });
  });

  it('preloads, then runs its phases in order with their mixes', async () => {
    const mix = [
      { op: 'range', weight: 1, serializable: false, limit: 0, span: 'key' },
      { op: 'delete', weight: 1 },
      { op: 'txn', weight: 1, puts: 2 },
    ] as const;
    const keys = { sizeBytes: { kind: 'fixed', bytes: 20 }, count: 50, order: 'uniform', zipfTheta: 0.9 } as const;
    const warmUp = phaseOf({ name: 'w', warmUp: true, mix });
    const sent = await send(workloadOf([warmUp, phaseOf({ mix })], { keys, preload: 30 }));
    expect(sent.keys.size).toBe(30);
    expect([...sent.keys.values()].every((times) => times === 1)).toBe(true);
    expect(sent.marks).toEqual(['start 0', 'end 0', 'start 1', 'end 1']);
    const [first, second] = sent.outcome.phases;
    expect([first!.warmUp, second!.warmUp]).toEqual([true, false]);
    expect(second!.offsetMs).toBeGreaterThan(first!.offsetMs + 300);
    expect(second!.operations.map(({ op }) => op)).toEqual(['range', 'delete', 'txn']);
    expect(second!.operations.reduce((sum, { completed }) => sum + completed, 0)).toBe(second!.completed);
  });

  it('sends its token with every request', async () => {
    tokens.clear();
    await send(workloadOf([phaseOf({ durationMs: 50 })]), { token: 'secret.1' });
    expect([...tokens]).toEqual(['secret.1']);
  });

  it('shows its progress', async () => {
    const { progress } = await send(workloadOf([phaseOf({ durationMs: 1_500 })]));
    expect(progress.length).toBeGreaterThanOrEqual(2);
    const last = progress.at(-1)!;
    expect(last).toMatchObject({ phase: 'p', warmUp: false, errors: 0 });
    expect(last.completed).toBeGreaterThan(50);
    expect(progress.every(({ fraction }, i) => fraction >= (progress[i - 1]?.fraction ?? 0) && fraction <= 1)).toBe(
      true,
    );
  });
});

describe('a load ends early', () => {
  it.each([
    { name: '--max-bytes', reason: 'bound-used-up' },
    { name: quotaBound, reason: 'quota-used-up' },
  ])('at the bound of its bytes, which it never exceeds: $name', async ({ name, reason }) => {
    const perPut = 9 + 20 + 100 + 1024;
    const closed = phaseOf({ arrival: { model: 'closed' }, durationMs: 5000 });
    const bound = { bytes: perPut * 100 + 1, name };
    const { outcome, keys } = await send(workloadOf([closed, phaseOf({})]), { bound });
    expect(outcome.earlyEnd).toEqual({ reason, words: `${name} was used up in phase "p"` });
    expect(outcome.phases).toHaveLength(1);
    expect(keys.size).toBe(100);
  });

  it('at that bound without an error: what other lanes have in flight keeps its time-out', async () => {
    const perPut = 9 + 20 + 100 + 1024;
    let held = false;
    answer = (call, reply) => {
      if (held) call.reply(reply);
      else setTimeout(() => call.reply(reply), 2_600);
      held = true;
    };
    try {
      const closed = phaseOf({ arrival: { model: 'closed' }, durationMs: 60_000 });
      const workload = workloadOf([closed], { clients: 2, connections: 2 });
      const { outcome } = await send(workload, { bound: { bytes: perPut * 8, name: '--max-bytes' } }, never, 2);
      expect(outcome.earlyEnd).toMatchObject({ reason: 'bound-used-up' });
      expect(outcome.phases[0]).toMatchObject({ sent: 5, completed: 5, errors: {} });
    } finally {
      answer = (call, reply) => call.reply(reply);
    }
  });

  it('when it is interrupted, with what was measured until then', async () => {
    const stop = new AbortController();
    const startMs = nowMs();
    onPhaseStart = () => void stopAfter(20, stop);
    const { outcome } = await send(workloadOf([phaseOf({ durationMs: 60_000 }), phaseOf({})]), {}, stop.signal, 2);
    onPhaseStart = () => null;
    expect(nowMs() - startMs).toBeLessThan(10_000);
    expect(outcome.earlyEnd).toEqual({ reason: 'interrupted', words: 'interrupted' });
    expect(outcome.phases).toHaveLength(1);
    expect(outcome.phases[0]!.completed).toBeGreaterThan(0);
    expect(outcome.phases[0]!.planned).toBeLessThan(400 * 10);
  });

  it('before it began, when it was interrupted before', async () => {
    const stop = new AbortController();
    stop.abort();
    const { outcome } = await send(workloadOf([phaseOf({})]), {}, stop.signal);
    expect(outcome).toEqual({ phases: [], earlyEnd: { reason: 'interrupted', words: 'interrupted' } });
  });

  it('with one line when nobody listens', async () => {
    const endpoints = [parseEndpoint('127.0.0.1:1')];
    await expect(send(workloadOf([phaseOf({})]), { endpoints })).rejects.toMatchObject({
      name: 'Failure',
      code: 'UNREACHABLE',
      exitCode: ExitCode.unreachable,
    });
  });
});

it('errors are counted by code, and failing requests do not hold up the end', async () => {
  answer = (call) => call.end(8, 'etcdserver: too many requests');
  try {
    const { outcome } = await send(workloadOf([phaseOf({})]));
    expect(outcome.phases[0]).toMatchObject({ completed: 0, errors: { ResourceExhausted: 120 } });
    expect(outcome.phases[0]!.latency.count).toBe(0);
  } finally {
    answer = (call, reply) => call.reply(reply);
  }
});

it('a server that never answers is time-outs at their value', async () => {
  answer = () => {};
  try {
    const { outcome } = await send(workloadOf([phaseOf({ durationMs: 100 })], { requestTimeoutMs: 200, clients: 50 }));
    expect(outcome.phases[0]).toMatchObject({ completed: 0, errors: { DeadlineExceeded: 40 } });
    expect(outcome.phases[0]!.service.summary.p50).toBeGreaterThanOrEqual(200);
  } finally {
    answer = (call, reply) => call.reply(reply);
  }
});
