/**
 * The listening side: accepts TCP, TLS and unix sockets, looks at their first bytes, and hands HTTP/2 to the engine and
 * HTTP/1.1 to a node http.Server that shares our handler.
 *
 *   accept -> [TLS] -> first bytes -+- "PRI" -> SocketPump + Http2ServerConnection -> routes, or the HTTP handler
 *                                   +- else  -> http.Server (never listens itself)  -> the HTTP handler
 *
 * Promises: the number of connections is bounded; a peer that is slow with its handshake, its first bytes, its headers or
 * its body is cut off; what request bodies pin is charged to the shared budget; `close` drains, then destroys.
 */
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import type { Server as NetServer, Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from 'node:tls';
import { nowMs, sleep } from '../base/clock.ts';
import { BoundSocket, type Address } from './bound-socket.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { HttpHandler, Peer, Routes } from './contract.ts';
import { WireCounters } from './counters.ts';
import type { InputGate } from './input-gate.ts';
import { serveHttp1 } from './http1.ts';
import { defaultLimits, type WireLimits } from './limits.ts';
import { Http2ServerConnection } from './server-connection.ts';
import { readBuffer, SocketPump } from './socket.ts';

export interface ListenOptions {
  /** One that is bound already is served from now on, and closed with the server. */
  readonly address: Address | BoundSocket;
  /** Certificate, key, CA and what else node:tls takes; ALPN is set here. Null is plain text. */
  readonly tls: TlsOptions | null;
  readonly routes: Routes;
  /** Plain HTTP of either version; null answers 404. */
  readonly http: HttpHandler | null;
  /** Shared by all listeners of the process. */
  readonly budget: ByteBudget;
  readonly limits?: Partial<WireLimits>;
  /** HTTP/2 sockets are not read while it is shut. Shared like the budget; default is always open. */
  readonly gate?: InputGate;
  /** Sockets open at once; more are closed when accepted. Default 20,000. */
  readonly connectionsMax?: number;
  /** The next four as in ServerConnectionOptions. */
  readonly keepAliveMs?: number;
  readonly keepAliveTimeoutMs?: number;
  readonly keepAliveMinMs?: number;
  readonly keepAlivePermitWithoutStream?: boolean;
  /** A handshake that failed, an accept that failed, an HTTP handler that threw: for the log. */
  readonly onProblem?: (peerAddress: string, error: Error) => void;
}

/** A snapshot: cheap enough for every scrape. */
export interface ServerCounters {
  readonly connectionsOpen: number;
  readonly connectionsAccepted: number;
  /** Closed on arrival because `connectionsMax` were open. */
  readonly connectionsRefused: number;
  readonly tlsHandshakesFailed: number;
  /** Closed because no byte told in time what it speaks. */
  readonly slowGreetings: number;
  /** HTTP/1.1 requests. */
  readonly http1Requests: number;
  /** HTTP/2 connections that read into the buffer that all share. */
  readonly sharedReaders: number;
  /** Summed over all HTTP/2 connections, past ones too. */
  readonly wire: WireCounters;
}

export interface WireServer {
  /** 0 for a unix socket. */
  readonly port: number;
  counters(): ServerCounters;
  /** Stops accepting, lets open calls end within `graceMs`, then destroys what is left. */
  close(graceMs: number): Promise<void>;
}

const connectionsMaxDefault = 20_000;
const closePollMs = 5;
/** How often http.Server looks for slow headers and bodies. */
const http1CheckMs = 500;
const http1IdleMs = 60_000;
const http1HeaderBytesMax = 16 * 1024;

/** Resolves when the socket listens; rejects with node's error (EADDRINUSE …). */
export async function listen(options: ListenOptions): Promise<WireServer> {
  const { address } = options;
  return new Listener(options, address instanceof BoundSocket ? address : await BoundSocket.bind(address));
}

class Listener implements WireServer {
  readonly port: number;
  readonly #options: ListenOptions;
  readonly #limits: WireLimits;
  readonly #bound: BoundSocket;
  readonly #http1: HttpServer;
  /** Accepted sockets, below TLS. */
  readonly #sockets = new Set<Socket>();
  /** Those that have not told yet what they speak, with the time by which they must. */
  readonly #greeting = new Map<Socket, number>();
  readonly #pumps = new Set<SocketPump>();
  readonly #past = new WireCounters();
  readonly #greetingCheck: NodeJS.Timeout;
  #accepted = 0;
  #refused = 0;
  #tlsFailed = 0;
  #slow = 0;
  #http1Requests = 0;
  #sharedReaders = 0;
  #closing = false;
  /** The gate is open again: sockets that were paused are resumed when their turn to be flushed comes. */
  readonly #wake = (): void => {
    for (const pump of this.#pumps) pump.markDirty();
  };

  constructor(options: ListenOptions, bound: BoundSocket) {
    this.port = bound.port;
    this.#bound = bound;
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#http1 = this.#http1Server();
    this.#greetingCheck = setInterval(() => this.#cutSlowGreetings(), Math.min(1_000, this.#limits.prefaceMs / 4));
    this.#greetingCheck.unref();
    options.gate?.watch(this.#wake);
    this.#http1.emit('listening'); // starts its checks of slow headers and bodies; it never listens itself
    bound.server.on('error', (error) => options.onProblem?.('', error)); // EMFILE while accepting
    this.#serve(bound);
  }

  counters(): ServerCounters {
    const wire = new WireCounters();
    addCounters(wire, this.#past);
    for (const pump of this.#pumps) addCounters(wire, pump.connection.counters);
    return {
      connectionsOpen: this.#sockets.size,
      connectionsAccepted: this.#accepted,
      connectionsRefused: this.#refused,
      tlsHandshakesFailed: this.#tlsFailed,
      slowGreetings: this.#slow,
      http1Requests: this.#http1Requests,
      sharedReaders: this.#sharedReaders,
      wire,
    };
  }

  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    const closed = this.#bound.close();
    this.#http1.closeIdleConnections();
    for (const socket of this.#greeting.keys()) socket.destroy();
    for (const pump of this.#pumps) pump.connection.close();
    const endMs = nowMs() + graceMs;
    while (this.#sockets.size > 0 && nowMs() < endMs) await sleep(closePollMs);
    for (const pump of this.#pumps) pump.abort('the server is shutting down');
    for (const socket of this.#sockets) socket.destroySoon();
    await sleep(closePollMs);
    for (const socket of this.#sockets) socket.destroy();
    this.#http1.close();
    clearInterval(this.#greetingCheck);
    this.#options.gate?.unwatch(this.#wake);
    await closed;
  }

  #serve(bound: BoundSocket): void {
    const { tls } = this.#options;
    const secured = tls === null ? null : this.#tlsServer(tls);
    bound.serve((socket) => {
      if (!this.#accept(socket)) return;
      if (secured === null) this.#greet(socket);
      else secured.emit('connection', socket); // it never listens itself, so that what is refused costs no handshake
    });
  }

  #tlsServer(tls: TlsOptions): NetServer {
    const server = createTlsServer({
      ...tls,
      ALPNProtocols: ['h2', 'http/1.1'],
      handshakeTimeout: this.#limits.prefaceMs,
    });
    server.on('secureConnection', (socket) => this.#greet(socket));
    server.on('tlsClientError', (error, socket) => {
      this.#tlsFailed++;
      this.#options.onProblem?.(addressOf(socket), error);
      socket.destroy();
    });
    return server;
  }

  /** False: too many are open, or we are leaving. */
  #accept(socket: Socket): boolean {
    this.#accepted++;
    if (this.#closing || this.#sockets.size >= (this.#options.connectionsMax ?? connectionsMaxDefault)) {
      this.#refused++;
      socket.destroy();
      return false;
    }
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    return true;
  }

  /** Waits for enough bytes to tell HTTP/2 from HTTP/1.1. */
  #greet(socket: Socket): void {
    const peer = peerOf(socket);
    const parts: Uint8Array[] = [];
    const onData = (chunk: Uint8Array): void => {
      parts.push(chunk);
      const head = Buffer.concat(parts);
      if (head.length < http2Start.length && http2Start.startsWith(head.toString('latin1'))) return;
      socket.removeListener('data', onData);
      this.#greeting.delete(socket);
      if (head.toString('latin1', 0, http2Start.length) === http2Start) this.#serveHttp2(socket, peer, head);
      else this.#serveHttp1(socket, head);
    };
    this.#greeting.set(socket, nowMs() + this.#limits.prefaceMs);
    socket.on('close', () => this.#greeting.delete(socket));
    socket.on('error', ignored);
    socket.on('data', onData);
  }

  #cutSlowGreetings(): void {
    const timeMs = nowMs();
    for (const [socket, endMs] of this.#greeting) {
      if (timeMs < endMs) return; // in the order of arrival
      this.#slow++;
      this.#greeting.delete(socket);
      socket.destroy();
    }
  }

  #serveHttp2(socket: Socket, peer: Peer, head: Uint8Array): void {
    const { routes, http, budget, limits, gate, keepAliveMs, keepAliveTimeoutMs, keepAliveMinMs } = this.#options;
    const connection = new Http2ServerConnection({
      nowMs: nowMs(),
      onOutput: () => pump.markDirty(),
      routes,
      http,
      budget,
      peer,
      ...defined({ limits, gate, keepAliveMs, keepAliveTimeoutMs, keepAliveMinMs }),
      keepAlivePermitWithoutStream: this.#options.keepAlivePermitWithoutStream ?? false,
    });
    const pump: SocketPump = new SocketPump(socket, connection, {
      onReceived: ignored,
      onClosed: () => {
        this.#pumps.delete(pump);
        addCounters(this.#past, connection.counters);
      },
    });
    this.#pumps.add(pump);
    pump.open();
    const read = (chunk: Uint8Array): void => {
      if (!pump.receive(chunk)) socket.pause();
    };
    read(head);
    if (readShared(socket, read)) this.#sharedReaders++;
    else socket.on('data', read);
  }

  #serveHttp1(socket: Socket, head: Buffer): void {
    socket.pause();
    socket.removeListener('error', ignored);
    socket.unshift(head);
    this.#http1.emit('connection', socket);
    socket.resume();
  }

  #http1Server(): HttpServer {
    const { http: handler, budget } = this.#options;
    const onProblem = (address: string, error: Error): void => this.#options.onProblem?.(address, error);
    const http1Options = { handler, budget, limits: this.#limits, onProblem };
    const server = createHttpServer(
      {
        connectionsCheckingInterval: Math.min(http1CheckMs, this.#limits.prefaceMs / 4),
        headersTimeout: this.#limits.prefaceMs,
        requestTimeout: this.#limits.slowRequestMs,
        keepAliveTimeout: http1IdleMs,
        maxHeaderSize: http1HeaderBytesMax,
      },
      (request, response) => {
        this.#http1Requests++;
        void serveHttp1(request, response, peerOf(request.socket), !this.#closing, http1Options);
      },
    );
    server.maxHeadersCount = this.#limits.headerFieldsMax;
    return server;
  }
}

/** The fields behind `onread`, and the handle's method that goes with them. */
const bufferFields = ['kBuffer', 'kBufferCb', 'kBufferGen'] as const;

interface BufferedHandle {
  useUserBuffer(buffer: Uint8Array): void;
}

function isBufferedHandle(handle: unknown): handle is BufferedHandle {
  return typeof handle === 'object' && handle !== null && 'useUserBuffer' in handle;
}

/**
 * `onread` for a socket that was accepted, which node gives to those that connect only: a buffer of 64 KiB for each chunk
 * costs more than the engine does with it, and its garbage starts a full collection every few thousand puts. Sets what
 * `onread` sets. False, and nothing is done, where node has these fields no more, and for TLS, which has its own buffers.
 */
function readShared(socket: Socket, read: (chunk: Uint8Array) => void): boolean {
  const fields = new Map(Object.getOwnPropertySymbols(socket).map((symbol) => [symbol.description, symbol]));
  const [buffer, callback, next] = bufferFields.map((name) => fields.get(name));
  const handle: unknown = Reflect.get(socket, '_handle');
  if (socket instanceof TLSSocket || !isBufferedHandle(handle)) return false;
  if (buffer === undefined || callback === undefined || next === undefined) return false;
  const bytes = readBuffer();
  const onRead = (count: number): boolean => {
    read(bytes.subarray(0, count));
    return true; // `read` pauses by itself
  };
  Object.assign(socket, { [buffer]: bytes, [callback]: onRead, [next]: null });
  handle.useUserBuffer(bytes);
  return true;
}

/** As much of the preface (RFC 9113, 3.4) as no HTTP/1.1 request starts with. */
const http2Start = 'PRI ';

function peerOf(socket: Socket): Peer {
  const certificate = socket instanceof TLSSocket && socket.authorized ? socket.getPeerCertificate() : null;
  const subject: unknown = certificate?.subject?.CN;
  return { address: addressOf(socket), tlsSubject: typeof subject === 'string' ? subject : null };
}

/** Go's form: host:port, IPv6 in brackets, `@` for a unix socket. */
function addressOf(socket: Socket): string {
  const { remoteAddress, remotePort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return '@';
  return remoteAddress.includes(':') ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}

function addCounters(sum: WireCounters, more: WireCounters): void {
  for (const name of Object.keys(sum) as (keyof WireCounters)[]) sum[name] += more[name];
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}

function ignored(): void {}
