/** From what the lanes saw of a phase to its result: sums, merged histograms, the worst lane's health. */
import type { LanePhaseReport } from './lane-host.ts';
import type { LaneReport } from './lane.ts';
import { mergeHistograms } from './histogram.ts';
import { operationKinds } from './operation-mix.ts';
import type { EncodedHistogram, GeneratorHealth, OperationResult, PhaseResult } from './result.ts';
import { mergeTimelines } from './timeline.ts';
import type { Phase } from './workload.ts';

export interface PhaseContext {
  /** ms from the start of the round to the phase's first intended time. */
  readonly offsetMs: number;
  /** Of the whole process, from before the phase to after it. */
  readonly cpuUs: number;
  /** Of the host over the phase; null when it could not be read. */
  readonly stealFraction: number | null;
  readonly hostCpuFraction: number | null;
}

/** `reports` holds one report per lane. */
export function phaseResult(phase: Phase, reports: readonly LanePhaseReport[], context: PhaseContext): PhaseResult {
  const loads = reports.map((report) => report.load);
  const operations = mergeOperations(loads);
  const scheduledMs = scheduledMsOf(loads);
  const lastReplyMs = largest(loads, (load) => load.lastReplyUs) / 1e3;
  // A phase takes as long as it sends, even when the last answer comes before the end.
  const sendingMs = phase.arrival.model === 'open' ? scheduledMs : largest(loads, (load) => load.endUs) / 1e3;
  const elapsedMs = Math.max(sendingMs, lastReplyMs);
  const completed = sum(loads, (load) => load.completed);
  return {
    name: phase.name,
    warmUp: phase.warmUp,
    model: phase.arrival.model,
    offsetMs: context.offsetMs,
    elapsedMs,
    scheduledMs,
    planned: sum(loads, (load) => load.planned),
    released: sum(loads, (load) => load.released),
    sent: sum(loads, (load) => load.sent),
    completed,
    errors: mergeErrors(loads),
    requestBytes: sum(loads, (load) => load.requestBytes),
    operations,
    latency: mergeHistograms(operations.map((operation) => operation.latency)),
    fromRelease: mergeHistograms(loads.map((load) => load.fromRelease)),
    service: mergeHistograms(operations.map((operation) => operation.service)),
    timeline: mergeTimelines(loads.map((load) => load.timeline)),
    generator: healthOf(reports, completed, elapsedMs, context),
  };
}

/** Until it was stopped, else as long as the plan says, else until the last request. */
function scheduledMsOf(loads: readonly LaneReport[]): number {
  const stops = loads.flatMap((load) => (load.stop === null ? [] : [load.stop.atUs]));
  if (stops.length > 0) return Math.max(...stops) / 1e3;
  const ends = loads.flatMap((load) => (load.scheduleUs === null ? [] : [load.scheduleUs]));
  return ends.length > 0 ? Math.max(...ends) / 1e3 : largest(loads, (load) => load.lastIntendedUs) / 1e3;
}

function mergeErrors(loads: readonly LaneReport[]): Record<string, number> {
  const errors: Record<string, number> = {};
  for (const load of loads) {
    for (const [code, count] of Object.entries(load.errors)) errors[code] = (errors[code] ?? 0) + count;
  }
  return errors;
}

function mergeOperations(loads: readonly LaneReport[]): OperationResult[] {
  const all = loads.flatMap((load) => load.operations);
  return operationKinds.flatMap((op) => {
    const parts = all.filter((part) => part.op === op);
    if (parts.length === 0) return [];
    return {
      op,
      completed: sum(parts, (part) => part.completed),
      errors: sum(parts, (part) => part.errors),
      latency: mergeHistograms(parts.map((part) => part.latency)),
      service: mergeHistograms(parts.map((part) => part.service)),
    };
  });
}

function healthOf(
  reports: readonly LanePhaseReport[],
  completed: number,
  elapsedMs: number,
  { cpuUs, stealFraction, hostCpuFraction }: PhaseContext,
): GeneratorHealth {
  const slips = reports.map((report) => report.load.slip).filter((slip): slip is EncodedHistogram => slip !== null);
  return {
    lanes: reports.length,
    cpuUsPerOp: completed === 0 ? null : cpuUs / completed,
    cpuCores: elapsedMs === 0 ? null : cpuUs / 1e3 / elapsedMs,
    scheduleSlip: slips.length === 0 ? null : mergeHistograms(slips),
    eventLoopLagMsP99: largest(reports, (report) => report.loop.lagP99Ms),
    eventLoopLagMsMax: largest(reports, (report) => report.loop.lagMaxMs),
    // The mean: a closed loop loses the share of the lane that stands still.
    stoodStillMs: sum(reports, (report) => report.load.stoodStillUs) / 1e3 / reports.length,
    gcPauseMsMax: largest(reports, (report) => report.loop.gcPauseMaxMs),
    gcPauseMsTotal: sum(reports, (report) => report.loop.gcPauseTotalMs),
    stealFraction,
    hostCpuFraction,
  };
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

function largest<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((most, item) => Math.max(most, value(item)), 0);
}
