/** What a connection is made with. Both sides share the first part; the pump (a socket) gives the callbacks. */
import type { ByteBudget } from './byte-budget.ts';
import type { HttpHandler, Peer, Routes } from './contract.ts';
import type { InputGate } from './input-gate.ts';
import type { WireLimits } from './limits.ts';

export interface ConnectionOptions {
  /** The monotonic clock at the start. */
  readonly nowMs: number;
  /**
   * Something changed outside `receive` and `tick`: there is output to take, `wantsInput` turned true or `finished` did.
   * Called at most once between two `takeOutput`s: mark the socket dirty and flush it at the end of the turn.
   */
  readonly onOutput: () => void;
  /** What differs from `defaultLimits`. */
  readonly limits?: Partial<WireLimits>;
  /** Shared by all connections of the process; default is one of its own, of `connectionBytesMax`. */
  readonly budget?: ByteBudget;
  /** Nothing is read while it is shut. Default: always open. */
  readonly gate?: InputGate;
  /** An answer to PING waits this long and then for output to leave with, twice this long at most. Default 0: none waits. */
  readonly pingAnswerWaitMs?: number;
  /** A PING after this much silence from the peer; 0, the default, is never. etcd: `--grpc-keepalive-interval`, 2 h. */
  readonly keepAliveMs?: number;
  /** Then this long for any byte from the peer, or the connection is dead. Default 20 s, as etcd's and grpc-go's. */
  readonly keepAliveTimeoutMs?: number;
  /** PINGs while no call is open, too. Default: a server does, a client does not, because etcd counts them as abuse. */
  readonly keepAliveWithoutCalls?: boolean;
}

export interface ClientConnectionOptions extends ConnectionOptions {
  /** What goes into :authority. */
  readonly authority: string;
  /** Whether :scheme says https. */
  readonly secure: boolean;
  readonly userAgent?: string;
}

export interface ServerConnectionOptions extends ConnectionOptions {
  readonly routes: Routes;
  readonly peer: Peer;
  /** Where requests go whose content type is not application/grpc; null answers them 415. */
  readonly http: HttpHandler | null;
  /** PINGs closer together than this are strikes (etcd: `--grpc-keepalive-min-time`, 5 s); 0 allows any. */
  readonly keepAliveMinMs?: number;
  /** Counts PINGs without open streams by `keepAliveMinMs` too, instead of by 2 h. Default false, as in etcd. */
  readonly keepAlivePermitWithoutStream?: boolean;
}
