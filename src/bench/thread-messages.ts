/** What the main thread, the lanes and the pacer tell each other. Plain data and shared memory. */
import type { FailureDetails } from '../base/failure.ts';
import type { LanePhaseReport, LanePlace, PhaseStart } from './lane-host.ts';
import type { LoadSpec } from './load-spec.ts';
import type { Workload } from './workload.ts';

/** What a lane's thread works on. */
export interface LaneData {
  readonly spec: LoadSpec;
  readonly place: LanePlace;
  /** Of its LaneCounters. */
  readonly counters: SharedArrayBuffer;
}

/** `begin` comes first, once. */
export type ToLane =
  | { readonly kind: 'begin'; readonly data: LaneData }
  | { readonly kind: 'phase'; readonly start: PhaseStart }
  | { readonly kind: 'stop'; readonly graceMs: number }
  | { readonly kind: 'close' };

export type FromLane =
  | { readonly kind: 'connected' }
  | {
      readonly kind: 'connectFailed';
      readonly code: string;
      readonly message: string;
      readonly details: FailureDetails;
    }
  | { readonly kind: 'phaseEnd'; readonly report: LanePhaseReport }
  | { readonly kind: 'closed' };

/** What the pacer's thread works on. */
export interface PacerData {
  readonly workload: Workload;
  /** The counters of all lanes, in order. */
  readonly lanes: readonly SharedArrayBuffer[];
  /** One word: the number of the newest phase that was stopped. */
  readonly stopped: SharedArrayBuffer;
}

/** `begin` comes first, once. */
export type ToPacer =
  { readonly kind: 'begin'; readonly data: PacerData } | { readonly kind: 'phase'; readonly phase: PacerPhase };

export interface PacerPhase {
  /** Counts phases from 1, over the preload too. */
  readonly number: number;
  /** Into the workload's phases. */
  readonly index: number;
  readonly startUs: number;
}
