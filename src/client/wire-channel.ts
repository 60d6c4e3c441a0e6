/**
 * The channel over our own engine: what load goes through. One socket at a time; when it is lost, or the server says GOAWAY
 * (open calls finish on the old one meanwhile), the next attempt is made at once, and those after it with backoff.
 *
 *   idle --connect()--> connecting --settings--> ready --lost--> connecting --fails--> waiting --backoff--> connecting
 *                          | the first attempt fails
 *                          v
 *                        idle
 */
import { assert } from '../base/assert.ts';
import { nowMs, sleep } from '../base/clock.ts';
import { Http2ClientConnection } from '../wire/client-connection.ts';
import type { CallOptions, ClientConnection, ClientStream, ReplySink, StreamHandler } from '../wire/contract.ts';
import { dial, type DialedSocket, type DialOptions } from '../wire/socket.ts';
import { Backoff, grpcBackoff } from './backoff.ts';
import type { Channel, ChannelSettings } from './channel.ts';
import { connectFailureOf, connectTimeout } from './connect-failure.ts';
import { closedStream, failLater } from './early-failure.ts';
import type { Endpoint } from './endpoint.ts';
import { defaultTls, tlsOptions } from './tls-options.ts';

/** A socket in use, or one that finishes its calls after a GOAWAY. */
interface Link {
  dialed: DialedSocket | null;
  closed: boolean;
  /** When it was connected. */
  readyAtMs: number;
  /** What its handles are above the engine's, which counts from 0 on every connection. */
  firstHandle: number;
}

/**
 * grpc-go's servers measure bandwidth with a PING after every read that brought data (bdp_estimator.go), one at a time: on
 * loopback that is thousands a second of a healthy server, on each connection.
 */
const pingsReceived = { perSec: 20_000, burst: 20_000 };
/** Longer than most requests take, and far below any time-out. */
const pingAnswerWaitMs = 250;
const closePollMs = 5;

export class WireChannel implements Channel {
  readonly endpoint: Endpoint;
  readonly #settings: ChannelSettings;
  readonly #backoff: Backoff;
  #keepAliveMs: number;
  /** Where new calls go. */
  #connection: ClientConnection | null = null;
  #firstHandle = 0;
  #lastHandle = -1;
  /** All sockets that are not closed yet: the current one and those that finish after a GOAWAY. */
  readonly #links = new Set<Link>();
  #state: 'idle' | 'running' | 'closed' = 'idle';
  readonly #giveUp = new AbortController();
  #retry: NodeJS.Timeout | null = null;
  #lastFailure = 'not connected';

  constructor(endpoint: Endpoint, settings: ChannelSettings) {
    this.endpoint = endpoint;
    this.#settings = settings;
    this.#keepAliveMs = settings.keepAliveMs;
    this.#backoff = new Backoff(settings.reconnect ?? grpcBackoff, Math.random);
  }

  get ready(): boolean {
    return this.#connection !== null && this.#connection.ready;
  }

  get trouble(): string | undefined {
    return this.ready ? undefined : this.#unavailable();
  }

