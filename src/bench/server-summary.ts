/**
 * What the server's own metrics said while requests were measured. A scrape stands for the time since the one before it,
 * and counts when that time overlaps a measured phase or its drain. Quantiles of scrapes cannot be merged, so a series is
 * described by its middle and its worst.
 */
import { largestKnown, medianKnown, known, totalKnown } from './known-values.ts';
import type { RoundResult, ServerResult, ServerSample, ServerSeries } from './result.ts';

/** What the target's members said of themselves; null is what none of them said. */
export interface ServerSummary {
  readonly version: string | null;
  /** From /proc where it could be read: a server may cache what its metrics say. */
  readonly cpuUsPerOp: number | null;
  readonly cpuUsPerOpFromMetrics: number | null;
  readonly rssBytes: number | null;
  /** Of the p99 between two scrapes, on the worst endpoint. */
  readonly walFsyncP99Ms: SeriesSummary | null;
  readonly backendCommitP99Ms: SeriesSummary | null;
  readonly proposalsPendingMax: number | null;
  /** Null when some round's are not known, and none of the others had any. */
  readonly leaderChanges: number | null;
  readonly proposalsFailed: number | null;
  /** Some of these scrapes found a member without a leader. */
  readonly lostLeader: boolean;
  /** The first reason why an endpoint gave no metrics; null when all did. */
  readonly unavailable: string | null;
}

/** A series of quantiles, in the unit of its values. */
export interface SeriesSummary {
  readonly median: number;
  readonly max: number;
  readonly samples: number;
}

type Numeric = 'walFsyncP99Ms' | 'backendCommitP99Ms' | 'proposalsPending';
type Counter = 'leaderChangesTotal' | 'proposalsFailedTotal';

/** `rounds` are those of one target. */
export function summarizeServer(rounds: readonly RoundResult[]): ServerSummary {
  const windows = rounds.flatMap((round) => round.server.series.map((series) => whileMeasured(series, round)));
  const servers = rounds.map((round) => round.server);
  return {
    version: servers.find((server) => server.version !== null)?.version ?? null,
    cpuUsPerOp: medianKnown(servers.map(serverCpuUsPerOp)),
    cpuUsPerOpFromMetrics: medianKnown(servers.map((server) => server.cpuUsPerOp)),
    rssBytes: largestKnown(servers.map((server) => server.rssBytes)),
    walFsyncP99Ms: worstSeries(windows, 'walFsyncP99Ms'),
    backendCommitP99Ms: worstSeries(windows, 'backendCommitP99Ms'),
    proposalsPendingMax: largestKnown(windows.flatMap((window) => window.map((sample) => sample.proposalsPending))),
    leaderChanges: increase(rounds, 'leaderChangesTotal'),
    proposalsFailed: increase(rounds, 'proposalsFailedTotal'),
    lostLeader: windows.some((window) => window.some((sample) => sample.hasLeader === false)),
    unavailable:
      servers.flatMap((server) => server.series).find((series) => series.unavailable !== null)?.unavailable ?? null,
  };
}

/** The better of a round's two figures. */
export function serverCpuUsPerOp({ cpuUsPerOpFromProc, cpuUsPerOp }: ServerResult): number | null {
  return cpuUsPerOpFromProc ?? cpuUsPerOp;
}

/** A counter between two scrapes that have it: by how much it rose. */
interface CounterStep {
  readonly fromMs: number;
  readonly toMs: number;
  readonly by: number;
}

/** Where a counter went up; a restart (the counter fell) starts it anew. */
export function increments(samples: readonly ServerSample[], counter: Counter): readonly CounterStep[] {
  return steps(samples, counter).filter((step) => step.by > 0);
}

function steps(samples: readonly ServerSample[], counter: Counter): readonly CounterStep[] {
  const found: CounterStep[] = [];
  let last: { readonly atMs: number; readonly value: number } | null = null;
  for (const { atMs, [counter]: value } of samples) {
    if (value === null) continue;
    if (last !== null) found.push({ fromMs: last.atMs, toMs: atMs, by: Math.max(0, value - last.value) });
    last = { atMs, value };
  }
  return found;
}

/** The drain is in it: it ends with the next phase's first intended time or, in the last phase, with the scrapes. */
function wasMeasured({ phases }: RoundResult, fromMs: number, toMs: number): boolean {
  return phases.some(
    (phase, i) => !phase.warmUp && toMs > phase.offsetMs && fromMs < (phases[i + 1]?.offsetMs ?? Infinity),
  );
}

function whileMeasured({ samples }: ServerSeries, round: RoundResult): readonly ServerSample[] {
  return samples.filter(({ atMs }, i) => wasMeasured(round, samples[i - 1]?.atMs ?? atMs, atMs));
}

/** What is not known of one round is no zero of all. */
function increase(rounds: readonly RoundResult[], counter: Counter): number | null {
  const each = rounds.map((round) => increaseIn(round, counter));
  const total = totalKnown(each);
  return total === 0 && each.includes(null) ? null : total;
}

/** Members count the same election each, so the endpoint that saw most stands for its round. */
function increaseIn(round: RoundResult, counter: Counter): number | null {
  const counts = round.server.series.map(({ samples }) => {
    const measured = steps(samples, counter).filter(({ fromMs, toMs }) => wasMeasured(round, fromMs, toMs));
    return totalKnown(measured.map(({ by }) => by));
  });
  return largestKnown(counts);
}

function worstSeries(windows: readonly (readonly ServerSample[])[], key: Numeric): SeriesSummary | null {
  let worst: SeriesSummary | null = null;
  for (const window of windows) {
    const values = known(window.map((sample) => sample[key]));
    const median = medianKnown(values);
    if (median === null || (worst !== null && median <= worst.median)) continue;
    worst = { median, max: Math.max(...values), samples: values.length };
  }
  return worst;
}
