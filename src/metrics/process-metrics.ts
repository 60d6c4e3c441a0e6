/**
 * What every Prometheus client says of its process (process_*), etcd's two counts of file descriptors, and of Node what
 * can make a server late: the event loop's lag and the pauses of garbage collection.
 *
 * Relies on /proc; on other systems the numbers that only it has are left out.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay, PerformanceObserver, type IntervalHistogram } from 'node:perf_hooks';
import type { MetricSet } from './metric-set.ts';
import { exponentialBounds, HistogramMeter } from './meters.ts';
import { parseProcessMemory, parseSoftLimit, parseVirtualBytes } from './proc-texts.ts';

/** How often the loop is looked at; part of every delay measured, and taken out again. At 1 ms the looking alone keeps an
 * idle node busy. */
const lagResolutionMs = 20;

/** Adds them all. `stop` ends the observation of loop and collector. */
export function addProcessMetrics(set: MetricSet, startedUnixMs: number): { readonly stop: () => void } {
  set.counter('process_cpu_seconds_total', 'CPU time of all threads, user and system, in seconds.', cpuSeconds);
  set.gauge('process_start_time_seconds', 'Unix time at which the process started.', () => startedUnixMs / 1e3);
  addMemory(set);
  addFileDescriptors(set);
  return addLoop(set);
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function addMemory(set: MetricSet): void {
  const status = (): string => procText('status');
  optional(set, 'process_resident_memory_bytes', 'Resident memory.', () => parseProcessMemory(status())?.residentBytes);
  optional(set, 'process_virtual_memory_bytes', 'Virtual memory.', () => parseVirtualBytes(status()));
  optional(set, 'process_virtual_memory_max_bytes', 'Limit of virtual memory; -1 is none.', () => {
    const limit = parseSoftLimit(procText('limits'), 'Max address space');
    return limit === Infinity ? -1 : limit;
  });
  const anonymous = 'quorumbench_resident_anonymous_bytes';
  optional(set, anonymous, 'Resident memory without mapped files.', () => parseProcessMemory(status())?.anonymousBytes);
}

function addFileDescriptors(set: MetricSet): void {
  const limit = (): number | null => parseSoftLimit(procText('limits'), 'Max open files');
  optional(set, 'process_max_fds', 'Limit of open file descriptors.', limit);
  optional(set, 'process_open_fds', 'Open file descriptors.', openFiles);
  optional(set, 'os_fd_limit', 'Limit of open file descriptors.', limit);
  optional(set, 'os_fd_used', 'Open file descriptors.', openFiles);
}

function addLoop(set: MetricSet): { readonly stop: () => void } {
  const delay = monitorEventLoopDelay({ resolution: lagResolutionMs });
  delay.enable();
  const pauses = new HistogramMeter(exponentialBounds(0.0001, 2, 14));
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) pauses.observe(duration / 1e3);
  });
  observer.observe({ entryTypes: ['gc'] });
  set.vector('quorumbench_event_loop_lag_seconds', 'gauge', 'How late the event loop ran since its start.', () =>
    [50, 99, 100].map((percentile) => [{ percentile: String(percentile) }, lagSeconds(delay, percentile)]),
  );
  set.histogram('quorumbench_gc_pause_seconds', 'Stops of the main thread by garbage collection.', pauses);
  return {
    stop: () => {
      delay.disable();
      observer.disconnect();
    },
  };
}

function lagSeconds(delay: IntervalHistogram, percentile: number): number {
  if (delay.count === 0) return 0;
  return Math.max(0, delay.percentile(percentile) / 1e9 - lagResolutionMs / 1e3);
}

/** A gauge that has a sample only where `read` has an answer. */
function optional(set: MetricSet, name: string, help: string, read: () => number | null | undefined): void {
  set.vector(name, 'gauge', help, () => {
    const value = read();
    return value === null || value === undefined ? [] : [[{}, value]];
  });
}

function openFiles(): number | null {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null; // no /proc, or no descriptor left to look with
  }
}

function procText(name: string): string {
  try {
    return readFileSync(`/proc/self/${name}`, 'utf8');
  } catch {
    return '';
  }
}
