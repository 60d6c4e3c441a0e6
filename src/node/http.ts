/**
 * Plain HTTP at the client and the metrics listeners: /health, /livez, /readyz, /version, /metrics, and etcd's answers to
 * everything else (docs/etcd-facts.md, http endpoints), CORS and host check around them.
 */
import { emptyBytes, utf8 } from '../base/bytes.ts';
import type { HttpHandler, HttpRequest, HttpResponse, Metadata } from '../wire/contract.ts';
import type { Health, Probe } from './health.ts';
import { clusterVersion as storageVersion, etcdVersion } from './releases.ts';
import type { Requests } from './requests.ts';

export interface HttpSources {
  readonly requests: Requests;
  readonly health: Health;
  /** /metrics, whatever the method. */
  readonly metrics: HttpHandler;
}

export interface HttpAccess {
  /** Origins that a browser may call from; `*`, or none, is all. */
  readonly corsOrigins: readonly string[];
  /** Hosts that plain HTTP may be asked for (DNS rebinding, CVE-2018-5702); `*`, or none, is all. */
  readonly hostWhitelist: readonly string[];
}

/** Of the client listeners. */
export function clientHttp(sources: HttpSources, access: HttpAccess): HttpHandler {
  const origins = allowance(access.corsOrigins);
  const hosts = allowance(access.hostWhitelist);
  return async (request) => {
    const host = hostOf(request);
    if (hosts !== null && !hosts.has(host)) return errorResponse(421, strangeHost(host));
    const cors = corsHeaders(request, origins);
    if (request.method === 'OPTIONS') return { status: 200, headers: cors, body: emptyBytes };
    const response = await clientAnswer(request, sources);
    return { ...response, headers: [...response.headers, ...cors] };
  };
}

/** Of the metrics listeners: nothing but metrics and health. */
export function metricsHttp(sources: HttpSources): HttpHandler {
  return (request) => sharedAnswer(request, sources) ?? Promise.resolve(notFound());
}

async function clientAnswer(request: HttpRequest, sources: HttpSources): Promise<HttpResponse> {
  if (pathOf(request) !== '/version') return (await sharedAnswer(request, sources)) ?? notFound();
  return methodFault(request) ?? versionAnswer(sources.requests);
}

/** What both kinds of listener answer; null for other paths. */
function sharedAnswer(request: HttpRequest, sources: HttpSources): Promise<HttpResponse> | null {
  const path = pathOf(request);
  if (path === '/metrics') return sources.metrics(request);
  if (path === '/health') return healthAnswer(request, sources.health);
  const probe = /^\/(livez|readyz)(?:\/([^/]*))?$/.exec(path);
  return probe === null ? null : probeAnswer(request, sources.health, probe[1] as Probe, probe[2] ?? null);
}

async function healthAnswer(request: HttpRequest, health: Health): Promise<HttpResponse> {
  const refused = methodFault(request);
  if (refused !== null) return refused;
  const query = queryOf(request);
  const reason = await health.reason(query.get('serializable') === 'true', new Set(query.getAll('exclude')));
  const body = JSON.stringify({ health: String(reason === ''), reason });
  return reason === '' ? textResponse(200, body) : errorResponse(503, body);
}

/** `only`: the one check that the path names. */
async function probeAnswer(
  request: HttpRequest,
  health: Health,
  probe: Probe,
  only: string | null,
): Promise<HttpResponse> {
  const refused = methodFault(request);
  if (refused !== null) return refused;
  const known = health.namesOf(probe);
  if (only !== null && !known.includes(only)) return notFound();
  const query = queryOf(request);
  const excluded = query.getAll('exclude');
  const lines: string[] = [];
  let failed = false;
  for (const name of only === null ? known.filter((each) => !excluded.includes(each)) : [only]) {
    const { fault } = await health.check(probe, name);
    lines.push(fault === '' ? `[+]${name} ok\n` : `[-]${name} failed: ${fault}\n`);
    failed ||= fault !== '';
  }
  if (failed) return errorResponse(503, lines.join(''));
  return textResponse(200, `${query.has('verbose') ? lines.join('') : ''}ok\n`);
}

function versionAnswer({ state }: Requests): HttpResponse {
  const cluster = state.clusterVersion;
  const versions = {
    etcdserver: etcdVersion,
    etcdcluster: cluster ?? 'not_decided',
    storage: cluster === null ? 'unknown' : storageVersion,
  };
  return { status: 200, headers: [['Content-Type', 'application/json']], body: utf8(JSON.stringify(versions)) };
}

function methodFault(request: HttpRequest): HttpResponse | null {
  return request.method === 'GET' ? null : errorResponse(405, 'Method Not Allowed', [['Allow', 'GET']]);
}

function notFound(): HttpResponse {
  return errorResponse(404, '404 page not found');
}

/** Go's `http.Error`: the text and a line end, never to be taken for anything else. */
function errorResponse(status: number, text: string, headers: Metadata = []): HttpResponse {
  const { body, headers: type } = textResponse(status, `${text}\n`);
  return { status, headers: [...headers, ...type, ['X-Content-Type-Options', 'nosniff']], body };
}

function textResponse(status: number, text: string): HttpResponse {
  return { status, headers: [['Content-Type', 'text/plain; charset=utf-8']], body: utf8(text) };
}

function pathOf({ path }: HttpRequest): string {
  const end = path.indexOf('?');
  return end < 0 ? path : path.slice(0, end);
}

function queryOf({ path }: HttpRequest): URLSearchParams {
  const at = path.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : path.slice(at + 1));
}

/** Null: everything is allowed. */
function allowance(list: readonly string[]): ReadonlySet<string> | null {
  return list.length === 0 || list.includes('*') ? null : new Set(list);
}

function corsHeaders(request: HttpRequest, origins: ReadonlySet<string> | null): Metadata {
  const origin = origins === null ? '*' : headerOf(request, 'origin');
  if (origins !== null && !origins.has(origin)) return [];
  return [
    ['Access-Control-Allow-Methods', 'POST, GET, OPTIONS, PUT, DELETE'],
    ['Access-Control-Allow-Origin', origin],
    ['Access-Control-Allow-Headers', 'accept, content-type, authorization'],
  ];
}

function headerOf({ headers }: HttpRequest, name: string): string {
  return headers.find(([each]) => each.toLowerCase() === name)?.[1] ?? '';
}

/** Without its port. */
function hostOf(request: HttpRequest): string {
  const host = headerOf(request, 'host') || headerOf(request, ':authority');
  return /^\[([^\]]*)\](?::\d+)?$/.exec(host)?.[1] ?? host.replace(/:\d*$/, '');
}

function strangeHost(host: string): string {
  return `the Host header ${JSON.stringify(host)} is not one of --host-whitelist: add it there, or use TLS`;
}
