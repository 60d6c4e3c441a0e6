/** Where a member listens: `http://host:port`, `https://…`, `unix://path`, or etcdctl's bare `host:port`. */
import { Failure } from '../base/failure.ts';

export interface Endpoint {
  /** As printed: the URL in full, with its port. */
  readonly url: string;
  readonly secure: boolean;
  /** Host and port; host is null for a unix socket. IPv6 without brackets. */
  readonly host: string | null;
  readonly port: number;
  readonly socketPath: string | null;
  /** What goes into :authority. */
  readonly authority: string;
}

/**
 * Reads one endpoint. A missing scheme means http, or https when `tlsGiven`; a missing port means 2379.
 * Throws a Failure ENDPOINT that quotes the text.
 */
export function parseEndpoint(text: string, tlsGiven = false): Endpoint {
  const trimmed = text.trim();
  const unix = /^(unixs?):(?:\/\/)?(.+)$/.exec(trimmed);
  if (unix !== null) return unixEndpoint(unix[2]!, unix[1] === 'unixs');
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `${tlsGiven ? 'https' : 'http'}://${trimmed}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : null;
  if (url === null || url.hostname === '') throw badEndpoint(text, 'is not host:port or a URL');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw badEndpoint(text, 'needs http, https or unix');
  if (url.pathname !== '/' || url.search !== '' || url.username !== '') throw badEndpoint(text, 'has more than a port');
  return tcpEndpoint(url, portOf(url, trimmed));
}

/** Reads `a,b,c`; empty items are an error, as a trailing comma usually is a typing mistake. */
export function parseEndpoints(text: string, tlsGiven = false): Endpoint[] {
  return text.split(',').map((item) => parseEndpoint(item, tlsGiven));
}

function tcpEndpoint(url: URL, port: number): Endpoint {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const authority = `${url.hostname}:${port}`;
  return {
    url: `${url.protocol}//${authority}`,
    secure: url.protocol === 'https:',
    host,
    port,
    socketPath: null,
    authority,
  };
}

/** URL drops a port that is its scheme's default, so 80 and 443 are read from the text. */
function portOf(url: URL, text: string): number {
  if (url.port !== '') return Number(url.port);
  return Number(/:(80|443)\/?$/.exec(text)?.[1] ?? 2379);
}

function unixEndpoint(path: string, secure: boolean): Endpoint {
  const scheme = secure ? 'unixs' : 'unix';
  return { url: `${scheme}://${path}`, secure, host: null, port: 0, socketPath: path, authority: 'localhost' };
}

function badEndpoint(text: string, why: string): Failure {
  return new Failure('ENDPOINT', `endpoint "${text}" ${why}`, {
    remedy: 'write http://127.0.0.1:2379 or 127.0.0.1:2379',
  });
}
