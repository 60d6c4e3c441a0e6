/**
 * The result document (`result.json`): what was measured, never what to think of it (that is `verdict.json`).
 * Times are ms since the phase or round began unless they say otherwise; histograms are HDR's V2 compressed form in
 * base64, values in microseconds, so that runs merge. Change a field, and `formatVersion` and an upgrade change with it.
 */
import type { OperationKind, Workload } from './workload.ts';

export const formatVersion = 2;

export interface RunResult {
  readonly formatVersion: number;
  readonly tool: { readonly name: string; readonly version: string };
  readonly startedAt: string;
  readonly endedAt: string;
  /** The arguments that repeat the run: ["bench", "run", …]. */
  readonly command: readonly string[];
  /** As it ran, overrides included. */
  readonly workload: Workload;
  /** The file's own path as given, and the overrides as given. */
  readonly workloadFile: string;
  readonly overrides: readonly string[];
  readonly environment: Environment;
  /** All that were asked for, also those that no round was run against. */
  readonly targets: readonly TargetInfo[];
  readonly rounds: readonly RoundResult[];
  /** Of each target. Fewer among `rounds`: `failure` or `interrupted` says why. */
  readonly roundsAsked: number;
  /** What ended the run; null when nothing did, or a signal. */
  readonly failure: RunFailure | null;
  readonly ratios: readonly Ratio[];
  /** The signal that ended the run early, or null. */
  readonly interrupted: string | null;
}

/** A round that was broken off, or could not begin: the last of its run. */
export interface RunFailure {
  readonly target: string;
  /** From 0; among the result's rounds when its load had begun. */
  readonly round: number;
  readonly words: string;
  /** What the run ended with, unless an interrupt or keys left behind come first (docs/exit-codes.md). */
  readonly exitCode: number;
}

/** What the numbers depend on besides the target. Null: could not be found out. */
export interface Environment {
  readonly hostname: string;
  readonly os: string;
  readonly kernel: string;
  readonly cpuModel: string;
  readonly cpuCount: number;
  readonly cpuMhz: number | null;
  readonly virtualization: string | null;
  readonly memoryBytes: number;
  readonly nodeVersion: string;
}

export interface TargetInfo {
  /** `etcd`, `etcd@/path`, `embedded`, or the endpoints: unique within the run. */
  readonly name: string;
  readonly kind: 'etcd' | 'embedded' | 'endpoints';
  /** Empty for a server of ours that never served. */
  readonly endpoints: readonly string[];
  readonly transport: string;
  /** The command line of a server that we started, without the binary's folder; null when we did not. */
  readonly serverCommand: readonly string[] | null;
  /** Under the data directory of a server that we started; null when we cannot know. */
  readonly storage: Storage | null;
  /** Whether the server runs on the generator's host. */
  readonly sharesHost: boolean;
}

export interface Storage {
  readonly directory: string;
  readonly fileSystem: string;
  readonly device: string;
}

/** One run of all phases against one target. */
export interface RoundResult {
  /** From 0, in the order they ran. */
  readonly round: number;
  readonly target: string;
  readonly startedAt: string;
  readonly prefix: string;
  readonly phases: readonly PhaseResult[];
  readonly server: ServerResult;
  readonly host: HostSeries;
  readonly cleanup: CleanupResult;
  /** Null when it ran to the end of its plan. */
  readonly earlyEnd: EarlyEnd | null;
}

/** Why a round ended before its plan did: the reason for those who judge, the words for those who read. */
export interface EarlyEnd {
  readonly reason:
    | 'server-ended'
    | 'connections-lost'
    | 'preload-failed'
    | 'generator-broke'
    | 'failure'
    | 'quota-used-up'
    | 'bound-used-up'
    | 'interrupted';
  readonly words: string;
}

export interface PhaseResult {
  readonly name: string;
  readonly warmUp: boolean;
  readonly model: 'open' | 'closed';
  /** ms from the start of the round to the phase's first intended time. */
  readonly offsetMs: number;
  /** From the first intended time to the last answer or the end of sending; errors may come later, a time-out does. */
  readonly elapsedMs: number;
  /** Length of the schedule: `sent / scheduledMs` is the achieved release rate. */
  readonly scheduledMs: number;
  /** What the plan asked for until the phase ended; for a closed loop, what was sent. */
  readonly planned: number;
  /**
   * What the pacer released: each of these completed or is an error, but for those that an early end left waiting for a
   * client. And what left: the rest found no client in time.
   */
  readonly released: number;
  readonly sent: number;
  /** Replies with status OK. */
  readonly completed: number;
  /** Status name -> count; under DeadlineExceeded also what was released and found no client in time. */
  readonly errors: Readonly<Record<string, number>>;
  readonly requestBytes: number;
  readonly operations: readonly OperationResult[];
  /** From the intended time; equals `service` in a closed loop. */
  readonly latency: EncodedHistogram;
  /** From the release, less the time in which the lane was kept from running: latency without the generator's share. */
  readonly fromRelease: EncodedHistogram;
  /** From the send: what a tool that forgets the queue would report. */
  readonly service: EncodedHistogram;
  readonly timeline: Timeline;
  readonly generator: GeneratorHealth;
}

