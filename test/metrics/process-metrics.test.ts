/** The process is this test's own: what it says of itself must agree with what node says of it. */
import { openSync, closeSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { parseExposition } from '../../src/metrics/exposition.ts';
import { MetricSet } from '../../src/metrics/metric-set.ts';
import { addProcessMetrics } from '../../src/metrics/process-metrics.ts';

describe('process metrics', () => {
  let timeMs = 0;
  const set = new MetricSet(() => (timeMs += 10_000)); // every scrape is a fresh one
  const { stop } = addProcessMetrics(set, 1_700_000_000_500);
  afterAll(stop);
  const scrape = async (): Promise<(name: string) => number> => {
    const exposition = parseExposition(await set.render());
    return (name) => exposition.value(name)!;
  };

  it('tells its start, its CPU time and its memory', async () => {
    const value = await scrape();
    expect(value('process_start_time_seconds')).toBe(1_700_000_000.5);
    const { user, system } = process.cpuUsage();
    expect(value('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(value('process_cpu_seconds_total')).toBeLessThanOrEqual((user + system) / 1e6);
    expect(value('process_resident_memory_bytes') / process.memoryUsage.rss()).toBeCloseTo(1, 0);
    expect(value('process_virtual_memory_bytes')).toBeGreaterThan(value('process_resident_memory_bytes'));
    expect(value('quorumbench_resident_anonymous_bytes')).toBeLessThan(value('process_resident_memory_bytes'));
  });

  it('counts a file that is opened', async () => {
    const before = (await scrape())('os_fd_used');
    const file = openSync('/dev/null', 'r');
    const after = await scrape();
    closeSync(file);
    expect(after('os_fd_used')).toBe(before + 1);
    expect(after('process_open_fds')).toBe(before + 1);
    expect(after('os_fd_limit')).toBeGreaterThan(after('os_fd_used'));
  });

  it('sees the loop being held', async () => {
    const wait = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100)); // a few looks at the loop
    await wait();
    const until = performance.now() + 150;
    while (performance.now() < until);
    await wait();
    const text = await set.render();
    const lag = parseExposition(text).value('quorumbench_event_loop_lag_seconds', { percentile: '100' })!;
    expect(lag).toBeGreaterThan(0.04);
  });
});
