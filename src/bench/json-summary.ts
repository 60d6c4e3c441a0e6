/**
 * The one object that `bench run --json` prints: what scripts compare. Its field names are an interface: they are added
 * to, never changed. Rates are medians over rounds, latencies of all rounds merged; null is "not known".
 */
import type { EncodedHistogram, LatencySummary, Ratio, RunResult } from './result.ts';
import type { TargetSummary } from './run-summary.ts';

export interface JsonSummary {
  readonly verdict: string;
  readonly cause: string;
  readonly targets: readonly JsonTarget[];
  /** Rounds per target that ran: the most that any had. Fewer than were asked for is no PASS. */
  readonly rounds: number;
  readonly roundsAsked: number;
  /** The first target over each other; empty with one target. */
  readonly ratio: readonly Ratio[];
  /** The run's folder. */
  readonly directory: string;
}

export interface JsonTarget {
  readonly name: string;
  readonly verdict: string;
  /** That ran; 0 when the target was never measured. */
  readonly rounds: number;
  /** Null for a closed loop, which offers what is answered. */
  readonly offeredPerSec: number | null;
  readonly achievedPerSec: number | null;
  readonly errors: number;
  readonly latencyMs: LatencySummary;
  readonly serviceMs: LatencySummary;
  readonly generator: {
    readonly cpuUsPerOp: number | null;
    readonly scheduleSlipMsP99: number | null;
    readonly eventLoopLagMsP99: number | null;
  };
  readonly server: {
    readonly cpuUsPerOp: number | null;
    readonly rssBytes: number | null;
    readonly version: string | null;
  };
}

/** What a judgement says, as far as this room needs it: the verdict of each target in the order of `targets`. */
export interface Judgement {
  readonly verdict: string;
  readonly cause: string;
  readonly targets: readonly { readonly target: string; readonly verdict: string }[];
}

export function jsonSummary(
  result: RunResult,
  summaries: readonly TargetSummary[],
  judgement: Judgement,
  directory: string,
): JsonSummary {
  return {
    verdict: judgement.verdict,
    cause: judgement.cause,
    targets: summaries.map((summary) =>
      jsonTarget(summary, judgement.targets.find((each) => each.target === summary.target)?.verdict ?? ''),
    ),
    rounds: Math.max(0, ...summaries.map((summary) => summary.rounds)),
    roundsAsked: result.roundsAsked,
    ratio: result.ratios,
    directory,
  };
}

function jsonTarget(summary: TargetSummary, verdict: string): JsonTarget {
  return {
    name: summary.target,
    verdict,
    rounds: summary.rounds,
    offeredPerSec: rounded(summary.offeredPerSec, 1),
    achievedPerSec: rounded(summary.achievedPerSec, 1),
    errors: summary.errors,
    latencyMs: latencyOf(summary.latency),
    serviceMs: latencyOf(summary.service),
    generator: {
      cpuUsPerOp: rounded(summary.generator.cpuUsPerOp, 2),
      scheduleSlipMsP99: rounded(summary.generator.scheduleSlip?.p99 ?? null, 3),
      eventLoopLagMsP99: rounded(summary.generator.eventLoopLagMsP99, 3),
    },
    server: {
      cpuUsPerOp: rounded(summary.server.cpuUsPerOp, 2),
      rssBytes: summary.server.rssBytes,
      version: summary.server.version,
    },
  };
}

function latencyOf({ summary }: EncodedHistogram): LatencySummary {
  return {
    p50: rounded(summary.p50, 3),
    p90: rounded(summary.p90, 3),
    p99: rounded(summary.p99, 3),
    p999: rounded(summary.p999, 3),
    max: rounded(summary.max, 3),
    mean: rounded(summary.mean, 3),
    stddev: rounded(summary.stddev, 3),
  };
}

function rounded(value: number | null, digits: number): number | null {
  return value === null ? null : Number(value.toFixed(digits));
}
