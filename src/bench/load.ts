/**
 * Sends a workload's load: connects, preloads, runs the phases one after another, and hands back what was measured.
 *
 * Promises: ends within the phases' schedules plus the drain of each; after `signal` aborts, within about two seconds, with
 * what was measured until then. Connections that cannot be made are a Failure UNREACHABLE.
 */
import { assert } from '../base/assert.ts';
import { nowMs } from '../base/clock.ts';
import { createHostSampler, type HostSampler } from '../metrics/host-sampler.ts';
import type { LanePhaseReport } from './lane-host.ts';
import { LoadProgressMeter } from './load-progress.ts';
import { quotaBound, type LoadEvents, type LoadOutcome, type LoadSpec } from './load-spec.ts';
import { LoadThreads } from './load-threads.ts';
import { phaseAt } from './plan.ts';
import type { EarlyEnd, PhaseResult } from './result.ts';
import { ThreadStock } from './thread-stock.ts';

/** After a stop: how long replies are waited for. */
const stopGraceMs = 2_000;
/** From the order to the first intended time: every lane has its plan ready by then. */
const startDelayMs = 30;
const watchMs = 250;
/** Without a single connection for so long, the server is gone. */
const connectionlessMs = 10_000;

/** Its threads come from `stock`. */
export async function runLoad(
  spec: LoadSpec,
  events: LoadEvents,
  signal: AbortSignal,
  stock: ThreadStock = new ThreadStock(),
): Promise<LoadOutcome> {
  const threads = new LoadThreads(spec, stock);
  try {
    const [host] = await Promise.all([createHostSampler(null), Promise.race([threads.connected(), aborted(signal)])]);
    return await new Load(spec, events, threads, host, signal).run();
  } finally {
    await threads.close();
  }
}

/** Resolves when `signal` aborts: connections that hang must not hold up an interrupt. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

class Load {
  readonly #spec: LoadSpec;
  readonly #events: LoadEvents;
  readonly #threads: LoadThreads;
  readonly #host: HostSampler;
  readonly #signal: AbortSignal;
  readonly #meter: LoadProgressMeter;
  readonly #startMs = nowMs();
  readonly #results: PhaseResult[] = [];
  #plannedBytesLeft: number;
  #earlyEnd: EarlyEnd | null = null;
  #connectedMs = this.#startMs;

  constructor(spec: LoadSpec, events: LoadEvents, threads: LoadThreads, host: HostSampler, signal: AbortSignal) {
    this.#spec = spec;
    this.#events = events;
    this.#threads = threads;
    this.#host = host;
    this.#signal = signal;
    this.#meter = new LoadProgressMeter(spec.workload, threads.counters);
    this.#plannedBytesLeft = spec.bound?.bytes ?? Infinity;
  }

  async run(): Promise<LoadOutcome> {
    const onAbort = (): void => this.#stop({ reason: 'interrupted', words: 'interrupted' });
    const watch = setInterval(() => this.#watch(), watchMs);
    this.#signal.addEventListener('abort', onAbort);
    try {
      if (this.#signal.aborted) onAbort();
      const first = this.#spec.workload.preload > 0 ? -1 : 0;
      for (let index = first; index < this.#spec.workload.phases.length; index++) {
        if (this.#earlyEnd === null) await this.#phase(index);
      }
    } finally {
      clearInterval(watch);
      this.#signal.removeEventListener('abort', onAbort);
    }
    return { phases: this.#results, earlyEnd: this.#earlyEnd };
  }

  async #phase(index: number): Promise<void> {
    const { phase } = phaseAt(this.#spec.workload, index);
    await this.#host.sample(nowMs());
    const startMs = nowMs() + startDelayMs;
    this.#meter.startPhase(index, startMs);
    if (index >= 0) this.#events.onPhaseStart(index, startMs);
    const before = process.cpuUsage();
    const order = { index, startUs: startMs * 1e3, plannedBytesMax: this.#plannedBytesLeft };
    const reports = await this.#threads.runPhase(order);
    const { user, system } = process.cpuUsage(before);
    const { stealFraction, cpuFraction } = await this.#host.sample(nowMs());
    this.#account(index, reports);
    if (index < 0) return;
    const context = {
      offsetMs: startMs - this.#startMs,
      cpuUs: user + system,
      stealFraction,
      hostCpuFraction: cpuFraction,
    };
    // Only now: its histograms take longer to load than a cluster takes to answer.
    const { phaseResult } = await import('./phase-result.ts');
    this.#results.push(phaseResult(phase, reports, context));
    this.#events.onPhaseEnd(index, nowMs());
  }

  #account(index: number, reports: readonly LanePhaseReport[]): void {
    for (const { load } of reports) this.#plannedBytesLeft -= load.plannedBytes;
    if (reports.some(({ load }) => load.stop?.why === 'bytes')) this.#earlyEnd ??= boundUsedUp(this.#spec, index);
    if (index < 0) this.#earlyEnd ??= preloadFailure(reports);
  }

  #watch(): void {
    const timeMs = nowMs();
    this.#events.onProgress(this.#meter.read(timeMs));
    if (this.#threads.counters.some((lane) => lane.connectionsReady > 0)) this.#connectedMs = timeMs;
    if (timeMs - this.#connectedMs <= connectionlessMs) return;
    this.#stop({ reason: 'connections-lost', words: 'all connections were lost' });
  }

  #stop(why: EarlyEnd): void {
    this.#earlyEnd ??= why;
    this.#threads.stop(stopGraceMs);
  }
}

/** A bound that ends a warm-up leaves nothing to measure: that is never what was wanted. */
function boundUsedUp({ workload, bound }: LoadSpec, index: number): EarlyEnd {
  const { name, warmUp } = phaseAt(workload, index).phase;
  const where = index < 0 ? 'the preload' : `${warmUp ? 'the warm-up' : 'phase'} "${name}"`;
  const remedy = warmUp ? `; raise it, or write less there` : '';
  assert(bound !== null, 'lanes stop at a bound that there is');
  const words = `${bound.name} was used up in ${where}${remedy}`;
  return { reason: bound.name === quotaBound ? 'quota-used-up' : 'bound-used-up', words };
}

/** A key that is missing would be measured as a range that finds nothing. */
function preloadFailure(reports: readonly LanePhaseReport[]): EarlyEnd | null {
  const errors = reports.flatMap(({ load }) => Object.entries(load.errors));
  const failed = errors.reduce((sum, [, count]) => sum + count, 0);
  if (failed === 0) return null;
  const words = `${failed} puts of the preload failed: ${errors.map(([code]) => code).join(', ')}`;
  return { reason: 'preload-failed', words };
}
