/**
 * Result documents as a run would write them, drawn from a seed: for tests and for looking at reports before, or
 * without, a real run. The same scenario gives the same bytes on every machine.
 */
import { createRandom, type Random } from '../../src/base/random.ts';
import { LatencyRecorder } from '../../src/bench/histogram.ts';
import {
  formatVersion,
  type HostSample,
  type PhaseResult,
  type Ratio,
  type RoundResult,
  type RunResult,
  type ServerSample,
  type TargetInfo,
  type TimeBucket,
} from '../../src/bench/result.ts';
import type { Workload } from '../../src/bench/workload.ts';

export type Scenario = 'pass' | 'slow-disk' | 'starved' | 'two-targets' | 'closed';
export const scenarios: readonly Scenario[] = ['pass', 'slow-disk', 'starved', 'two-targets', 'closed'];

const made = new Map<Scenario, RunResult>();

/** Made once: whoever changes something about it copies it. */
export function sampleResult(scenario: Scenario): RunResult {
  const result = made.get(scenario) ?? makeResult(scenario);
  made.set(scenario, result);
  return result;
}

function makeResult(scenario: Scenario): RunResult {
  switch (scenario) {
    case 'pass':
      return single(scenario, { file: 's.yaml', ratePerSec: 150, clients: 50 }, { baseMs: 1.1, tail: 1.4 });
    case 'slow-disk':
      return single(scenario, { file: 'm.yaml', ratePerSec: 1000, clients: 200 }, { baseMs: 6, tail: 4, stalls: true });
    case 'starved':
      return single(
        scenario,
        { file: 'l.yaml', ratePerSec: 8000, clients: 500 },
        { baseMs: 2.2, tail: 2, starved: true },
      );
    case 'closed':
      return single(
        scenario,
        { file: 'put-max.yaml', ratePerSec: 5000, clients: 100, closed: true },
        { baseMs: 19, tail: 9 },
      );
    case 'two-targets':
      return twoTargets();
  }
}

interface Load {
  readonly file: string;
  readonly ratePerSec: number;
  readonly clients: number;
  readonly closed?: boolean;
}

interface Behaviour {
  readonly baseMs: number;
  /** Mean of the exponential part, in ms. */
  readonly tail: number;
  readonly stalls?: boolean;
  readonly starved?: boolean;
}

const warmUpMs = 5_000;
const measuredMs = 60_000;
const stallsAtSec = [22, 45] as const;

function single(scenario: Scenario, load: Load, behaviour: Behaviour): RunResult {
  const target = etcdTarget('etcd');
  const random = createRandom(scenarios.indexOf(scenario) + 1);
  return document(load, [target], [round({ number: 0, target: target.name, load, behaviour, random })], []);
}

function twoTargets(): RunResult {
  const load = { file: 'put-max.yaml', ratePerSec: 9000, clients: 1000, closed: true };
  const a = { ...etcdTarget('etcd'), name: 'etcd' };
  const b = { ...etcdTarget('etcd@/opt/etcd-3.5/bin/etcd'), name: 'etcd@/opt/etcd-3.5/bin/etcd' };
  const random = createRandom(77);
  const order = [a, b, b, a, a, b];
  const rounds = order.map((target, at) =>
    round({
      number: at >> 1,
      target: target.name,
      load: { ...load, ratePerSec: (target === a ? 9_000 : 13_500) * (0.93 + random.float() * 0.14) },
      behaviour: target === a ? { baseMs: 80, tail: 30 } : { baseMs: 55, tail: 19 },
      random,
    }),
  );
  const ratios: Ratio[] = [
    { metric: 'achievedPerSec', a: a.name, b: b.name, value: 0.664, low: 0.571, high: 0.772 },
    { metric: 'latencyMsP99', a: a.name, b: b.name, value: 1.52, low: 1.31, high: 1.77 },
  ];
  return document(load, [a, b], rounds, ratios);
}

