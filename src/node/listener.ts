/**
 * The sockets that clients come in by: one wire server for each listen URL, all with one budget and one gate, so that what
 * clients make us hold is bounded over all of them. As etcd does, all addresses are bound before anything is made on the
 * disk; who connects before there is something to serve waits.
 */
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { BoundSocket, type Address } from '../wire/bound-socket.ts';
import type { ByteBudget } from '../wire/byte-budget.ts';
import type { HttpHandler, Routes } from '../wire/contract.ts';
import type { InputGate } from '../wire/input-gate.ts';
import { listen, type ListenOptions, type WireServer } from '../wire/server-socket.ts';
import type { ListenUrl, NodeConfig, NodeLog } from './config.ts';
import { goSystemText } from './config/go-system-text.ts';
import { StartFailure } from './config/start-failure.ts';

export interface ServeOptions {
  readonly config: NodeConfig;
  readonly log: NodeLog;
  readonly budget: ByteBudget;
  readonly gate: InputGate;
}

/** Beside --max-request-bytes, what a gRPC message may have around a request (docs/etcd-facts.md, request size). */
const grpcOverheadBytes = 512 * 1024;
const noRoutes: Routes = { unary: new Map(), streaming: new Map() };

export interface WireBytes {
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

/** All listeners of a node. */
export class Listeners {
  readonly #clients: readonly BoundSocket[];
  readonly #metrics: readonly BoundSocket[];
  readonly #servers = new Map<BoundSocket, WireServer>();

  constructor(clients: readonly BoundSocket[], metrics: readonly BoundSocket[]) {
    this.#clients = clients;
    this.#metrics = metrics;
  }

  /** --listen-client-urls. */
  async serveClients(options: ServeOptions, routes: Routes, http: HttpHandler): Promise<void> {
    await this.#serve(this.#clients, { ...commonOptions(options), routes, http });
  }

  /** --listen-metrics-urls, which serve nothing else. */
  async serveMetrics(options: ServeOptions, http: HttpHandler): Promise<void> {
    await this.#serve(this.#metrics, { ...commonOptions(options), routes: noRoutes, http });
  }

  /** Over all client listeners, since the start. */
  bytes(): WireBytes {
    let bytesReceived = 0;
    let bytesSent = 0;
    for (const bound of this.#clients) {
      const wire = this.#servers.get(bound)?.counters().wire;
      bytesReceived += wire?.bytesReceived ?? 0;
      bytesSent += wire?.bytesSent ?? 0;
    }
    return { bytesReceived, bytesSent };
  }

  /** Takes no more connections, lets what is open end within `graceMs`, then cuts it off. */
  async close(graceMs: number): Promise<void> {
    const all = [...this.#clients, ...this.#metrics];
    await Promise.all(all.map((bound) => this.#servers.get(bound)?.close(graceMs) ?? bound.close()));
  }

  async #serve(sockets: readonly BoundSocket[], options: Omit<ListenOptions, 'address'>): Promise<void> {
    for (const bound of sockets) this.#servers.set(bound, await listen({ ...options, address: bound }));
  }
}

/** Binds all or none; nobody is served yet. Throws a StartFailure in etcd's words. */
export async function bindListeners(config: NodeConfig, log: NodeLog): Promise<Listeners> {
  const bound: BoundSocket[] = [];
  try {
    log.info('configuring client listeners', { 'listen-client-urls': config.listenClientUrls.map(({ text }) => text) });
    for (const url of [...config.listenClientUrls, ...config.listenMetricsUrls]) bound.push(await bindOne(url));
  } catch (error) {
    await Promise.all(bound.map((socket) => socket.close()));
    throw error;
  }
  const clientsCount = config.listenClientUrls.length;
  return new Listeners(bound.slice(0, clientsCount), bound.slice(clientsCount));
}

type CommonOptions = Omit<ListenOptions, 'address' | 'routes' | 'http'>;

function commonOptions({ config, log, budget, gate }: ServeOptions): CommonOptions {
  return {
    tls: null,
    budget,
    gate,
    limits: {
      concurrentStreamsMax: config.maxConcurrentStreams,
      messageBytesMax: config.maxRequestBytes + grpcOverheadBytes,
    },
    keepAliveMs: config.grpcKeepaliveIntervalMs,
    keepAliveTimeoutMs: config.grpcKeepaliveTimeoutMs,
    keepAliveMinMs: config.grpcKeepaliveMinMs,
    onProblem: (address, error) => log.warn('a client connection failed', { address, error: error.message }),
  };
}

async function bindOne(url: ListenUrl): Promise<BoundSocket> {
  const address = addressOf(url);
  try {
    if ('path' in address && !(await isServed(address.path))) rmSync(address.path, { force: true });
    return await BoundSocket.bind(address);
  } catch (error) {
    const place = 'path' in address ? `unix ${address.path}` : `tcp ${hostPort(address.host, address.port)}`;
    throw new StartFailure('start', `listen ${place}: bind: ${goSystemText(error)}`);
  }
}

/** A socket that a crash has left is nobody's; etcd takes that of a running member away too. */
function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Go takes the IPv4 one of localhost's addresses. */
function addressOf({ scheme, host, port, path }: ListenUrl): Address {
  if (scheme === 'unix' || scheme === 'unixs') return { path };
  return { host: host === 'localhost' ? '127.0.0.1' : host, port };
}

/** What `ready to serve client requests` calls a listener. */
export function listenAddressText(url: ListenUrl): string {
  const address = addressOf(url);
  return 'path' in address ? address.path : hostPort(address.host, address.port);
}

function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