  async connect(): Promise<void> {
    assert(this.#state === 'idle', 'a channel connects once');
    this.#state = 'running';
    try {
      await this.#dial();
    } catch (thrown) {
      if (this.#state === 'running') this.#state = 'idle';
      throw thrown;
    }
  }

  unary(method: string, request: Uint8Array, options: CallOptions, token: number, sink: ReplySink): number {
    const connection = this.#connection;
    if (connection === null || !connection.ready) {
      failLater(sink, token, this.#unavailable());
      return -1;
    }
    const handle = connection.unary(method, request, options, token, sink, nowMs());
    if (handle < 0) return handle;
    const own = this.#firstHandle + handle;
    if (own > this.#lastHandle) this.#lastHandle = own;
    return own;
  }

  cancel(handle: number): void {
    if (handle < 0) return;
    let owner: Link | null = null;
    for (const link of this.#links) {
      if (link.firstHandle <= handle && (owner === null || owner.firstHandle < link.firstHandle)) owner = link;
    }
    owner?.dialed?.connection.cancel(handle - owner.firstHandle);
  }

  openStream(method: string, options: CallOptions, handler: StreamHandler): ClientStream {
    const connection = this.#connection;
    if (connection === null || !connection.ready) return closedStream(handler, this.#unavailable());
    return connection.openStream(method, options, handler, nowMs());
  }

  async close(graceMs: number): Promise<void> {
    this.#state = 'closed';
    this.#connection = null;
    this.#giveUp.abort();
    if (this.#retry !== null) clearTimeout(this.#retry);
    for (const link of this.#links) link.dialed?.connection.close();
    const endMs = nowMs() + graceMs;
    while (this.#openCalls() > 0 && nowMs() < endMs) await sleep(closePollMs);
    for (const link of this.#links) link.dialed?.connection.abort('the channel is closed');
    while (this.#links.size > 0) await sleep(closePollMs); // bounded by the pump's linger
  }

  #openCalls(): number {
    let calls = 0;
    for (const link of this.#links) calls += link.dialed?.connection.openCalls ?? 0;
    return calls;
  }

  #unavailable(): string {
    return `${this.endpoint.url}: ${this.#state === 'closed' ? 'the channel is closed' : this.#lastFailure}`;
  }

  /** One attempt. Rejects with a ConnectFailure. */
  async #dial(): Promise<void> {
    const link: Link = { dialed: null, closed: false, readyAtMs: Infinity, firstHandle: Infinity };
    this.#links.add(link);
    try {
      link.dialed = await dial(this.#dialOptions(link));
    } catch (thrown) {
      this.#links.delete(link);
      throw this.#explain(thrown);
    }
    if (this.#state === 'closed') return link.dialed.connection.abort('the channel is closed');
    link.readyAtMs = nowMs();
    link.firstHandle = this.#firstHandle = this.#lastHandle + 1;
    this.#connection = link.closed ? null : link.dialed.connection;
    if (link.closed) this.#retryLater(this.#backoff.nextMs());
  }

  #dialOptions(link: Link): DialOptions {
    const { host, port, socketPath, secure, authority } = this.endpoint;
    const { tls, connectTimeoutMs, maxReceiveBytes } = this.#settings;
    return {
      target: socketPath === null ? { host: host ?? 'localhost', port } : { path: socketPath },
      tls: secure ? tlsOptions(this.endpoint, tls ?? defaultTls) : null,
      timeoutMs: connectTimeoutMs,
      signal: this.#giveUp.signal,
      makeConnection: (startMs, onOutput) =>
        new Http2ClientConnection({
          nowMs: startMs,
          onOutput,
          authority,
          secure,
          keepAliveMs: this.#keepAliveMs,
          pingAnswerWaitMs,
          limits: { messageBytesMax: maxReceiveBytes, pings: pingsReceived },
        }),
      onGoingAway: () => this.#goingAway(link),
      onClosed: (reason) => {
        link.closed = true;
        this.#links.delete(link);
        this.#lost(link, reason);
      },
    };
  }

  #explain(thrown: unknown): Error {
    const failure = isTimeout(thrown)
      ? connectTimeout(this.endpoint, this.#settings.connectTimeoutMs, thrown.message)
      : connectFailureOf(this.endpoint, thrown);
    this.#lastFailure = failure.why;
    return failure;
  }

  #goingAway(link: Link): void {
    const reason = link.dialed?.connection.closeReason ?? '';
    if (reason.includes('too_many_pings')) this.#keepAliveMs *= 2; // grpc's proposal A8: ping half as often from now on
    this.#lost(link, reason);
  }

  /** A connection that has lasted is replaced at once; one that has not is as good as a failed attempt. */
  #lost(link: Link, reason: string): void {
    if (link.dialed === null || this.#connection !== link.dialed.connection) return;
    this.#connection = null;
    this.#lastFailure = reason;
    const lasted = nowMs() - link.readyAtMs >= this.#backoff.baseMs;
    if (lasted) this.#backoff.reset();
    this.#retryLater(lasted ? 0 : this.#backoff.nextMs());
  }

  #retryLater(waitMs: number): void {
    if (this.#state === 'running') this.#retry = setTimeout(() => void this.#dialAgain(), waitMs);
  }

  async #dialAgain(): Promise<void> {
    try {
      await this.#dial();
    } catch {
      this.#retryLater(this.#backoff.nextMs()); // what went wrong is in #lastFailure, which calls get to see
    }
  }
}

function isTimeout(thrown: unknown): thrown is Error {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'WIRE_TIMEOUT';
}
