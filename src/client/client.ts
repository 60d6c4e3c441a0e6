/**
 * The client of control commands, checks and the surroundings of a load: promises for every RPC of the method table, over
 * any number of endpoints and either transport.
 *
 * Promises: a call ends within its deadline; it is repeated (bounded, with backoff, on the next endpoint) only when that
 * cannot do harm (retry-policy.ts); tokens are fetched and renewed behind the scenes; what fails is a StatusError, or a
 * ConnectFailure when no endpoint could be reached.
 */
import type { DeepPartial } from '../api/message.ts';
import { Auth, type DuplexMethod, type ServerStreamingMethod, type UnaryMethod } from '../api/methods.ts';
import { nowMs, sleep } from '../base/clock.ts';
import type { CallOptions, Metadata } from '../wire/contract.ts';
import { StatusError } from '../wire/status.ts';
import { ApiStream } from './api-stream.ts';
import { Backoff } from './backoff.ts';
import type { Channel, ChannelSettings } from './channel.ts';
import { ConnectFailure } from './connect-failure.ts';
import { deadlineSignal, orAborted } from './deadline.ts';
import { wasNotSent } from './early-failure.ts';
import type { Endpoint } from './endpoint.ts';
import { EndpointPool } from './endpoint-pool.ts';
import { isRepeatable, remedyFor } from './retry-policy.ts';
import { TokenSource, type User } from './token-source.ts';
import { unaryBytes } from './unary-bytes.ts';

export interface ClientOptions {
  readonly endpoints: readonly Endpoint[];
  readonly channel: ChannelSettings;
  readonly user: User | null;
  /** For calls that name none, retries included. etcdctl's `--command-timeout`, 5 s. */
  readonly timeoutMs: number;
  /** Of one call, the first included. Default 16, which outlasts an election. */
  readonly attemptsMax?: number;
}

export interface UnaryOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly metadata?: Metadata;
  /** Ask this one and no other. */
  readonly endpoint?: Endpoint;
  /** May run twice without harm; default is what the method is. A Txn that only reads is one. */
  readonly repeatable?: boolean;
}

export interface StreamOptions {
  /** 0, the default, is none: a stream lives as long as it is wanted. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly metadata?: Metadata;
  readonly endpoint?: Endpoint;
}

const attemptsMaxDefault = 16;
/** Once round all endpoints costs one wait: etcd's starts at 25 ms too; with this maximum 16 attempts outlast an election. */
const retryBackoff = { baseMs: 25, maxMs: 500 };
const never = new AbortController().signal;

export class Client {
  readonly #options: ClientOptions;
  readonly #pool: EndpointPool;
  readonly #tokens: TokenSource;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#pool = new EndpointPool(options.endpoints, options.channel);
    this.#tokens = new TokenSource(options.user, (user) => this.#authenticate(user));
  }

  get endpoints(): readonly Endpoint[] {
    return this.#pool.endpoints;
  }

  /** Not needed before calls, which connect by themselves: fails early, with the reason, when no endpoint is there. */
  async connect(signal: AbortSignal = never): Promise<void> {
    await this.#pool.ready(signal);
  }

