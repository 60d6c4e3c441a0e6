/**
 * What a whole run measured, per target: the figures that `--json`, the verdict and the report share.
 *
 * Only phases that are no warm-up count. Rates are medians over rounds, latencies and slip are merged as histograms,
 * counts are summed, health is the worst round's. Pure over the result document.
 */
import { mergeHistograms } from './histogram.ts';
import { known, largestKnown, medianKnown, totalKnown } from './known-values.ts';
import { percentileCurve, type CurvePoint } from './percentile-curve.ts';
import type { EncodedHistogram, LatencySummary, PhaseResult, RoundResult, RunResult } from './result.ts';
import { increments, summarizeServer, type ServerSummary } from './server-summary.ts';

/** One target over all of its rounds. */
export interface TargetSummary {
  readonly target: string;
  /** That ran, if only in part, of so many that were asked for. */
  readonly rounds: number;
  readonly roundsAsked: number;
  /** Of the phases that count; `mixed` when they differ. */
  readonly model: 'open' | 'closed' | 'mixed';
  /** From the first intended time to the last answer, over all rounds. */
  readonly measuredMs: number;
  /** What the plan asked for; null for a closed loop, which has no plan. */
  readonly offeredPerSec: number | null;
  readonly achievedPerSec: number | null;
  /** The same of the time in which the generator ran: a closed loop sends nothing while it stands still. */
  readonly runningPerSec: number | null;
  readonly planned: number;
  readonly released: number;
  readonly completed: number;
  readonly errors: number;
  /** Status name -> count. */
  readonly errorsByCode: Readonly<Record<string, number>>;
  /** Errors of all that ended, 0 to 1; null when nothing ended. */
  readonly errorFraction: number | null;
  /** From the intended time; equals `service` in a closed loop. */
  readonly latency: EncodedHistogram;
  /** Latency with the generator's own slip taken out. */
  readonly fromRelease: EncodedHistogram;
  readonly service: EncodedHistogram;
  readonly generator: GeneratorSummary;
  readonly server: ServerSummary;
}

/** The worst that the generator's health was in any round. */
export interface GeneratorSummary {
  readonly cpuUsPerOp: number | null;
  readonly cpuCores: number | null;
  readonly scheduleSlip: LatencySummary | null;
  /** Share of the plan that was never released, 0 to 1; null for a closed loop. */
  readonly behindFraction: number | null;
  /** How late requests were released on average, of the length of the schedule, 0 to 1; null for a closed loop. */
  readonly lateFraction: number | null;
  readonly eventLoopLagMsP99: number | null;
  readonly eventLoopLagMsMax: number | null;
  readonly stoodStillMs: number;
  readonly gcPauseMsMax: number | null;
  readonly gcPauseMsTotal: number | null;
  readonly stealFraction: number | null;
  readonly hostCpuFraction: number | null;
}

/** What a report draws of a target and cannot compute, because it decodes no histograms and knows no counters. */
export interface TargetCurves {
  readonly target: string;
  /** The round that a timeline shows: of the median rate. An index into `result.rounds`; -1 when there was none. */
  readonly shownRound: number;
  /** Of each of the target's rounds; null of one that measured nothing. */
  readonly achievedPerSec: readonly (number | null)[];
  /** In that round, on its own clock. */
  readonly leaderChangesMs: readonly number[];
  readonly latency: readonly CurvePoint[];
  readonly service: readonly CurvePoint[];
}

/** In the order of `result.targets`. */
export function summarizeRun(result: RunResult): readonly TargetSummary[] {
  return result.targets.map((target) => ({
    ...summarizeTarget(target.name, roundsOf(result, target.name)),
    roundsAsked: result.roundsAsked,
  }));
}

/** `summary` is that of one of the result's targets. */
export function curvesOf(result: RunResult, summary: TargetSummary): TargetCurves {
  const shownRound = medianRound(result, summary);
  const series = result.rounds[shownRound]?.server.series ?? [];
  const changes = series.flatMap((each) => increments(each.samples, 'leaderChangesTotal').map((step) => step.toMs));
  return {
    target: summary.target,
    shownRound,
    achievedPerSec: roundsOf(result, summary.target).map((round) => achievedPerSec(measuredPhases(round))),
    leaderChangesMs: [...new Set(changes)].sort((a, b) => a - b),
    latency: percentileCurve(summary.latency),
    service: percentileCurve(summary.service),
  };
}

function roundsOf({ rounds }: RunResult, target: string): readonly RoundResult[] {
  return rounds.filter((round) => round.target === target);
}

/** The phases of a round that count. */
export function measuredPhases(round: RoundResult): readonly PhaseResult[] {
  return round.phases.filter((phase) => !phase.warmUp);
}

/** Completed requests per second of the time they took; null when nothing ran. */
export function achievedPerSec(phases: readonly PhaseResult[]): number | null {
  return perSecond(
    sum(phases, (phase) => phase.completed),
    sum(phases, (phase) => phase.elapsedMs),
  );
}

