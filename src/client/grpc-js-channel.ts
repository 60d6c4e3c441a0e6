/**
 * The channel over @grpc/grpc-js: what control commands use, and an independent witness of our own engine.
 * One channel is one connection: each has a subchannel pool of its own, as grpc-js would otherwise share sockets.
 */
import { isIPv4, isIPv6 } from 'node:net';
import type {
  ChannelCredentials,
  ChannelOptions,
  Client,
  ClientUnaryCall,
  Metadata,
  ServiceError,
} from '@grpc/grpc-js';
import { assert } from '../base/assert.ts';
import { emptyBytes } from '../base/bytes.ts';
import { sleep } from '../base/clock.ts';
import type { CallOptions, ClientStream, ReplySink, StreamHandler } from '../wire/contract.ts';
import { Code } from '../wire/status.ts';
import { grpcBackoff } from './backoff.ts';
import type { Channel, ChannelSettings } from './channel.ts';
import { connectFailureOf, connectTimeout, type ConnectFailure } from './connect-failure.ts';
import { closedStream, failLater } from './early-failure.ts';
import type { Endpoint } from './endpoint.ts';
import { tlsCredentials } from './grpc-js-credentials.ts';
import { toGrpcJs } from './grpc-js-metadata.ts';
import { loadGrpcJs, type GrpcJs } from './grpc-js-module.ts';
import { GrpcJsStream } from './grpc-js-stream.ts';
import { defaultTls, tlsOptions } from './tls-options.ts';

export class GrpcJsChannel implements Channel {
  readonly endpoint: Endpoint;
  readonly #settings: ChannelSettings;
  #grpc: GrpcJs | null = null;
  #client: Client | null = null;
  #closed = false;
  #nextHandle = 1;
  readonly #calls = new Map<number, ClientUnaryCall>();
  readonly #streams = new Set<GrpcJsStream>();
  #lastOptions: CallOptions | null = null;
  #lastMetadata: Metadata | null = null;
  #tlsError: Error | null = null;

  constructor(endpoint: Endpoint, settings: ChannelSettings) {
    this.endpoint = endpoint;
    this.#settings = settings;
  }

  get ready(): boolean {
    const client = this.#client;
    return client !== null && !this.#closed && stateOf(client, false) === readyState;
  }

  get trouble(): string | undefined {
    return this.ready ? undefined : this.#notConnected();
  }