function etcdTarget(name: string): TargetInfo {
  return {
    name,
    kind: 'etcd',
    endpoints: ['http://127.0.0.1:23790'],
    transport: 'wire',
    serverCommand: ['etcd', '--data-dir', 'data', '--quota-backend-bytes=8589934592'],
    storage: { directory: '/srv/bench/results/data', fileSystem: 'ext4', device: '/dev/vda1' },
    sharesHost: true,
  };
}

function document(
  load: Load,
  targets: readonly TargetInfo[],
  rounds: readonly RoundResult[],
  ratios: readonly Ratio[],
): RunResult {
  return {
    formatVersion,
    tool: { name: 'quorumbench', version: '0.1.0' },
    startedAt: '2026-03-14T09:26:53.000Z',
    endedAt: '2026-03-14T09:28:01.000Z',
    command: ['bench', 'run', `workloads/${load.file}`, ...targets.flatMap((target) => ['--target', target.name])],
    workload: workload(load),
    workloadFile: `workloads/${load.file}`,
    overrides: [],
    environment: {
      hostname: 'bench-1',
      os: 'Debian GNU/Linux 12 (bookworm)',
      kernel: 'Linux 6.1.0-28-amd64',
      cpuModel: 'AMD EPYC 7763 64-Core Processor',
      cpuCount: 2,
      cpuMhz: 2445,
      virtualization: 'kvm',
      memoryBytes: 8_323_903_488,
      nodeVersion: 'v20.19.2',
    },
    targets,
    rounds,
    roundsAsked: rounds.length / targets.length,
    failure: null,
    ratios,
    interrupted: null,
  };
}

function workload(load: Load): Workload {
  const arrival =
    load.closed === true
      ? ({ model: 'closed' } as const)
      : ({ model: 'open', spacing: 'constant', fromPerSec: load.ratePerSec, toPerSec: load.ratePerSec } as const);
  const mix = [{ op: 'put', weight: 1 }] as const;
  const name = load.file.replace('.yaml', '');
  return {
    name,
    description: `Puts of 1 KiB: etcdctl check perf --load=${name}.`,
    clients: load.clients,
    connections: Math.min(load.clients, 100),
    spread: 'all',
    requestTimeoutMs: 10_000,
    seed: 1,
    keys: { sizeBytes: { kind: 'fixed', bytes: 256 }, count: null, order: 'uniform', zipfTheta: 0.99 },
    values: { kind: 'fixed', bytes: 1024 },
    preload: 0,
    phases: [
      { name: 'warm-up', warmUp: true, arrival, durationMs: warmUpMs, count: null, mix },
      { name: 'measure', warmUp: false, arrival, durationMs: measuredMs, count: null, mix },
    ],
    thresholds:
      load.closed === true
        ? {}
        : { minRatePerSec: load.ratePerSec * 0.9, maxLatencyMs: 500, maxStddevMs: 100, maxErrorFraction: 0 },
  };
}

interface RoundSpec {
  readonly number: number;
  readonly target: string;
  readonly load: Load;
  readonly behaviour: Behaviour;
  readonly random: Random;
}

function round(spec: RoundSpec): RoundResult {
  const warmUp = phase(spec, { name: 'warm-up', warmUp: true, offsetMs: 400, durationMs: warmUpMs });
  const measure = phase(spec, { name: 'measure', warmUp: false, offsetMs: 400 + warmUpMs, durationMs: measuredMs });
  return {
    round: spec.number,
    target: spec.target,
    startedAt: '2026-03-14T09:26:54.000Z',
    prefix: '/quorumbench/6f1c9a2e/',
    phases: [warmUp, measure],
    server: {
      version: spec.target.includes('3.5') ? '3.5.30' : '3.4.23',
      cpuUsPerOp: 57 + spec.random.float() * 4,
      cpuUsPerOpFromProc: 58 + spec.random.float() * 4,
      rssBytes: 212 * 1024 ** 2,
      dbSizeBytesBefore: 20_480,
      dbSizeBytesAfter: 512 * 1024 ** 2,
      series: [{ endpoint: 'http://127.0.0.1:23790', unavailable: null, samples: serverSamples(spec) }],
    },
    host: { source: '/proc', samples: hostSamples(spec) },
    cleanup: { keysRemoved: warmUp.completed + measure.completed, keysLeft: 0, tookMs: 120, error: null },
    earlyEnd: null,
  };
}

