/**
 * How well a thread's event loop does: how late its timers are and how long garbage collection stops it, over a phase;
 * and whether it has any time left, while the phase runs.
 */
import { monitorEventLoopDelay, performance, PerformanceObserver, type EventLoopUtilization } from 'node:perf_hooks';

/** ms between the samples of the delay; it is part of what is measured and taken out again. */
const resolutionMs = 1;

export interface LoopReport {
  readonly lagP99Ms: number;
  readonly lagMaxMs: number;
  readonly gcPauseMaxMs: number;
  readonly gcPauseTotalMs: number;
}

/** Starts when it is made. */
export class LoopMonitor {
  readonly #delay = monitorEventLoopDelay({ resolution: resolutionMs });
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

/** A loop that waits for less than this share of its time has no room for more requests. */
const idleShareMin = 0.05;
const windowMs = 200;

/** Tells whether a thread's event loop had no time to spare of late, for want of speed or of a processor alike. */
export class IdleWatch {
  /** Of the last window of 200 ms. */
  exhausted = false;
  #last: EventLoopUtilization = performance.eventLoopUtilization();

  /** Call it every few milliseconds. */
  tick(): void {
    const { idle, active } = performance.eventLoopUtilization(this.#last);
    if (idle + active < windowMs) return;
    this.exhausted = idle < (idle + active) * idleShareMin;
    this.#last = performance.eventLoopUtilization();
  }
}