function summarizeTarget(target: string, rounds: readonly RoundResult[]): Omit<TargetSummary, 'roundsAsked'> {
  const byRound = rounds.map(measuredPhases);
  const phases = byRound.flat();
  const errorsByCode = addErrors(phases);
  const errors = Object.values(errorsByCode).reduce((total, count) => total + count, 0);
  const completed = sum(phases, (phase) => phase.completed);
  return {
    target,
    rounds: rounds.length,
    model: modelOf(phases),
    measuredMs: sum(phases, (phase) => phase.elapsedMs),
    offeredPerSec: medianKnown(byRound.map(offeredPerSec)),
    achievedPerSec: medianKnown(byRound.map(achievedPerSec)),
    runningPerSec: medianKnown(byRound.map(runningPerSec)),
    planned: sum(phases, (phase) => phase.planned),
    released: sum(phases, (phase) => phase.released),
    completed,
    errors,
    errorsByCode,
    errorFraction: completed + errors === 0 ? null : errors / (completed + errors),
    latency: mergeHistograms(phases.map((phase) => phase.latency)),
    fromRelease: mergeHistograms(phases.map((phase) => phase.fromRelease)),
    service: mergeHistograms(phases.map((phase) => phase.service)),
    generator: summarizeGenerator(byRound, rounds),
    server: summarizeServer(rounds),
  };
}

/** The round whose rate is closest to the median of the target's rounds. */
function medianRound(result: RunResult, summary: TargetSummary): number {
  let shown = -1;
  let closest = Infinity;
  for (const [at, round] of result.rounds.entries()) {
    if (round.target !== summary.target) continue;
    const distance = Math.abs((achievedPerSec(measuredPhases(round)) ?? 0) - (summary.achievedPerSec ?? 0));
    if (distance >= closest) continue;
    shown = at;
    closest = distance;
  }
  return shown;
}

function summarizeGenerator(
  byRound: readonly (readonly PhaseResult[])[],
  rounds: readonly RoundResult[],
): GeneratorSummary {
  const phases = byRound.flat();
  const health = phases.map((phase) => phase.generator);
  const slips = health.map((each) => each.scheduleSlip).filter((slip) => slip !== null);
  return {
    cpuUsPerOp: medianKnown(health.map((each) => each.cpuUsPerOp)),
    cpuCores: medianKnown(health.map((each) => each.cpuCores)),
    scheduleSlip: slips.length === 0 ? null : mergeHistograms(slips).summary,
    behindFraction: behindFraction(phases),
    lateFraction: lateFraction(phases),
    eventLoopLagMsP99: largestKnown(health.map((each) => each.eventLoopLagMsP99)),
    eventLoopLagMsMax: largestKnown(health.map((each) => each.eventLoopLagMsMax)),
    stoodStillMs: Math.max(0, ...byRound.map(stoodStillMs)),
    gcPauseMsMax: largestKnown(health.map((each) => each.gcPauseMsMax)),
    gcPauseMsTotal: totalKnown(health.map((each) => each.gcPauseMsTotal)),
    stealFraction:
      largestKnown(health.map((each) => each.stealFraction)) ?? largestKnown(hostMeans(rounds, 'stealFraction')),
    hostCpuFraction:
      largestKnown(health.map((each) => each.hostCpuFraction)) ?? largestKnown(hostMeans(rounds, 'cpuFraction')),
  };
}

function stoodStillMs(phases: readonly PhaseResult[]): number {
  return sum(phases, ({ generator }) => generator.stoodStillMs);
}

/** An open loop catches up with what it missed. */
function runningPerSec(phases: readonly PhaseResult[]): number | null {
  const closed = phases.filter((phase) => phase.model === 'closed');
  return perSecond(
    sum(phases, (phase) => phase.completed),
    sum(phases, (phase) => phase.elapsedMs) - stoodStillMs(closed),
  );
}

/** The host's own samples of each round while it was measured: what there is when the generator did not look itself. */
function hostMeans(rounds: readonly RoundResult[], key: 'cpuFraction' | 'stealFraction'): (number | null)[] {
  return rounds.map((round) => {
    const phases = measuredPhases(round);
    const inside = round.host.samples.filter(({ atMs }) =>
      phases.some(({ offsetMs, elapsedMs }) => atMs > offsetMs && atMs <= offsetMs + elapsedMs),
    );
    const values = known(inside.map((sample) => sample[key]));
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  });
}

/** Open phases only: a closed loop releases when it is answered, so it cannot fall behind. */
function behindFraction(phases: readonly PhaseResult[]): number | null {
  const open = phases.filter((phase) => phase.model === 'open');
  const planned = sum(open, (phase) => phase.planned);
  const unreleased = planned - sum(open, (phase) => phase.released);
  return planned === 0 ? null : Math.max(0, unreleased / planned);
}

/** A generator that is late all the time ends its plan in time all the same: the mean slip over all requests shows it. */
function lateFraction(phases: readonly PhaseResult[]): number | null {
  let lateMs = 0;
  let scheduleMs = 0;
  for (const { scheduledMs, generator } of phases) {
    const count = generator.scheduleSlip?.count ?? 0;
    lateMs += count * (generator.scheduleSlip?.summary.mean ?? 0);
    scheduleMs += count * scheduledMs;
  }
  return scheduleMs === 0 ? null : lateMs / scheduleMs;
}

function offeredPerSec(phases: readonly PhaseResult[]): number | null {
  const open = phases.filter((phase) => phase.model === 'open');
  return perSecond(
    sum(open, (phase) => phase.planned),
    sum(open, (phase) => phase.scheduledMs),
  );
}

function modelOf(phases: readonly PhaseResult[]): TargetSummary['model'] {
  const models = new Set(phases.map((phase) => phase.model));
  if (models.size > 1) return 'mixed';
  return models.has('closed') ? 'closed' : 'open';
}

function addErrors(phases: readonly PhaseResult[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const phase of phases) {
    for (const [code, count] of Object.entries(phase.errors)) counts.set(code, (counts.get(code) ?? 0) + count);
  }
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
}

function perSecond(count: number, ms: number): number | null {
  return ms > 0 ? count / (ms / 1e3) : null;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((subtotal, item) => subtotal + of(item), 0);
}