interface PhaseSpec {
  readonly name: string;
  readonly warmUp: boolean;
  readonly offsetMs: number;
  readonly durationMs: number;
}

/** Requests one by one: a slip, a service time, and their sum, with stalls and starvation where the scenario has them. */
function phase(spec: RoundSpec, plan: PhaseSpec): PhaseResult {
  const { random, behaviour, load } = spec;
  const bucketMs = 500;
  const buckets = Array.from({ length: plan.durationMs / bucketMs }, () => new Bucket());
  const all = {
    latency: new LatencyRecorder(),
    release: new LatencyRecorder(),
    service: new LatencyRecorder(),
    slip: new LatencyRecorder(),
  };
  const planned = Math.round((load.ratePerSec * plan.durationMs) / 1e3);
  let released = 0;
  let failed = 0;
  for (let i = 0; i < planned; i++) {
    const atMs = (i * 1e3) / load.ratePerSec;
    const bucket = buckets[Math.min(buckets.length - 1, Math.floor(atMs / bucketMs))]!;
    if (load.closed !== true) bucket.offered++;
    if (behaviour.starved === true && atMs > plan.durationMs * 0.7) continue; // never released
    released++;
    const slipMs = load.closed === true ? 0 : slip(behaviour, random, atMs);
    const stallMs = behaviour.stalls === true && !plan.warmUp ? stall(atMs / 1e3) : 0;
    const serviceMs =
      behaviour.baseMs * (0.7 + random.float() * 0.5) - Math.log(1 - random.float()) * behaviour.tail + stallMs;
    if (stallMs > 900 && random.below(12) === 0) {
      failed++;
      bucket.errors++;
      continue;
    }
    all.slip.record(slipMs * 1e3);
    all.service.record(serviceMs * 1e3);
    all.release.record(serviceMs * 1e3);
    all.latency.record((serviceMs + slipMs) * 1e3);
    const end = Math.min(buckets.length - 1, Math.floor((atMs + serviceMs + slipMs) / bucketMs));
    buckets[end]!.add(serviceMs + slipMs);
  }
  const completed = released - failed;
  const latency = all.latency.encode();
  const service = all.service.encode();
  return {
    ...plan,
    model: load.closed === true ? 'closed' : 'open',
    elapsedMs: plan.durationMs + behaviour.baseMs,
    scheduledMs: plan.durationMs,
    planned: load.closed === true ? released : planned,
    released,
    sent: released,
    completed,
    errors: failed === 0 ? {} : { Unavailable: Math.ceil(failed * 0.8), DeadlineExceeded: Math.floor(failed * 0.2) },
    requestBytes: released * 1304,
    operations: [{ op: 'put', completed, errors: failed, latency, service }],
    latency,
    fromRelease: all.release.encode(),
    service,
    timeline: { bucketMs, buckets: buckets.map((bucket) => bucket.finish()) },
    generator: {
      lanes: 1,
      cpuUsPerOp: behaviour.starved === true ? 31.4 : 9.8,
      cpuCores: Math.min(1.1, (load.ratePerSec * 12) / 1e6 + 0.02),
      scheduleSlip: load.closed === true ? null : all.slip.encode(),
      eventLoopLagMsP99: behaviour.starved === true ? 41.2 : 0.6,
      eventLoopLagMsMax: behaviour.starved === true ? 212 : 3.1,
      stoodStillMs: behaviour.starved === true ? 212 : 0,
      gcPauseMsMax: behaviour.starved === true ? 12 : 2.4,
      gcPauseMsTotal: behaviour.starved === true ? 310 : 38,
      stealFraction: behaviour.starved === true ? 0.22 : 0.004,
      hostCpuFraction: behaviour.starved === true ? 0.996 : Math.min(0.9, 0.06 + load.ratePerSec * 0.00004),
    },
  };
}

