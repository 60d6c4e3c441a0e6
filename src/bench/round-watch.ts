/**
 * What is observed while a load runs: the servers' metrics, the host, and the CPU that the servers used in the measured
 * phases. All on one clock, whose zero is the round's first moment.
 */
import { nowMs } from '../base/clock.ts';
import type { TlsSettings } from '../client/channel.ts';
import { createHostSampler, type HostSampler } from '../metrics/host-sampler.ts';
import { CpuMeter } from './cpu-meter.ts';
import { largestKnown } from './known-values.ts';
import type { HostSample, HostSeries, PhaseResult, ServerResult, ServerSeries } from './result.ts';
import { quotaBytes } from './server-sample.ts';
import { ServerScraper } from './server-scraper.ts';
import type { RunningTarget } from './targets/target.ts';
import type { Workload } from './workload.ts';

/** Ten hours of seconds; a longer run keeps its beginning. */
const hostSamplesMax = 36_000;

export interface Watched {
  readonly server: Omit<ServerResult, 'version' | 'dbSizeBytesBefore'>;
  readonly host: HostSeries;
}

export class RoundWatch {
  /** The smallest quota that a member enforces; null when none says so. */
  readonly quotaBytes: number | null;
  readonly #scraper: ServerScraper;
  readonly #cpu: CpuMeter;
  readonly #host: HostSampler;
  readonly #hostSamples: HostSample[] = [];
  readonly #measured: readonly boolean[];
  #hostTimer: NodeJS.Timeout | null = null;
  #startMs = 0;
  #zeroMs: number | null = null;

  /** Scrapes once, so that the quota is known before the first put. `directory` is on the disk whose load is of interest. */
  static async open(
    running: RunningTarget,
    tls: TlsSettings | null,
    { workload, directory }: { readonly workload: Workload; readonly directory: string },
  ): Promise<RoundWatch> {
    const scraper = new ServerScraper(running.endpoints, tls);
    const [first, host] = await Promise.all([scraper.scrapeAll(), createHostSampler(directory)]);
    const quotas = first.flatMap((exposition) => (exposition === null ? [] : (quotaBytes(exposition) ?? [])));
    return new RoundWatch(scraper, host, {
      running,
      quota: quotas.length === 0 ? null : Math.min(...quotas),
      measured: workload.phases.map((phase) => !phase.warmUp),
    });
  }

  private constructor(
    scraper: ServerScraper,
    host: HostSampler,
    about: { readonly running: RunningTarget; readonly quota: number | null; readonly measured: readonly boolean[] },
  ) {
    this.#scraper = scraper;
    this.#host = host;
    this.#cpu = new CpuMeter(scraper, about.running.pid);
    this.#measured = about.measured;
    this.quotaBytes = about.quota;
  }

  /** The load is about to begin. */
  start(): void {
    this.#startMs = nowMs();
    this.#scraper.start();
    this.#sampleHost();
    this.#hostTimer = setInterval(() => this.#sampleHost(), this.#host.intervalMs);
  }

  phaseStart(index: number, startMs: number): void {
    this.#zeroMs ??= startMs;
    if (this.#measured[index] === true) this.#cpu.begin();
  }

  phaseEnd(index: number): void {
    if (this.#measured[index] === true) this.#cpu.end();
  }

  /** The load is over; `phases` are what it measured. */
  async finish(phases: readonly PhaseResult[]): Promise<Watched> {
    if (this.#hostTimer !== null) clearInterval(this.#hostTimer);
    // The first phase tells how far its first intended time was from the load's own zero, which all offsets count from.
    const zeroMs = this.#zeroMs === null ? this.#startMs : this.#zeroMs - (phases[0]?.offsetMs ?? 0);
    const cpu = await this.#cpu.perOperation(phases.filter((phase) => !phase.warmUp));
    const series = (await this.#scraper.finish(zeroMs)).map(withoutPast);
    const hostSamples = this.#hostSamples.map((sample) => ({ ...sample, atMs: Math.round(sample.atMs - zeroMs) }));
    return {
      server: {
        cpuUsPerOp: cpu.fromMetrics,
        cpuUsPerOpFromProc: cpu.fromProc,
        rssBytes: largestKnown(series.flatMap(({ samples }) => samples.map((sample) => sample.rssBytes))),
        dbSizeBytesAfter: largestKnown(series.map(lastDbSizeBytes)),
        series,
      },
      host: { source: this.#host.source, samples: hostSamples.filter((sample) => sample.atMs >= 0) },
    };
  }

  #sampleHost(): void {
    if (this.#hostSamples.length >= hostSamplesMax) return;
    void this.#host.sample(nowMs()).then((sample) => this.#hostSamples.push(sample));
  }
}

/** Scrapes from before the round began are only there to take differences from. */
function withoutPast(series: ServerSeries): ServerSeries {
  return { ...series, samples: series.samples.filter((sample) => sample.atMs >= 0) };
}

function lastDbSizeBytes({ samples }: ServerSeries): number | null {
  return samples.findLast((sample) => sample.dbSizeBytes !== null)?.dbSizeBytes ?? null;
}
