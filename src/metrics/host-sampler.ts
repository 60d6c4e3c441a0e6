/**
 * What the host was doing meanwhile: shares and rates since the sample before. On Linux from /proc, a fraction of a
 * millisecond a sample; elsewhere from systeminformation, which starts processes and is therefore asked seldom.
 *
 * A sample never fails: what cannot be read is null, and so are all differences of the first sample.
 */
import { readFile, realpath } from 'node:fs/promises';
import { mountOf } from './mounts.ts';
import {
  parseCpuTimes,
  parseDiskTimes,
  parseMemoryAvailable,
  parsePressureUs,
  type CpuTimes,
  type DiskTimes,
} from './proc-texts.ts';

export interface HostSample {
  readonly atMs: number;
  /** Shares of all cores' time since the sample before, 0 to 1. */
  readonly cpuFraction: number | null;
  readonly stealFraction: number | null;
  readonly ioWaitFraction: number | null;
  /** Share of the time in which some task waited for a core, or for a disk. */
  readonly cpuPressureFraction: number | null;
  readonly ioPressureFraction: number | null;
  readonly memoryAvailableBytes: number | null;
  readonly diskWriteBytesPerSec: number | null;
  readonly diskWritesPerSec: number | null;
  /** Share of the time in which the device had something to do. */
  readonly diskBusyFraction: number | null;
}

export interface HostSampler {
  /** "/proc" or "systeminformation". */
  readonly source: string;
  /** Do not ask more often. */
  readonly intervalMs: number;
  /** `atMs` is the caller's clock; it stands in the sample and is what rates are taken over. */
  sample(atMs: number): Promise<HostSample>;
}

/** Counters as read at one moment. */
export interface HostReading {
  readonly cpu: CpuTimes | null;
  readonly disk: DiskTimes | null;
  readonly memoryAvailableBytes: number | null;
  readonly cpuPressureUs: number | null;
  readonly ioPressureUs: number | null;
}

/** Disk figures are those of the device under `directory`; null when there is no directory of interest on this host. */
export async function createHostSampler(directory: string | null): Promise<HostSampler> {
  if (process.platform !== 'linux') {
    const { PortableSampler } = await import('./portable-sampler.ts');
    return new PortableSampler();
  }
  return new ProcSampler(directory === null ? null : await deviceUnder(directory));
}

class ProcSampler implements HostSampler {
  readonly source = '/proc';
  readonly intervalMs = 1_000;
  readonly #device: string | null;
  #before: HostReading | null = null;
  #beforeMs = 0;

  constructor(device: string | null) {
    this.#device = device;
  }

  async sample(atMs: number): Promise<HostSample> {
    const reading = await readHost(this.#device);
    const sample = sampleBetween(this.#before, reading, { atMs, elapsedMs: atMs - this.#beforeMs });
    this.#before = reading;
    this.#beforeMs = atMs;
    return sample;
  }
}

/** The difference of two readings as shares and rates. */
export function sampleBetween(
  before: HostReading | null,
  after: HostReading,
  time: { readonly atMs: number; readonly elapsedMs: number },
): HostSample {
  const { atMs, elapsedMs } = time;
  return {
    atMs,
    ...cpuBetween(before?.cpu ?? null, after.cpu),
    cpuPressureFraction: share(before?.cpuPressureUs, after.cpuPressureUs, elapsedMs * 1e3),
    ioPressureFraction: share(before?.ioPressureUs, after.ioPressureUs, elapsedMs * 1e3),
    memoryAvailableBytes: after.memoryAvailableBytes,
    diskWriteBytesPerSec: rate(before?.disk?.writtenBytes, after.disk?.writtenBytes, elapsedMs / 1e3),
    diskWritesPerSec: rate(before?.disk?.writes, after.disk?.writes, elapsedMs / 1e3),
    diskBusyFraction: share(before?.disk?.busyMs, after.disk?.busyMs, elapsedMs),
  };
}

type CpuFractions = Pick<HostSample, 'cpuFraction' | 'stealFraction' | 'ioWaitFraction'>;

function cpuBetween(before: CpuTimes | null, after: CpuTimes | null): CpuFractions {
  const ticks = before === null || after === null ? 0 : after.total - before.total;
  return {
    cpuFraction: share(before?.busy, after?.busy, ticks),
    stealFraction: share(before?.steal, after?.steal, ticks),
    ioWaitFraction: share(before?.ioWait, after?.ioWait, ticks),
  };
}

/** The increase over a time; null when one of the readings is missing or no time has passed. */
function rate(before: number | undefined | null, after: number | undefined | null, time: number): number | null {
  if (before === undefined || before === null || after === undefined || after === null || !(time > 0)) return null;
  return Math.max(0, after - before) / time;
}

/** A rate that cannot exceed 1, save by clocks that were read a moment apart. */
function share(before: number | undefined | null, after: number | undefined | null, time: number): number | null {
  const value = rate(before, after, time);
  return value === null ? null : Math.min(1, value);
}

async function readHost(device: string | null): Promise<HostReading> {
  const names = ['stat', 'meminfo', 'pressure/cpu', 'pressure/io', ...(device === null ? [] : ['diskstats'])];
  const [stat, meminfo, cpuPressure, ioPressure, diskstats = ''] = await Promise.all(
    names.map((name) => readFile(`/proc/${name}`, 'utf8').catch(() => '')),
  );
  return {
    cpu: parseCpuTimes(stat!),
    memoryAvailableBytes: parseMemoryAvailable(meminfo!),
    cpuPressureUs: parsePressureUs(cpuPressure!),
    ioPressureUs: parsePressureUs(ioPressure!),
    disk: device === null ? null : parseDiskTimes(diskstats, device),
  };
}

/** `major:minor` of the device under a directory, or its name where the file system hides the number (btrfs). */
async function deviceUnder(directory: string): Promise<string | null> {
  try {
    const mount = mountOf(await realpath(directory), await readFile('/proc/self/mountinfo', 'utf8'));
    if (mount === null || !mount.deviceId.startsWith('0:')) return mount?.deviceId ?? null;
    return mount.source.startsWith('/dev/') ? (await realpath(mount.source)).slice('/dev/'.length) : null;
  } catch {
    return null;
  }
}
