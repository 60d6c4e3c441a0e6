/**
 * A workload after its file was checked: what to send, how fast, for how long, and what counts as passing.
 * Plain data: goes to worker threads and into the result document as it is. `workload-schema.ts` is its file form.
 */

export type OperationKind = 'put' | 'range' | 'delete' | 'txn';

export interface Workload {
  readonly name: string;
  readonly description: string;
  /** Concurrent requests in flight at most, over all connections: one client waits for one reply, as etcd's tools mean it. */
  readonly clients: number;
  /** TCP connections; clients are spread over them evenly. */
  readonly connections: number;
  /** Where each request goes: to the leader, or round-robin over all endpoints. */
  readonly spread: 'leader' | 'all';
  readonly requestTimeoutMs: number;
  /** Of keys, values, operations and Poisson gaps: the same seed repeats the same plan. */
  readonly seed: number;
  readonly keys: KeySpace;
  readonly values: SizeSpec;
  /** Keys put once before the first phase, so that ranges and deletes find something; 0 is none. */
  readonly preload: number;
  readonly phases: readonly Phase[];
  readonly thresholds: Thresholds;
}

export interface KeySpace {
  /** Bytes of a key after the prefix. */
  readonly sizeBytes: SizeSpec;
  /** How many different keys; null: a new random key for every put (check perf). */
  readonly count: number | null;
  readonly order: 'sequential' | 'uniform' | 'zipfian';
  /** Skew of the zipfian order, 0 < theta < 1 (YCSB's is 0.99). */
  readonly zipfTheta: number;
}

export type SizeSpec =
  | { readonly kind: 'fixed'; readonly bytes: number }
  | { readonly kind: 'uniform'; readonly minBytes: number; readonly maxBytes: number };

export interface Phase {
  readonly name: string;
  /** A warm-up is sent and drawn, but does not count. */
  readonly warmUp: boolean;
  readonly arrival: Arrival;
  /** Ends at whichever comes first; at least one is set. */
  readonly durationMs: number | null;
  readonly count: number | null;
  /** Weights need not sum to anything. */
  readonly mix: readonly MixEntry[];
}

/** Open: requests leave by the clock, whatever the server does. Closed: each client sends when its reply has come. */
export type Arrival =
  | {
      readonly model: 'open';
      readonly spacing: 'constant' | 'poisson';
      readonly fromPerSec: number;
      readonly toPerSec: number;
    }
  | { readonly model: 'closed' };

export type MixEntry =
  | { readonly op: 'put'; readonly weight: number }
  | {
      readonly op: 'range';
      readonly weight: number;
      readonly serializable: boolean;
      readonly limit: number;
      readonly span: 'key' | 'prefix';
    }
  | { readonly op: 'delete'; readonly weight: number }
  /** Compare the key's version with 0 or more, then put. */
  | { readonly op: 'txn'; readonly weight: number; readonly puts: number };

/** All that is set must hold; a workload without any passes with "nothing to judge". */
export interface Thresholds {
  /** The rate is above one of these: a number, or a share of what was offered, which is below 1. */
  readonly minRatePerSec?: number;
  readonly minRateFraction?: number;
  readonly maxLatencyMs?: number;
  readonly maxStddevMs?: number;
  readonly maxP50Ms?: number;
  readonly maxP90Ms?: number;
  readonly maxP99Ms?: number;
  readonly maxP999Ms?: number;
  /** A run of a workload without it fails above 0.01 all the same: its latencies are those of answered requests. */
  readonly maxErrorFraction?: number;
}
