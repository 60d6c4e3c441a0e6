/** What the main thread, the lanes and the pacer tell each other. Plain data and shared memory. */
import type { LanePhaseReport, LanePlace, PhaseStart } from './lane-host.ts';
import type { LoadSpec } from './load-spec.ts';
import type { Workload } from './workload.ts';

/** A lane thread's workerData. */
export interface LaneData {
  readonly spec: LoadSpec;
  readonly place: LanePlace;
  /** Of its LaneCounters. */
  readonly counters: SharedArrayBuffer;
}

export type ToLane =
  | { readonly kind: 'phase'; readonly start: PhaseStart }
  | { readonly kind: 'stop'; readonly graceMs: number }
  | { readonly kind: 'close' };

export type FromLane =
  | { readonly kind: 'connected' }
  | { readonly kind: 'connectFailed'; readonly message: string }
  | { readonly kind: 'phaseEnd'; readonly report: LanePhaseReport }
  | { readonly kind: 'closed' };

/** The pacer thread's workerData. */
export interface PacerData {
  readonly workload: Workload;
  /** The counters of all lanes, in order. */
  readonly lanes: readonly SharedArrayBuffer[];
  /** One word: the number of the newest phase that was stopped. */
  readonly stopped: SharedArrayBuffer;
}

export interface PacerPhase {
  /** Counts phases from 1, over the preload too. */
  readonly number: number;
  /** Into the workload's phases. */
  readonly index: number;
  readonly startUs: number;
}
