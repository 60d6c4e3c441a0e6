/** Host samples where there is no /proc: from systeminformation, over all disks, at most every 5 s as it starts processes. */
import { currentLoad, disksIO, fsStats, mem } from 'systeminformation';
import type { HostSample, HostSampler } from './host-sampler.ts';

export class PortableSampler implements HostSampler {
  readonly source = 'systeminformation';
  readonly intervalMs = 5_000;

  async sample(atMs: number): Promise<HostSample> {
    const [load, memory, disks, files] = await Promise.all([
      orNull(currentLoad()),
      orNull(mem()),
      orNull(disksIO()),
      orNull(fsStats()),
    ]);
    return {
      atMs,
      cpuFraction: load === null ? null : load.currentLoad / 100,
      stealFraction: load === null ? null : load.currentLoadSteal / 100,
      ioWaitFraction: null,
      cpuPressureFraction: null,
      ioPressureFraction: null,
      memoryAvailableBytes: memory?.available ?? null,
      diskWriteBytesPerSec: files?.wx_sec ?? null,
      diskWritesPerSec: disks?.wIO_sec ?? null,
      diskBusyFraction: null,
    };
  }
}

/** What this system cannot tell is null, whether the library says so or stumbles. */
async function orNull<T>(asked: Promise<T | null>): Promise<T | null> {
  try {
    return await asked;
  } catch {
    return null;
  }
}
