/**
 * The URLs of etcd's flags: Go's `url.Parse` as far as scheme, host and port go, then etcd's own rules (`types.NewURLs`),
 * with the words of both, because people search for them.
 */
import { isIP } from 'node:net';
import type { ListenUrl } from '../config.ts';
import { goQuote } from './go-values.ts';

interface Parts {
  readonly scheme: string;
  /** host:port as written. */
  readonly authority: string;
  readonly path: string;
}

/** Comma-separated; sorted and without duplicates, as etcd keeps them. A string is what is wrong. */
export function parseUrls(text: string): readonly ListenUrl[] | string {
  const found = new Map<string, ListenUrl>();
  for (const each of text.split(',')) {
    const url = parseUrl(each.trim());
    if (typeof url === 'string') return url;
    found.set(url.text, url);
  }
  return [...found.values()].sort((a, b) => (a.text < b.text ? -1 : 1));
}

function parseUrl(text: string): ListenUrl | string {
  const parts = goUrlParts(text);
  if (typeof parts === 'string') return `parse ${goQuote(text)}: ${parts}`;
  const { scheme, authority, path } = parts;
  if (scheme === 'unix' || scheme === 'unixs') {
    return { scheme, host: '', port: 0, path: authority + path, text: `${scheme}://${authority}${path}` };
  }
  if (scheme !== 'http' && scheme !== 'https') return `URL scheme must be http, https, unix, or unixs: ${text}`;
  const address = splitHostPort(authority);
  if (address === null) return `URL address does not have the form "host:port": ${text}`;
  if (path !== '') return `URL must not contain a path: ${text}`;
  return { scheme, host: address.host, port: Number(address.port), path: '', text: `${scheme}://${authority}` };
}

/** `url.Parse`, or its complaint. */
function goUrlParts(text: string): Parts | string {
  if (hasControlCharacter(text)) return 'net/url: invalid control character in URL';
  if (text.startsWith(':')) return 'missing protocol scheme';
  const [whole = ''] = text.split('#', 1);
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(whole)?.[1]?.toLowerCase() ?? '';
  const [rest = ''] = whole.slice(scheme === '' ? 0 : scheme.length + 1).split('?', 1);
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { scheme, authority: '', path: '' }; // opaque, as mailto:
    const [segment = ''] = rest.split('/', 1);
    return segment.includes(':')
      ? 'first path segment in URL cannot contain colon'
      : { scheme, authority: '', path: rest };
  }
  if (!rest.startsWith('//')) return { scheme, authority: '', path: rest };
  const slash = rest.indexOf('/', 2);
  const authority = rest.slice(2, slash < 0 ? undefined : slash).replace(/^.*@/s, '');
  const fault = hostFault(authority);
  return fault ?? { scheme, authority, path: slash < 0 ? '' : rest.slice(slash) };
}

function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

function hostFault(authority: string): string | null {
  const bracket = authority.startsWith('[') ? authority.lastIndexOf(']') : -1;
  if (authority.startsWith('[') && bracket < 0) return "missing ']' in host";
  const colon = bracket >= 0 ? bracket + 1 : authority.lastIndexOf(':');
  const port = colon < 0 ? '' : authority.slice(colon);
  if (!/^(:\d*)?$/.test(port)) return `invalid port ${goQuote(port)} after host`;
  const escape = /%(?!25)[^]{0,2}/.exec(authority);
  if (escape !== null) return `invalid URL escape ${goQuote(escape[0])}`;
  const odd = /[ `{}|\\^]/.exec(authority);
  return odd === null ? null : `invalid character ${goQuote(odd[0])} in host name`;
}

/** `net.SplitHostPort`; null when it would fail. */
function splitHostPort(authority: string): { readonly host: string; readonly port: string } | null {
  const match = /^(?:\[([^[\]]*)\]|([^:[\]]*)):(\d*)$/.exec(authority);
  return match === null ? null : { host: match[1] ?? match[2] ?? '', port: match[3]! };
}

/** What etcd wants of a URL to listen at: an address, not a name that may resolve to another machine. Null: it is fine. */
export function bindFault(urls: readonly ListenUrl[]): string | null {
  for (const { scheme, host, port, text } of urls) {
    if (scheme === 'unix' || scheme === 'unixs') continue;
    if (host !== 'localhost' && isIP(host) === 0) return `expected IP in URL for binding (${text})`;
    if (port > portMax) return `listen tcp: address ${port}: invalid port`;
  }
  return null;
}

const portMax = 65_535;

/** Of an advertised URL: others must be able to dial it. Null: it is fine. */
export function hostFaultOf(urls: readonly ListenUrl[]): string | null {
  const bare = urls.find(({ scheme, host }) => host === '' && scheme.startsWith('http'));
  return bare === undefined ? null : `unexpected empty host (${bare.text})`;
}