  async connect(): Promise<void> {
    assert(this.#client === null && !this.#closed, 'a channel connects once at a time');
    this.#grpc = await loadGrpcJs();
    const client = new this.#grpc.Client(targetOf(this.endpoint), this.#credentials(this.#grpc), this.#options());
    this.#client = client;
    try {
      await this.#firstConnection(client);
    } catch (thrown) {
      client.close();
      this.#client = null;
      throw connectFailureOf(this.endpoint, thrown);
    }
    this.#keepConnected(client);
  }

  unary(method: string, request: Uint8Array, options: CallOptions, token: number, sink: ReplySink): number {
    const client = this.#client;
    const handle = this.#nextHandle++;
    if (client === null || !this.ready) {
      failLater(sink, token, this.#notConnected());
      return handle;
    }
    const metadata = this.#metadataOf(options);
    const onReply = (error: ServiceError | null, reply?: Uint8Array): void => {
      this.#calls.delete(handle);
      if (error === null) sink.onReply(token, Code.OK, '', reply ?? emptyBytes);
      else sink.onReply(token, error.code, error.details, emptyBytes);
    };
    const owned = Buffer.from(request); // sent in a later turn, when the caller may have reused its buffer
    const deadline = { deadline: deadlineOf(options) };
    this.#calls.set(handle, client.makeUnaryRequest(method, same, same, owned, metadata, deadline, onReply));
    return handle;
  }

  cancel(handle: number): void {
    this.#calls.get(handle)?.cancel();
  }

  openStream(method: string, options: CallOptions, handler: StreamHandler): ClientStream {
    const client = this.#client;
    if (client === null || !this.ready) return closedStream(handler, this.#notConnected());
    const deadline = { deadline: deadlineOf(options) };
    const call = client.makeBidiStreamRequest<Uint8Array, Buffer>(
      method,
      same,
      same,
      this.#metadataOf(options),
      deadline,
    );
    const stream = new GrpcJsStream(call, handler, (over) => this.#streams.delete(over));
    this.#streams.add(stream);
    return stream;
  }

  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    const endMs = Date.now() + graceMs;
    while (this.#calls.size + this.#streams.size > 0 && Date.now() < endMs) await sleep(closePollMs);
    for (const call of this.#calls.values()) call.cancel();
    for (const stream of this.#streams) stream.cancel();
    this.#client?.close();
    this.#client = null;
  }

  #notConnected(): string {
    return this.#closed ? `${this.endpoint.url}: the channel is closed` : `${this.endpoint.url}: not connected`;
  }

  #metadataOf(options: CallOptions): Metadata {
    assert(this.#grpc !== null, 'grpc-js is loaded before the first call');
    if (this.#lastMetadata === null || this.#lastOptions !== options) {
      this.#lastMetadata = toGrpcJs(this.#grpc, options.metadata);
      this.#lastOptions = options;
    }
    return this.#lastMetadata; // grpc-js copies it for each call
  }

  #credentials(grpc: GrpcJs): ChannelCredentials {
    if (!this.endpoint.secure) return grpc.credentials.createInsecure();
    const options = tlsOptions(this.endpoint, this.#settings.tls ?? defaultTls);
    return tlsCredentials(grpc, options, (error) => (this.#tlsError = error));
  }

  #options(): ChannelOptions {
    const backoff = this.#settings.reconnect ?? grpcBackoff;
    return {
      'grpc.default_authority': this.endpoint.authority,
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_retries': 0, // what failed is for the layer above to see
      'grpc.enable_http_proxy': 0,
      'grpc.enable_channelz': 0,
      'grpc.service_config_disable_resolution': 1,
      'grpc.initial_reconnect_backoff_ms': backoff.baseMs,
      'grpc.max_reconnect_backoff_ms': backoff.maxMs,
      'grpc.client_idle_timeout_ms': 2 ** 31 - 1,
      'grpc.max_receive_message_length': this.#settings.maxReceiveBytes,
      'grpc.max_send_message_length': -1,
      ...(this.#settings.keepAliveMs === 0 ? {} : { 'grpc.keepalive_time_ms': this.#settings.keepAliveMs }),
    };
  }

  /** Resolves when the state is READY; rejects at the first TRANSIENT_FAILURE with its cause. */
  async #firstConnection(client: Client): Promise<void> {
    const deadlineMs = Date.now() + this.#settings.connectTimeoutMs;
    for (;;) {
      const state = stateOf(client, true);
      if (state === readyState) return;
      if (state === transientFailureState) throw await this.#whyFailed(client);
      const changed = await stateChange(client, state, deadlineMs);
      if (!changed) throw this.#timeout();
    }
  }

  #timeout(): ConnectFailure {
    return connectTimeout(this.endpoint, this.#settings.connectTimeoutMs, 'no answer');
  }

  /** grpc-js tells the cause only to calls; in this state a call fails at once, without reaching the server. */
  #whyFailed(client: Client): Promise<ConnectFailure> {
    if (this.#tlsError !== null) return Promise.resolve(connectFailureOf(this.endpoint, this.#tlsError));
    return new Promise((resolve) => {
      const deadline = { deadline: Date.now() + 1_000 };
      client.makeUnaryRequest('/grpc/none', same, same, noRequest, this.#metadataOf(noOptions), deadline, (error) => {
        const cause = /Last error: (?:Error: )?(.*?)(?: \([-\dT:.]+Z\))?\. Resolution note/s.exec(error?.details ?? '');
        resolve(connectFailureOf(this.endpoint, new Error(cause?.[1] ?? error?.details ?? 'connection failed')));
      });
    });
  }

  /** After a lost connection grpc-js falls idle until the next call; load wants the connection back before that. */
  #keepConnected(client: Client): void {
    if (this.#closed || this.#client !== client) return;
    const state = stateOf(client, true);
    void stateChange(client, state, Infinity).then(() => this.#keepConnected(client));
  }
}

const readyState = 2; // ConnectivityState of grpc-js, which is not loaded when these are first read
const transientFailureState = 3;
const closePollMs = 5;
const noRequest = Buffer.alloc(0); // grpc-js takes Buffers only
const noOptions: CallOptions = { timeoutMs: 0, metadata: [] };

function stateOf(client: Client, connect: boolean): number {
  return client.getChannel().getConnectivityState(connect);
}

function stateChange(client: Client, state: number, deadlineMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      client.getChannel().watchConnectivityState(state, deadlineMs, (error) => resolve(error === undefined));
    } catch {
      resolve(false); // closed in the meantime
    }
  });
}

function deadlineOf(options: CallOptions): number {
  return options.timeoutMs === 0 ? Infinity : Date.now() + options.timeoutMs;
}

function targetOf(endpoint: Endpoint): string {
  if (endpoint.socketPath !== null) return `unix:${endpoint.socketPath}`;
  const host = endpoint.host ?? 'localhost';
  if (isIPv4(host)) return `ipv4:${host}:${endpoint.port}`;
  if (isIPv6(host)) return `ipv6:[${host}]:${endpoint.port}`;
  return `dns:///${host}:${endpoint.port}`;
}

/** Requests and replies are bytes already: the (de)serializer that grpc-js asks for. */
function same(bytes: Uint8Array): Buffer {
  return bytes as Buffer;
}
