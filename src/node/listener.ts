/**
 * The sockets that clients come in by: one wire server for each listen URL, all with one budget and one gate, so that what
 * clients make us hold is bounded over all of them.
 */
import { rmSync } from 'node:fs';
import type { ByteBudget } from '../wire/byte-budget.ts';
import type { HttpHandler, Routes } from '../wire/contract.ts';
import type { InputGate } from '../wire/input-gate.ts';
import { listen, type ListenOptions, type WireServer } from '../wire/server-socket.ts';
import type { ListenUrl, NodeConfig, NodeLog } from './config.ts';
import { goSystemText } from './config/go-system-text.ts';
import { StartFailure } from './config/start-failure.ts';

export interface ListenersOptions {
  readonly config: NodeConfig;
  readonly log: NodeLog;
  readonly routes: Routes;
  readonly clientHttp: HttpHandler;
  /** Of --listen-metrics-urls, which serve nothing else. */
  readonly metricsHttp: HttpHandler;
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

/** All listeners of a node, open. */
export class Listeners {
  readonly #clients: readonly WireServer[];
  readonly #metrics: readonly WireServer[];

  constructor(clients: readonly WireServer[], metrics: readonly WireServer[]) {
    this.#clients = clients;
    this.#metrics = metrics;
  }

  /** Over all client listeners, since the start. */
  bytes(): WireBytes {
    let bytesReceived = 0;
    let bytesSent = 0;
    for (const server of this.#clients) {
      const { wire } = server.counters();
      bytesReceived += wire.bytesReceived;
      bytesSent += wire.bytesSent;
    }
    return { bytesReceived, bytesSent };
  }

  /** Takes no more connections, lets what is open end within `graceMs`, then cuts it off. */
  async close(graceMs: number): Promise<void> {
    await Promise.all([...this.#clients, ...this.#metrics].map((server) => server.close(graceMs)));
  }
}

/** Opens all or none. Throws a StartFailure in etcd's words. */
export async function openListeners(options: ListenersOptions): Promise<Listeners> {
  const { config, log } = options;
  const opened: WireServer[] = [];
  const open = async (
    urls: readonly ListenUrl[],
    serve: Pick<ListenOptions, 'routes' | 'http'>,
  ): Promise<WireServer[]> => {
    const servers: WireServer[] = [];
    for (const url of urls) {
      const server = await openOne(url, { ...commonOptions(options), ...serve });
      servers.push(server);
      opened.push(server);
    }
    return servers;
  };
  try {
    log.info('configuring client listeners', { 'listen-client-urls': config.listenClientUrls.map(({ text }) => text) });
    const clients = await open(config.listenClientUrls, { routes: options.routes, http: options.clientHttp });
    const metrics = await open(config.listenMetricsUrls, { routes: noRoutes, http: options.metricsHttp });
    return new Listeners(clients, metrics);
  } catch (error) {
    await Promise.all(opened.map((server) => server.close(0)));
    throw error;
  }
}

type CommonOptions = Omit<ListenOptions, 'address' | 'routes' | 'http'>;

function commonOptions({ config, log, budget, gate }: ListenersOptions): CommonOptions {
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

async function openOne(url: ListenUrl, options: Omit<ListenOptions, 'address'>): Promise<WireServer> {
  const address = addressOf(url);
  try {
    if ('path' in address) rmSync(address.path, { force: true }); // as etcd: a socket that a crash has left
    return await listen({ ...options, address });
  } catch (error) {
    const place = 'path' in address ? `unix ${address.path}` : `tcp ${hostPort(address.host, address.port)}`;
    throw new StartFailure('start', `listen ${place}: bind: ${goSystemText(error)}`);
  }
}

/** Go takes the IPv4 one of localhost's addresses. */
function addressOf({ scheme, host, port, path }: ListenUrl): ListenOptions['address'] {
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
