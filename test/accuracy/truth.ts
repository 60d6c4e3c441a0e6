/** Runs a load against a truth server and replays the plan's intended times through the server's own log. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { utf8 } from '../../src/base/bytes.ts';
import { createSchedule } from '../../src/bench/arrival.ts';
import { keyDigits } from '../../src/bench/key-space.ts';
import { runLoad } from '../../src/bench/load.ts';
import { arrivalSeed } from '../../src/bench/plan.ts';
import type { PhaseResult } from '../../src/bench/result.ts';
import type { Arrival, Workload } from '../../src/bench/workload.ts';
import type { TransportName } from '../../src/client/channel.ts';
import { parseEndpoint } from '../../src/client/endpoint.ts';

export type Behaviour =
  | { readonly kind: 'stall'; readonly fromMs: number; readonly forMs: number; readonly everyMs: number }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'delays'; readonly ms: readonly number[] };

export interface Trial {
  readonly behaviour: Behaviour;
  readonly arrival: Extract<Arrival, { model: 'open' }>;
  readonly durationMs: number;
  readonly clients: number;
  readonly transport: TransportName;
}

export type Percentile = 'p50' | 'p99' | 'p999' | 'max';
export const percentiles: readonly Percentile[] = ['p50', 'p99', 'p999', 'max'];

export interface Measured {
  readonly phase: PhaseResult;
  /** From the intended time to the departure of the reply, in ms, of every request of the plan; sorted. */
  readonly truthMs: readonly number[];
  /** The same up to the moment when the server, which the machine may have kept from it, had written the reply; sorted. */
  readonly writtenMs: readonly number[];
}

const prefix = '/truth/';
const keyCount = 100_000;

/** Null: the machine was so busy that not all of the plan was released. */
export async function measure(trial: Trial): Promise<Measured | null> {
  const args = [JSON.stringify(trial.behaviour), String(prefix.length), String(keyDigits(keyCount))];
  const server = fork(new URL('truth-server.mjs', import.meta.url), args, { execArgv: [] });
  try {
    const [{ port }] = (await once(server, 'message')) as [{ port: number }];
    return await loadAndReplay(trial, port, server);
  } finally {
    server.kill();
  }
}

interface ServerLog {
  readonly arrivalsMs: readonly number[];
  readonly departuresMs: readonly number[];
  readonly writtenMs: readonly number[];
}

async function loadAndReplay(trial: Trial, port: number, server: ChildProcess): Promise<Measured | null> {
  const workload = workloadOf(trial);
  let startMs = 0;
  const outcome = await runLoad(
    {
      workload,
      endpoints: [parseEndpoint(`127.0.0.1:${port}`)],
      channel: { transport: trial.transport, tls: null, connectTimeoutMs: 5000, keepAliveMs: 0, maxReceiveBytes: 1e6 },
      token: null,
      prefix: utf8(prefix),
      bound: null,
    },
    { onProgress: () => {}, onPhaseStart: (_index, atMs) => (startMs = atMs), onPhaseEnd: () => {} },
    new AbortController().signal,
  );
  server.send('log');
  const [log] = (await once(server, 'message')) as [ServerLog];
  const phase = outcome.phases[0]!;
  // A machine that gave the lane no time for half a second: what would be INVALID is no measurement.
  if (phase.released < phase.planned) return null;
  return { phase, ...replay(workload, startMs, log, phase.planned) };
}

/** Departure minus intended time, request by request: no histogram is involved. */
function replay(workload: Workload, startMs: number, log: ServerLog, requests: number): Omit<Measured, 'phase'> {
  const { arrival, durationMs, count } = workload.phases[0]!;
  if (arrival.model === 'closed') throw new Error('a closed loop has no intended times');
  const schedule = createSchedule(arrival, { durationMs, count, seed: arrivalSeed(workload, 0) });
  const truthMs: number[] = [];
  const writtenMs: number[] = [];
  for (let i = 0; i < requests; i++) {
    const intendedMs = startMs + schedule.timeUs(i) / 1e3;
    const arrivalMs = log.arrivalsMs[i];
    const departureMs = log.departuresMs[i];
    if (typeof arrivalMs !== 'number' || typeof departureMs !== 'number') throw new Error(`request ${i} never came`);
    if (arrivalMs < intendedMs) throw new Error(`request ${i} came ${intendedMs - arrivalMs} ms before its time`);
    truthMs.push(departureMs - intendedMs);
    writtenMs.push(log.writtenMs[i]! - intendedMs);
  }
  const ascending = (a: number, b: number): number => a - b;
  return { truthMs: truthMs.sort(ascending), writtenMs: writtenMs.sort(ascending) };
}

/** Of sorted values, by nearest rank. */
export function percentileOf(sorted: readonly number[], percentile: Percentile): number {
  const fraction = { p50: 0.5, p99: 0.99, p999: 0.999, max: 1 }[percentile];
  return sorted[Math.max(1, Math.ceil(fraction * sorted.length)) - 1]!;
}

/** What the truth may be missed by: 2 %, or 0.2 ms where that is more. */
export function toleranceMs(truthMs: number): number {
  return Math.max(truthMs * 0.02, 0.2);
}

function workloadOf({ arrival, durationMs, clients }: Trial): Workload {
  return {
    name: 'truth',
    description: '',
    clients,
    connections: Math.min(clients, 10),
    spread: 'all',
    requestTimeoutMs: 5000,
    seed: 11,
    keys: { sizeBytes: { kind: 'fixed', bytes: 16 }, count: keyCount, order: 'sequential', zipfTheta: 0.9 },
    values: { kind: 'fixed', bytes: 64 },
    preload: 0,
    phases: [{ name: 'p', warmUp: false, arrival, durationMs, count: null, mix: [{ op: 'put', weight: 1 }] }],
    thresholds: {},
  };
}
