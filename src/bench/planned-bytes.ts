/**
 * What a workload will add to a database at most: puts x (key + value + 1 KiB). The KiB stands for what a revision costs
 * beside its bytes (page headers, half-filled pages, the key index); no page that is freed meanwhile is counted back.
 */
import type { MixEntry, Phase, SizeSpec, Workload } from './workload.ts';

const overheadBytesPerPut = 1024;

/** Bytes that one put of this workload is counted as, at its largest. `prefixBytes` stands before every key. */
export function plannedBytesPerPut(workload: Workload, prefixBytes: number): number {
  return prefixBytes + largestBytes(workload.keys.sizeBytes) + largestBytes(workload.values) + overheadBytesPerPut;
}

/** Planned bytes of the whole workload, its preload included; null when a phase has no bound on its requests. */
export function plannedBytes(workload: Workload, prefixBytes: number): number | null {
  let puts = workload.preload;
  for (const phase of workload.phases) {
    const requests = plannedRequests(phase);
    const perRequest = putsPerRequest(phase.mix);
    if (perRequest === 0) continue;
    if (requests === null) return null;
    puts += requests * perRequest;
  }
  return Math.ceil(puts) * plannedBytesPerPut(workload, prefixBytes);
}

/** True when some phase puts as fast as the server takes it, with nothing but the clock to end it. */
export function isUnbounded(workload: Workload): boolean {
  return workload.phases.some((phase) => plannedRequests(phase) === null && putsPerRequest(phase.mix) > 0);
}

/** Requests of a phase: its count, or what its rates add up to; null for a closed loop that only time ends. */
export function plannedRequests(phase: Phase): number | null {
  const byCount = phase.count ?? Infinity;
  const bySchedule = scheduledRequests(phase);
  const requests = Math.min(byCount, bySchedule);
  return Number.isFinite(requests) ? requests : null;
}

function scheduledRequests(phase: Phase): number {
  if (phase.arrival.model === 'closed' || phase.durationMs === null) return Infinity;
  const meanPerSec = (phase.arrival.fromPerSec + phase.arrival.toPerSec) / 2;
  const expected = (meanPerSec * phase.durationMs) / 1e3;
  // A Poisson count has a standard deviation of its root; six of them are never seen in practice.
  return phase.arrival.spacing === 'poisson' ? expected + 6 * Math.sqrt(expected) : expected;
}

/** Mean number of puts in a request of this mix. */
function putsPerRequest(mix: readonly MixEntry[]): number {
  let weights = 0;
  let puts = 0;
  for (const entry of mix) {
    weights += entry.weight;
    if (entry.op === 'put') puts += entry.weight;
    if (entry.op === 'txn') puts += entry.weight * entry.puts;
  }
  return weights === 0 ? 0 : puts / weights;
}

/** The most bytes that a size can come to. */
export function largestBytes(size: SizeSpec): number {
  return size.kind === 'fixed' ? size.bytes : size.maxBytes;
}
