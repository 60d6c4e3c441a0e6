/**
 * The seam between an experiment (targets, rounds, guards, clean-up) and the load itself (pacer, lanes, recorders):
 * `runLoad(spec, events)` in load.ts sends all phases of one round and hands back what it measured.
 */
import type { ChannelSettings } from '../client/channel.ts';
import type { Endpoint } from '../client/endpoint.ts';
import type { EarlyEnd, PhaseResult } from './result.ts';
import type { Workload } from './workload.ts';

/** What messages call the bound on what is written that is not the user's. */
export const quotaBound = "the bound that the target's quota sets";

/** Where a load stops cleanly: once so much was sent, by the planned-bytes rule. */
export interface WriteBound {
  readonly bytes: number;
  /** What set it, as messages call it: `--max-bytes`, or `quotaBound`. */
  readonly name: string;
}

/** Plain data: goes to worker threads as it is. */
export interface LoadSpec {
  readonly workload: Workload;
  /** Where requests go; connections are dealt out over these in turn. */
  readonly endpoints: readonly Endpoint[];
  readonly channel: ChannelSettings;
  /** Sent as metadata `token` with every request; null without authentication. */
  readonly token: string | null;
  /** All keys of the run start with it. */
  readonly prefix: Uint8Array;
  /** Null: the plan itself is the bound. */
  readonly bound: WriteBound | null;
}

/** What the run looks like now, about four times a second. */
export interface LoadProgress {
  readonly phase: string;
  readonly warmUp: boolean;
  /** 0 to 1 over all phases, by time or by count, whichever is further. */
  readonly fraction: number;
  readonly completed: number;
  readonly errors: number;
  /** Over the last interval. */
  readonly ratePerSec: number;
  readonly latencyP99Ms: number | null;
}

export interface LoadEvents {
  onProgress(progress: LoadProgress): void;
  /** The first intended time of a phase, on the monotonic clock in ms. */
  onPhaseStart(index: number, startMs: number): void;
  onPhaseEnd(index: number, endMs: number): void;
}

export interface LoadOutcome {
  readonly phases: readonly PhaseResult[];
  /** Null when all phases ran to their ends. */
  readonly earlyEnd: EarlyEnd | null;
}
