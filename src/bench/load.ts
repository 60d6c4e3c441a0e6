/**
 * Sends a workload's load: connects, preloads, runs the phases one after another, and hands back what was measured.
 *
 * Promises: ends within the phases' schedules plus the drain of each; after `signal` aborts, within about two seconds, with
 * what was measured until then. Connections that cannot be made are a Failure UNREACHABLE.
 */
import { ExitCode, Failure, messageOf } from '../base/failure.ts';
import { nowMs } from '../base/clock.ts';
import { LaneCounters } from './lane-counters.ts';
import { LaneHost, phaseAt, type LanePhaseReport } from './lane-host.ts';
import type { LoadEvents, LoadOutcome, LoadSpec } from './load-spec.ts';
import { phaseResult } from './phase-result.ts';
import type { PhaseResult } from './result.ts';

const stopGraceMs = 2_000;
const startDelayMs = 20;

export async function runLoad(spec: LoadSpec, events: LoadEvents, signal: AbortSignal): Promise<LoadOutcome> {
  const host = new LaneHost(spec, { index: 0, lanes: 1 }, new LaneCounters(), () => nowMs() * 1e3);
  try {
    await host.connect();
  } catch (thrown) {
    throw new Failure('UNREACHABLE', messageOf(thrown), { exitCode: ExitCode.unreachable, cause: thrown });
  }
  const timer = setInterval(() => host.tick(), 1);
  const onAbort = (): void => host.stop(stopGraceMs);
  signal.addEventListener('abort', onAbort);
  try {
    return await runPhases(spec, events, host, signal);
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', onAbort);
    await host.close();
  }
}

async function runPhases(
  spec: LoadSpec,
  events: LoadEvents,
  host: LaneHost,
  signal: AbortSignal,
): Promise<LoadOutcome> {
  const results: PhaseResult[] = [];
  let plannedBytesLeft = spec.maxPlannedBytes ?? Infinity;
  const roundStartMs = nowMs();
  for (let index = spec.workload.preload > 0 ? -1 : 0; index < spec.workload.phases.length; index++) {
    if (signal.aborted) return { phases: results, stoppedBecause: 'aborted' };
    const startMs = nowMs() + startDelayMs;
    if (index >= 0) events.onPhaseStart(index, startMs);
    const cpu = process.cpuUsage();
    const report: LanePhaseReport = await host.runPhase({
      index,
      startUs: startMs * 1e3,
      plannedBytesMax: plannedBytesLeft,
    });
    const used = process.cpuUsage(cpu);
    plannedBytesLeft -= report.load.plannedBytes;
    if (index >= 0) {
      const { phase } = phaseAt(spec.workload, index);
      const offsetMs = startMs - roundStartMs;
      results.push(phaseResult(phase, [report], { offsetMs, cpuUs: used.user + used.system }));
      events.onPhaseEnd(index, nowMs());
    }
    if (report.load.stop !== null) return { phases: results, stoppedBecause: report.load.stop.why };
  }
  return { phases: results, stoppedBecause: null };
}