export interface OperationResult {
  readonly op: OperationKind;
  readonly completed: number;
  readonly errors: number;
  readonly latency: EncodedHistogram;
  readonly service: EncodedHistogram;
}

/** HDR, 1 µs to an hour, 3 significant digits. */
export interface EncodedHistogram {
  readonly base64: string;
  readonly count: number;
  /** Values outside the range, recorded at its ends; `summary.max` is the true one all the same. */
  readonly clamped: number;
  readonly summary: LatencySummary;
}

/** Milliseconds. All null when nothing was recorded. */
export interface LatencySummary {
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly stddev: number | null;
}

/** At most 600 buckets of equal width; when full, neighbours merge in pairs and the width doubles. */
export interface Timeline {
  readonly bucketMs: number;
  readonly buckets: readonly TimeBucket[];
}

/** Requests are counted in the bucket of their intended time (offered) or of their end (completed, latency). */
export interface TimeBucket {
  readonly offered: number;
  readonly completed: number;
  readonly errors: number;
  readonly p50Ms: number | null;
  readonly p90Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
}

export interface GeneratorHealth {
  readonly lanes: number;
  /** CPU of the generator's threads over the phase, per completed operation. */
  readonly cpuUsPerOp: number | null;
  /** Of the whole process: 1 is one core. */
  readonly cpuCores: number | null;
  readonly scheduleSlip: EncodedHistogram | null;
  readonly eventLoopLagMsP99: number | null;
  readonly eventLoopLagMsMax: number | null;
  /** For how long in all lanes were kept from running for 20 ms and more at a time, as a mean over the lanes. */
  readonly stoodStillMs: number;
  readonly gcPauseMsMax: number | null;
  readonly gcPauseMsTotal: number | null;
  /** Share of the host's CPU time that the hypervisor gave away, 0 to 1. */
  readonly stealFraction: number | null;
  /** Share of the host's CPU time that was in use, 0 to 1. */
  readonly hostCpuFraction: number | null;
}

export interface ServerResult {
  readonly version: string | null;
  /** CPU seconds of all members over the measured phases per completed operation; null when the window is under 1 s. */
  readonly cpuUsPerOp: number | null;
  /** The same from /proc, when the server is a process that we started on this host. */
  readonly cpuUsPerOpFromProc: number | null;
  /** The largest of any member at any scrape. */
  readonly rssBytes: number | null;
  readonly dbSizeBytesBefore: number | null;
  readonly dbSizeBytesAfter: number | null;
  /** One series per endpoint, all on the round's clock. */
  readonly series: readonly ServerSeries[];
}

export interface ServerSeries {
  readonly endpoint: string;
  /** Null when the endpoint served no metrics, with the reason beside it. */
  readonly unavailable: string | null;
  readonly samples: readonly ServerSample[];
}

/** Quantiles are of the observations since the sample before (a difference of two scrapes); null when there was none. */
export interface ServerSample {
  readonly atMs: number;
  readonly walFsyncP99Ms: number | null;
  readonly backendCommitP99Ms: number | null;
  readonly proposalsPending: number | null;
  readonly proposalsFailedTotal: number | null;
  readonly leaderChangesTotal: number | null;
  readonly hasLeader: boolean | null;
  readonly dbSizeBytes: number | null;
  readonly rssBytes: number | null;
  readonly cpuSecondsTotal: number | null;
}

export interface HostSeries {
  /** The source of the samples: "/proc" or "systeminformation". */
  readonly source: string;
  readonly samples: readonly HostSample[];
}

export interface HostSample {
  readonly atMs: number;
  /** Shares of all cores' time since the sample before, 0 to 1. */
  readonly cpuFraction: number | null;
  readonly stealFraction: number | null;
  readonly ioWaitFraction: number | null;
  readonly memoryAvailableBytes: number | null;
  readonly diskWriteBytesPerSec: number | null;
  readonly diskWritesPerSec: number | null;
  /** Share of the time in which the device had something to do. */
  readonly diskBusyFraction: number | null;
}

export interface CleanupResult {
  readonly keysRemoved: number;
  /** Counted after the removal; null when it could not be counted. */
  readonly keysLeft: number | null;
  readonly tookMs: number;
  readonly error: string | null;
}

/** The first target over another: of paired rounds, with the 95 % interval of Student's t over them. */
export interface Ratio {
  readonly metric: string;
  readonly a: string;
  readonly b: string;
  readonly value: number;
  /** Null when there are fewer than two pairs: nothing is known about the spread. */
  readonly low: number | null;
  readonly high: number | null;
}
