/**
 * The seam between calls and connections: one channel is one connection to one endpoint, over either transport.
 * Load goes through `unary` directly; `client.ts` puts promises, fail-over, tokens and retries on top.
 */
import type { CallOptions, ClientStream, ReplySink, StreamHandler } from '../wire/contract.ts';
import type { BackoffSettings } from './backoff.ts';
import type { Endpoint } from './endpoint.ts';

export type TransportName = 'wire' | 'grpc-js';

/** Plain data: crosses worker threads as it is. PEM texts, not paths. */
export interface TlsSettings {
  readonly caPem: string | null;
  readonly certPem: string | null;
  readonly keyPem: string | null;
  /** Checked against the server's certificate instead of the endpoint's host. */
  readonly serverName: string | null;
  readonly insecureSkipVerify: boolean;
}

export interface ChannelSettings {
  readonly transport: TransportName;
  readonly tls: TlsSettings | null;
  /** TCP, TLS and the HTTP/2 preface together. */
  readonly connectTimeoutMs: number;
  /** A PING after this much silence; 0 is never. etcd refuses more than one in 5 s (`too_many_pings`). */
  readonly keepAliveMs: number;
  readonly maxReceiveBytes: number;
  /** Default: gRPC's, from 1 s to 120 s. */
  readonly reconnect?: BackoffSettings;
}

export interface Channel {
  readonly endpoint: Endpoint;
  /** Connected, and not being closed by the server. */
  readonly ready: boolean;
  /** Why it is not ready, with the endpoint; absent while it is. */
  readonly trouble?: string | undefined;
  /**
   * Connects, and from then on reconnects with backoff by itself. When the first attempt fails it rejects with a
   * ConnectFailure (a StatusError) and nothing goes on in the background: it may be called again.
   */
  connect(): Promise<void>;
  /**
   * Ends with Unavailable when not ready, in a later turn: `onReply` never runs inside this call.
   * `request` may be reused after the return. Returns a handle for `cancel`.
   */
  unary(method: string, request: Uint8Array, options: CallOptions, token: number, sink: ReplySink): number;
  cancel(handle: number): void;
  openStream(method: string, options: CallOptions, handler: StreamHandler): ClientStream;
  /** Finishes open calls within `graceMs`, then closes the socket and stops reconnecting. */
  close(graceMs: number): Promise<void>;
}
