/**
 * CPU that the servers used per request: the difference of two readings, taken at the beginning and the end of each
 * measured phase, over the requests completed in between. Read twice where possible: from the servers' own metrics, and
 * from /proc when the server is a process of ours.
 */
import { nowMs } from '../base/clock.ts';
import { processCpuSeconds } from '../metrics/process-cpu.ts';
import type { PhaseResult } from './result.ts';
import type { ServerScraper } from './server-scraper.ts';

/** Counters tick every 10 ms: over less than this a difference says little. */
const windowMsMin = 1_000;

export interface CpuPerOperation {
  /** µs; null when a member gave no metrics, nothing was completed, or the window is too short. */
  readonly fromMetrics: number | null;
  readonly fromProc: number | null;
}

interface Reading {
  readonly atMs: number;
  /** Of all members; null when one of them did not say. */
  readonly metricsSeconds: number | null;
  readonly procSeconds: number | null;
}

export class CpuMeter {
  readonly #scraper: ServerScraper;
  readonly #pid: number | null;
  readonly #begins: Promise<Reading>[] = [];
  readonly #ends: Promise<Reading>[] = [];

  constructor(scraper: ServerScraper, pid: number | null) {
    this.#scraper = scraper;
    this.#pid = pid;
  }

  /** A measured phase begins now. */
  begin(): void {
    this.#begins.push(this.#read());
  }

  /** It has ended. */
  end(): void {
    this.#ends.push(this.#read());
  }

  /** `phases` are the measured ones, in order. A phase that was broken off has no end of its own: it ends now. */
  async perOperation(phases: readonly PhaseResult[]): Promise<CpuPerOperation> {
    if (this.#ends.length < this.#begins.length) this.end();
    const begins = await Promise.all(this.#begins);
    const ends = await Promise.all(this.#ends);
    const completed = phases.reduce((sum, phase) => sum + phase.completed, 0);
    const windowMs = ends.reduce((sum, end, i) => sum + end.atMs - begins[i]!.atMs, 0);
    if (completed === 0 || windowMs < windowMsMin) return { fromMetrics: null, fromProc: null };
    const us = (of: (reading: Reading) => number | null): number | null => {
      const seconds = difference(begins.map(of), ends.map(of));
      return seconds === null ? null : (seconds * 1e6) / completed;
    };
    return { fromMetrics: us((reading) => reading.metricsSeconds), fromProc: us((reading) => reading.procSeconds) };
  }

  async #read(): Promise<Reading> {
    const [expositions, procSeconds] = await Promise.all([
      this.#scraper.scrapeAll(),
      this.#pid === null ? null : processCpuSeconds(this.#pid),
    ]);
    const seconds = expositions.map((exposition) => exposition?.value('process_cpu_seconds_total') ?? null);
    return { atMs: nowMs(), metricsSeconds: total(seconds), procSeconds };
  }
}

function difference(begins: readonly (number | null)[], ends: readonly (number | null)[]): number | null {
  const from = total(begins);
  const to = total(ends);
  // A counter that went down belongs to a process that was restarted: what it used before is lost.
  return from === null || to === null || to < from ? null : to - from;
}

function total(values: readonly (number | null)[]): number | null {
  return values.reduce((sum, value) => (sum === null || value === null ? null : sum + value), 0);
}