  async unary<Request, Response>(
    method: UnaryMethod<Request, Response>,
    request: DeepPartial<Request>,
    options: UnaryOptions = {},
  ): Promise<Response> {
    const call: PendingCall<Response> = {
      path: method.path,
      bytes: method.request.encode(request),
      decode: (bytes) => method.response.decode(bytes),
      repeatable: options.repeatable ?? isRepeatable(method.path),
      endMs: nowMs() + (options.timeoutMs ?? this.#options.timeoutMs),
      metadata: options.metadata ?? [],
      endpoint: options.endpoint ?? null,
    };
    const deadline = deadlineSignal(call.endMs, options.signal);
    try {
      return await this.#attempts(call, deadline.signal);
    } finally {
      deadline.cancel();
    }
  }

  /** One request, many responses. */
  async serverStream<Request, Response>(
    method: ServerStreamingMethod<Request, Response>,
    request: DeepPartial<Request>,
    options: StreamOptions = {},
  ): Promise<ApiStream<Request, Response>> {
    const stream = await this.#open(method, options);
    await stream.send(request);
    stream.end();
    return stream;
  }

  /** Requests and responses as they come. */
  duplex<Request, Response>(
    method: DuplexMethod<Request, Response>,
    options: StreamOptions = {},
  ): Promise<ApiStream<Request, Response>> {
    return this.#open(method, options);
  }

  /** What a bare channel has to send along: for load, which does not go through here. Empty without authentication. */
  metadata(): Promise<Metadata> {
    return this.#tokens.metadata('');
  }

  close(graceMs = 0): Promise<void> {
    return this.#pool.close(graceMs);
  }

  async #attempts<Response>(call: PendingCall<Response>, signal: AbortSignal): Promise<Response> {
    const backoff = new Backoff(retryBackoff, Math.random);
    const attemptsMax = this.#options.attemptsMax ?? attemptsMaxDefault;
    let refreshed = false;
    for (let attempt = 1; ; attempt++) {
      const tried: Tried = { channel: null, token: null };
      try {
        return await this.#attempt(call, signal, tried);
      } catch (thrown) {
        if (!(thrown instanceof StatusError) || attempt >= attemptsMax || signal.aborted) throw thrown;
        const remedy = this.#remedy(call.path, call.repeatable, thrown, tried.token);
        if (remedy === 'give up' || (remedy === 'refresh' && refreshed)) throw thrown;
        if (remedy === 'refresh') {
          refreshed = true;
          if (tried.token !== null) this.#tokens.forget(tried.token);
          continue;
        }
        if (tried.channel !== null) this.#pool.leave(tried.channel);
        if (attempt % this.#pool.size === 0) await sleep(backoff.nextMs(), signal);
      }
    }
  }

  async #attempt<Response>(call: PendingCall<Response>, signal: AbortSignal, tried: Tried): Promise<Response> {
    tried.token = await orAborted(this.#tokens.metadata(call.path), signal);
    tried.channel =
      call.endpoint === null ? await this.#pool.ready(signal) : await this.#pool.channelTo(call.endpoint, signal);
    const options: CallOptions = {
      timeoutMs: Math.max(1, call.endMs - nowMs()),
      metadata: call.metadata.length === 0 ? tried.token : [...tried.token, ...call.metadata],
    };
    return unaryBytes(tried.channel, call.path, call.bytes, options, signal, call.decode);
  }

  #remedy(path: string, repeatable: boolean, error: StatusError, token: Metadata | null): ReturnType<typeof remedyFor> {
    if (error instanceof ConnectFailure) return 'give up'; // every endpoint was tried, or the one that was asked for
    return remedyFor({
      error,
      repeatable,
      unseen: wasNotSent(error.message),
      hadToken: token !== null && token.length > 0,
      hasUser: this.#tokens.user !== null && path !== Auth.Authenticate.path,
    });
  }

  async #open<Request, Response>(
    method: DuplexMethod<Request, Response> | ServerStreamingMethod<Request, Response>,
    options: StreamOptions,
  ): Promise<ApiStream<Request, Response>> {
    const signal = options.signal ?? never;
    const token = await orAborted(this.#tokens.metadata(method.path), signal);
    const channel =
      options.endpoint === undefined
        ? await this.#pool.ready(signal)
        : await this.#pool.channelTo(options.endpoint, signal);
    const callOptions = { timeoutMs: options.timeoutMs ?? 0, metadata: [...token, ...(options.metadata ?? [])] };
    return new ApiStream(channel, method, callOptions, signal, (error) => {
      // The caller opens a new one, and that has a new token.
      if (this.#remedy(method.path, false, error, token) === 'refresh') this.#tokens.forget(token);
    });
  }

  async #authenticate(user: User): Promise<string> {
    const { token } = await this.unary(Auth.Authenticate, { name: user.name, password: user.password });
    return token;
  }
}

interface PendingCall<Response> {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly decode: (bytes: Uint8Array) => Response;
  readonly repeatable: boolean;
  readonly endMs: number;
  readonly metadata: Metadata;
  readonly endpoint: Endpoint | null;
}

/** How far an attempt came. */
interface Tried {
  channel: Channel | null;
  token: Metadata | null;
}