function slip(behaviour: Behaviour, random: Random, atMs: number): number {
  const usual = 0.05 + random.float() * 0.3 + (random.below(500) === 0 ? random.float() * 3 : 0);
  return behaviour.starved === true ? usual + atMs * 0.42 : usual;
}

/** Two stalls of a few seconds: whoever is due within waits for its end. */
function stall(atSec: number): number {
  for (const start of stallsAtSec) {
    const length = start === 22 ? 1.8 : 2.6;
    if (atSec >= start && atSec < start + length) return (start + length - atSec) * 1e3;
  }
  return 0;
}

class Bucket {
  offered = 0;
  errors = 0;
  readonly ms: number[] = [];

  add(ms: number): void {
    this.ms.push(ms);
  }

  finish(): TimeBucket {
    const sorted = this.ms.toSorted((a, b) => a - b);
    const at = (share: number): number | null => {
      const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
      return value === undefined ? null : Math.round(value * 1e3) / 1e3;
    };
    return {
      offered: this.offered,
      completed: sorted.length,
      errors: this.errors,
      p50Ms: at(0.5),
      p90Ms: at(0.9),
      p99Ms: at(0.99),
      maxMs: at(1),
    };
  }
}

const sampleEveryMs = 1000;
const roundMs = warmUpMs + measuredMs + 800;

function serverSamples({ behaviour, load, random }: RoundSpec): readonly ServerSample[] {
  const samples: ServerSample[] = [];
  let changes = 1;
  for (let atMs = 0; atMs <= roundMs; atMs += sampleEveryMs) {
    const sec = (atMs - warmUpMs - 400) / 1e3;
    const slow = behaviour.stalls === true && stallsAtSec.some((start) => sec >= start - 1 && sec < start + 4);
    if (behaviour.stalls === true && stallsAtSec.some((start) => sec >= start + 2 && sec < start + 3)) changes++;
    const base = behaviour.stalls === true ? 16 : 1.6;
    samples.push({
      atMs,
      walFsyncP99Ms: atMs === 0 ? null : slow ? 620 + random.float() * 400 : base * (0.8 + random.float() * 0.6),
      backendCommitP99Ms: atMs === 0 ? null : slow ? 480 + random.float() * 300 : base * (1.6 + random.float()),
      proposalsPending: slow ? 150 + random.below(50) : random.below(4),
      proposalsFailedTotal: slow ? 12 : 0,
      leaderChangesTotal: changes,
      hasLeader: true,
      dbSizeBytes: 20_480 + (atMs / 1e3) * load.ratePerSec * 1400,
      rssBytes: 60e6 + atMs * 1800,
      cpuSecondsTotal: (atMs / 1e3) * load.ratePerSec * 58e-6,
    });
  }
  return samples;
}

function hostSamples({ behaviour, load, random }: RoundSpec): readonly HostSample[] {
  const samples: HostSample[] = [];
  for (let atMs = 0; atMs <= roundMs; atMs += sampleEveryMs) {
    const cpu = Math.min(0.97, 0.06 + load.ratePerSec * 0.00004);
    samples.push({
      atMs,
      cpuFraction: atMs === 0 ? null : behaviour.starved === true ? 0.99 : cpu * (0.85 + random.float() * 0.3),
      stealFraction:
        atMs === 0 ? null : behaviour.starved === true ? 0.18 + random.float() * 0.08 : random.float() * 0.006,
      ioWaitFraction:
        atMs === 0 ? null : behaviour.stalls === true ? 0.3 + random.float() * 0.2 : random.float() * 0.04,
      memoryAvailableBytes: 5.2e9 - atMs * 2000,
      diskWriteBytesPerSec: atMs === 0 ? null : load.ratePerSec * 2900 * (0.9 + random.float() * 0.2),
      diskWritesPerSec: atMs === 0 ? null : Math.min(4000, load.ratePerSec * 1.1),
      diskBusyFraction:
        atMs === 0 ? null : behaviour.stalls === true ? 0.9 + random.float() * 0.1 : 0.2 + random.float() * 0.1,
    });
  }
  return samples;
}
