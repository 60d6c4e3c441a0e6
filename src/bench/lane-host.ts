/**
 * One lane with its connections: connects, runs one phase after another, closes. Knows nothing of threads, so that it runs
 * in a worker (lane-thread.ts) and in a test alike.
 */
import { assert } from '../base/assert.ts';
import type { Channel } from '../client/channel.ts';
import { createChannel } from '../client/connect.ts';
import type { CallOptions } from '../wire/contract.ts';
import { createSchedule, type Schedule } from './arrival.ts';
import type { LaneCounters } from './lane-counters.ts';
import { LaneRun, type LanePhase, type LaneReport, type LaneSetup } from './lane.ts';
import type { LoadSpec } from './load-spec.ts';
import { IdleWatch, LoopMonitor, type LoopReport } from './loop-monitor.ts';
import { arrivalSeed, phaseAt, Plan } from './plan.ts';
import { plannedBytesPerPut } from './planned-bytes.ts';
import { RequestEncoder } from './request-encoder.ts';
import type { Phase, Workload } from './workload.ts';

/** Handshakes that one lane has under way at a time: servers have a listen queue, often of 128. */
const connectingMax = 32;
/** How long a connection that is closed may take to finish; nothing is in flight by then. */
const closeGraceMs = 100;

/** Which of the load's lanes this is. */
export interface LanePlace {
  readonly index: number;
  readonly lanes: number;
}

export interface PhaseStart {
  /** Into the workload's phases; -1 is the preload. */
  readonly index: number;
  /** Of the first intended time, µs on the monotonic clock. */
  readonly startUs: number;
  /** What this lane may send in this phase, by the planned-bytes rule. */
  readonly plannedBytesMax: number;
}

export interface LanePhaseReport {
  readonly load: LaneReport;
  readonly loop: LoopReport;
}

export class LaneHost {
  readonly #spec: LoadSpec;
  readonly #place: LanePlace;
  readonly #counters: LaneCounters;
  readonly #nowUs: () => number;
  readonly #channels: Channel[];
  readonly #clients: number;
  readonly #callOptions: CallOptions;
  readonly #idle = new IdleWatch();
  #run: LaneRun | null = null;

  constructor(spec: LoadSpec, place: LanePlace, counters: LaneCounters, nowUs: () => number) {
    this.#spec = spec;
    this.#place = place;
    this.#counters = counters;
    this.#nowUs = nowUs;
    const connections = connectionsOf(spec.workload, place);
    this.#clients = clientsOf(spec.workload, place);
    this.#channels = connections.map((connection) =>
      createChannel(spec.endpoints[connection % spec.endpoints.length]!, spec.channel),
    );
    const metadata = spec.token === null ? [] : [['token', spec.token] as const];
    this.#callOptions = { timeoutMs: spec.workload.requestTimeoutMs, metadata };
  }

  /** Rejects with the first connection's failure. */
  async connect(): Promise<void> {
    let next = 0;
    const connectSome = async (): Promise<void> => {
      while (next < this.#channels.length) await this.#channels[next++]!.connect();
    };
    await Promise.all(Array.from({ length: connectingMax }, connectSome));
    this.countConnections();
  }

  /** Runs one phase to its end. */
  runPhase(start: PhaseStart): Promise<LanePhaseReport> {
    assert(this.#run === null, 'one phase at a time');
    const monitor = new LoopMonitor();
    return new Promise((resolve) => {
      const onEnd = (load: LaneReport): void => {
        this.#run = null;
        resolve({ load, loop: monitor.stop() });
      };
      this.#run = new LaneRun(this.#setup(start), this.#phaseOf(start), onEnd);
    });
  }

  /** The pacer has knocked. */
  wake(): void {
    this.#run?.wake();
  }

  /** Call it every few milliseconds. */
  tick(): void {
    this.#idle.tick();
    if (this.#run === null) return;
    this.#run.exhausted = this.#idle.exhausted;
    this.#run.tick();
  }

  /** Shows how many connections are up; call it a few times a second. */
  countConnections(): void {
    let ready = 0;
    for (const channel of this.#channels) if (channel.ready) ready++;
    this.#counters.connectionsReady = ready;
  }

  /** Ends the phase; replies that are due still get `graceMs`. */
  stop(graceMs: number): void {
    this.#run?.stop(graceMs * 1e3);
  }

  async close(): Promise<void> {
    await Promise.all(this.#channels.map((channel) => channel.close(closeGraceMs)));
  }

  #setup(start: PhaseStart): LaneSetup {
    return {
      ...this.#place,
      clients: this.#clients,
      channels: this.#channels,
      callOptions: this.#callOptions,
      counters: this.#counters,
      plannedBytesPerPut: plannedBytesPerPut(this.#spec.workload, this.#spec.prefix.length),
      plannedBytesMax: start.plannedBytesMax,
      nowUs: this.#nowUs,
    };
  }

  #phaseOf(start: PhaseStart): LanePhase {
    const { workload, phase } = phaseAt(this.#spec.workload, start.index);
    const plan = new Plan(workload, phase, start.index, this.#spec.prefix);
    return {
      encoder: new RequestEncoder(workload, plan, this.#spec.prefix),
      schedules: schedulesOf(phase, arrivalSeed(workload, start.index)),
      kinds: phase.mix.map((entry) => entry.op),
      durationUs: phase.durationMs === null ? null : phase.durationMs * 1e3,
      count: phase.count,
      startUs: start.startUs,
    };
  }
}

function schedulesOf(phase: Phase, seed: number): { due: Schedule; sent: Schedule } | null {
  const { arrival, durationMs, count } = phase;
  if (arrival.model === 'closed') return null;
  const bounds = { durationMs, count, seed };
  return { due: createSchedule(arrival, bounds), sent: createSchedule(arrival, bounds) };
}

/** Connection c belongs to lane c mod lanes. */
function connectionsOf(workload: Workload, { index, lanes }: LanePlace): number[] {
  const connections: number[] = [];
  for (let connection = index; connection < workload.connections; connection += lanes) connections.push(connection);
  return connections;
}

/** Client k uses connection k mod connections, and so belongs to that connection's lane. */
function clientsOf(workload: Workload, { index, lanes }: LanePlace): number {
  let clients = 0;
  for (let client = 0; client < workload.clients; client++) {
    if ((client % workload.connections) % lanes === index) clients++;
  }
  return clients;
}
