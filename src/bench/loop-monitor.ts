/**
 * How well a thread's event loop did over a phase: how late its timers were, how long garbage collection stopped it, how
 * much of the time it was busy.
 */
import { monitorEventLoopDelay, performance, PerformanceObserver, type EventLoopUtilization } from 'node:perf_hooks';

/** ms between the samples of the delay; it is part of what is measured and taken out again. */
const resolutionMs = 1;

export interface LoopReport {
  readonly lagP99Ms: number;
  readonly lagMaxMs: number;
  readonly gcPauseMaxMs: number;
  readonly gcPauseTotalMs: number;
  /** Share of the time in which the loop did not wait for anything, 0 to 1. */
  readonly busyFraction: number;
}

/** Starts when it is made. */
export class LoopMonitor {
  readonly #delay = monitorEventLoopDelay({ resolution: resolutionMs });
  readonly #utilization: EventLoopUtilization = performance.eventLoopUtilization();
  readonly #observer: PerformanceObserver;
  #gcPauseMaxMs = 0;
  #gcPauseTotalMs = 0;

  constructor() {
    this.#observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) this.#addPause(duration);
    });
    this.#observer.observe({ entryTypes: ['gc'] });
    this.#delay.enable();
  }

  /** Ends the observation. */
  stop(): LoopReport {
    this.#delay.disable();
    for (const { duration } of this.#observer.takeRecords()) this.#addPause(duration);
    this.#observer.disconnect();
    const seen = this.#delay.count > 0;
    return {
      lagP99Ms: seen ? lagMs(this.#delay.percentile(99)) : 0,
      lagMaxMs: seen ? lagMs(this.#delay.max) : 0,
      gcPauseMaxMs: this.#gcPauseMaxMs,
      gcPauseTotalMs: this.#gcPauseTotalMs,
      busyFraction: performance.eventLoopUtilization(this.#utilization).utilization,
    };
  }

  #addPause(durationMs: number): void {
    this.#gcPauseTotalMs += durationMs;
    if (durationMs > this.#gcPauseMaxMs) this.#gcPauseMaxMs = durationMs;
  }
}

function lagMs(delayNs: number): number {
  return Math.max(0, delayNs / 1e6 - resolutionMs);
}
