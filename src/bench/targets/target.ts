/**
 * What a round is driven at: a server that we start for the round, or one that is there already.
 *
 *   Target --start(room)--> RunningTarget --stop()--> nothing of ours is left but the log
 */
import type { Log } from '../../base/log.ts';
import type { Endpoint } from '../../client/endpoint.ts';
import type { Storage, TargetInfo } from '../result.ts';

export interface Target {
  /** Unique within the run: what results, ratios and log files call it. */
  readonly name: string;
  readonly kind: TargetInfo['kind'];
  /** Throws a Failure when there is nothing to start; called before anything is written. */
  check(): Promise<void>;
  /** A fresh server, ready for requests. Throws a Failure, with nothing left behind but the log, when it does not come up. */
  start(room: RoundRoom): Promise<RunningTarget>;
}

/** What a target may use for one round. */
export interface RoundRoom {
  /** Of the run's results: logs and data go below it, so that both lie on the disk that was asked for. */
  readonly directory: string;
  /** File name part, unique within the run: `etcd-round-1`. */
  readonly label: string;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface RunningTarget {
  readonly endpoints: readonly Endpoint[];
  /** Of a server that we started; the command as it was run. */
  readonly serverCommand: readonly string[] | null;
  readonly storage: Storage | null;
  readonly sharesHost: boolean;
  /** Of a server that we started on this host. */
  readonly pid: number | null;
  /** Aborts when a server that we started ends; its reason is how (`signal SIGKILL`). */
  readonly end: AbortSignal;
  /** Everything that is stored goes away with `stop`, our keys included. */
  readonly disposable: boolean;
  /** Idempotent, bounded, never rejects. */
  stop(): Promise<void>;
}

/** A name that is safe in a file name: `etcd@/opt/etcd` becomes `etcd-opt-etcd`. */
export function fileNameOf(name: string): string {
  const safe = name.replace(/[^A-Za-z0-9.]+/g, '-').replace(/^[-.]+|[-.]+$/g, '');
  return safe === '' ? 'target' : safe.slice(0, 80);
}
