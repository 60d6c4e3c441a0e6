/**
 * What the server's own metrics said while requests were measured: the samples of warm-ups and of the time before and
 * after are left out. Quantiles of scrapes cannot be merged, so a series is described by its middle and its worst.
 */
import { largestKnown, medianKnown, known } from './known-values.ts';
import type { PhaseResult, RoundResult, ServerSample, ServerSeries } from './result.ts';

/** What the target's members said of themselves; null is what none of them said. */
export interface ServerSummary {
  readonly version: string | null;
  readonly cpuUsPerOp: number | null;
  readonly cpuUsPerOpFromProc: number | null;
  readonly rssBytes: number | null;
  /** Of the p99 between two scrapes, on the worst endpoint. */
  readonly walFsyncP99Ms: SeriesSummary | null;
  readonly backendCommitP99Ms: SeriesSummary | null;
  readonly proposalsPendingMax: number | null;
  /** Null when no endpoint counted them. */
  readonly leaderChanges: number | null;
  readonly proposalsFailed: number | null;
  /** Some scrape found a member without a leader. */
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
  const windows = rounds.flatMap((round) => round.server.series.map((series) => inWindow(series, round)));
  const servers = rounds.map((round) => round.server);
  return {
    version: servers.find((server) => server.version !== null)?.version ?? null,
    cpuUsPerOp: medianKnown(servers.map((server) => server.cpuUsPerOp)),
    cpuUsPerOpFromProc: medianKnown(servers.map((server) => server.cpuUsPerOpFromProc)),
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

/** Times at which a counter went up between two scrapes, by how much; a restart (the counter fell) starts it anew. */
export function increments(
  samples: readonly ServerSample[],
  counter: Counter,
): readonly { readonly atMs: number; readonly by: number }[] {
  const found: { atMs: number; by: number }[] = [];
  let last: number | null = null;
  for (const sample of samples) {
    const value = sample[counter];
    if (value === null) continue;
    if (last !== null && value > last) found.push({ atMs: sample.atMs, by: value - last });
    last = value;
  }
  return found;
}

/** From the first intended time of the first phase that counts to the end of the last one, on the round's clock. */
export function measuredWindow(phases: readonly PhaseResult[]): { readonly fromMs: number; readonly toMs: number } {
  const measured = phases.filter((phase) => !phase.warmUp);
  return {
    fromMs: Math.min(...measured.map((phase) => phase.offsetMs)),
    toMs: Math.max(...measured.map((phase) => phase.offsetMs + phase.elapsedMs)),
  };
}

function inWindow(series: ServerSeries, round: RoundResult): readonly ServerSample[] {
  const { fromMs, toMs } = measuredWindow(round.phases);
  return series.samples.filter((sample) => sample.atMs >= fromMs && sample.atMs <= toMs);
}

/** Members count the same election each, so the endpoint that saw most stands for its round. */
function increase(rounds: readonly RoundResult[], counter: Counter): number | null {
  let total: number | null = null;
  for (const round of rounds) {
    const { fromMs, toMs } = measuredWindow(round.phases);
    const counts = round.server.series
      .filter((series) => series.samples.some((sample) => sample[counter] !== null))
      .map((series) =>
        increments(series.samples, counter)
          .filter((step) => step.atMs >= fromMs && step.atMs <= toMs)
          .reduce((sum, step) => sum + step.by, 0),
      );
    if (counts.length > 0) total = (total ?? 0) + Math.max(...counts);
  }
  return total;
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
