import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { createHostSampler, sampleBetween, type HostReading } from '../../src/metrics/host-sampler.ts';
import { PortableSampler } from '../../src/metrics/portable-sampler.ts';
import { processCpuSeconds } from '../../src/metrics/process-cpu.ts';

const first: HostReading = {
  cpu: { busy: 100, ioWait: 10, steal: 5, total: 1000 },
  disk: { writes: 50, writtenBytes: 4096, busyMs: 100 },
  memoryAvailableBytes: 7,
  cpuPressureUs: 1_000,
  ioPressureUs: 0,
};
const second: HostReading = {
  cpu: { busy: 150, ioWait: 9, steal: 25, total: 1200 },
  disk: { writes: 150, writtenBytes: 4096 + 1_000_000, busyMs: 600 },
  memoryAvailableBytes: 8,
  cpuPressureUs: 501_000,
  ioPressureUs: 9_000_000,
};

describe('the difference of two readings', () => {
  it('is shares and rates over the time between', () => {
    expect(sampleBetween(first, second, { atMs: 5_000, elapsedMs: 2_000 })).toEqual({
      atMs: 5_000,
      cpuFraction: 0.25,
      stealFraction: 0.1,
      ioWaitFraction: 0, // it went down, as the kernel warns that it may
      cpuPressureFraction: 0.25,
      ioPressureFraction: 1,
      memoryAvailableBytes: 8,
      diskWriteBytesPerSec: 500_000,
      diskWritesPerSec: 50,
      diskBusyFraction: 0.25,
    });
  });

  it.each([
    { what: 'the first sample', before: null, after: first, elapsedMs: 1_000 },
    { what: 'no time between', before: first, after: { ...first }, elapsedMs: 0 },
    {
      what: 'a host that tells nothing',
      before: first,
      after: { cpu: null, disk: null, memoryAvailableBytes: null, cpuPressureUs: null, ioPressureUs: null },
      elapsedMs: 1_000,
    },
  ])('$what has no rates', ({ before, after, elapsedMs }) => {
    const { atMs, memoryAvailableBytes, ...rates } = sampleBetween(before, after, { atMs: 1, elapsedMs });
    expect(atMs).toBe(1);
    expect(memoryAvailableBytes).toBe(after.memoryAvailableBytes);
    expect(Object.values(rates).every((value) => value === null)).toBe(true);
  });
});

describe('samplers', () => {
  it('on this host', async () => {
    const sampler = await createHostSampler(tmpdir());
    const one = await sampler.sample(0);
    expect(one.atMs).toBe(0);
    expect(one.memoryAvailableBytes).toBeGreaterThan(0);
    const two = await sampler.sample(1_000);
    for (const value of [two.cpuFraction, two.stealFraction, two.diskBusyFraction]) {
      expect(value ?? 0).toBeGreaterThanOrEqual(0);
      expect(value ?? 0).toBeLessThanOrEqual(1);
    }
  });

  it('without a directory of interest, or with one that is not there', async () => {
    for (const directory of [null, '/no/such/directory']) {
      const sampler = await createHostSampler(directory);
      expect(await sampler.sample(0)).toMatchObject({ diskBusyFraction: null, diskWritesPerSec: null });
    }
  });

  it('anywhere else, from systeminformation', async () => {
    const sampler = new PortableSampler();
    const sample = await sampler.sample(42);
    expect(sampler.intervalMs).toBe(5_000);
    expect(sample).toMatchObject({ atMs: 42, ioWaitFraction: null });
    expect(sample.memoryAvailableBytes).toBeGreaterThan(0);
    expect(sample.cpuFraction).toBeGreaterThanOrEqual(0);
    expect(sample.cpuFraction).toBeLessThanOrEqual(1);
  });
});

describe.runIf(process.platform === 'linux')('a process', () => {
  it('has used CPU', async () => {
    const own = process.cpuUsage();
    const seconds = await processCpuSeconds(process.pid);
    expect(seconds).toBeGreaterThan(0);
    expect(Math.abs(seconds! - (own.user + own.system) / 1e6)).toBeLessThan(1);
  });

  it('that is not there has used none', async () => {
    expect(await processCpuSeconds(2 ** 30)).toBeNull();
  });
});
