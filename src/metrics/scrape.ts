/**
 * GET /metrics of one member over http, https or a unix socket, again and again on one kept connection. What goes wrong
 * is a reason in words and never an exception: a run goes on without server metrics and says why they are missing.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest, type AgentOptions } from 'node:https';
import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import { messageOf } from '../base/failure.ts';
import { parseExposition, type Exposition } from './exposition.ts';

/** Where to ask: the fields of a client endpoint that matter here. */
export interface ScrapeTarget {
  readonly url: string;
  readonly secure: boolean;
  readonly host: string | null;
  readonly port: number;
  readonly socketPath: string | null;
  readonly authority: string;
}

/** PEM texts, as the client's channel has them. */
export interface ScrapeTls {
  readonly caPem: string | null;
  readonly certPem: string | null;
  readonly keyPem: string | null;
  readonly serverName: string | null;
  readonly insecureSkipVerify: boolean;
}

export type ScrapeResult =
  | {
      readonly exposition: Exposition;
      readonly reason: null;
      /** To the byte what it said before: a server that caches its metrics has looked at none of them since. */
      readonly repeated: boolean;
    }
  | { readonly exposition: null; readonly reason: string };

/** A member of a large cluster answers with 300 KB. */
export const scrapeBytesMax = 16 * 1024 * 1024;

export interface ScraperOptions {
  /** For connecting, the answer and its last byte together. Default 2,000. */
  readonly timeoutMs?: number;
  /** Default `/metrics`. */
  readonly path?: string;
}

export class Scraper {
  readonly #target: ScrapeTarget;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #timeoutMs: number;
  readonly #path: string;
  #lastText = '';

  constructor(target: ScrapeTarget, tls: ScrapeTls | null, options: ScraperOptions = {}) {
    this.#target = target;
    this.#timeoutMs = options.timeoutMs ?? 2_000;
    this.#path = options.path ?? '/metrics';
    const agent = { keepAlive: true, maxSockets: 1, maxFreeSockets: 1 };
    this.#agent = target.secure ? new HttpsAgent({ ...agent, ...tlsOptions(target, tls) }) : new HttpAgent(agent);
  }

  /** Resolves within the time limit, always. */
  async scrape(): Promise<ScrapeResult> {
    const signal = AbortSignal.timeout(this.#timeoutMs);
    try {
      const text = await this.#get(signal).catch((thrown: unknown) => this.#again(thrown, signal));
      const exposition = parseExposition(text);
      const repeated = text === this.#lastText;
      this.#lastText = text;
      return { exposition, reason: null, repeated };
    } catch (thrown) {
      const why = signal.aborted ? `no answer within ${this.#timeoutMs} ms` : reasonOf(thrown);
      return { exposition: null, reason: `${this.#target.url}${this.#path}: ${why}` };
    }
  }

  /** Closes the kept connection. */
  close(): void {
    this.#agent.destroy();
  }

  #get(signal: AbortSignal): Promise<string> {
    const { host, port, socketPath, authority, secure } = this.#target;
    const place = socketPath === null ? { host, port } : { socketPath };
    // No Accept-Encoding: compressing would cost the server under test CPU that the result would show.
    const headers = { host: authority, accept: 'text/plain;version=0.0.4' };
    const options: RequestOptions = { ...place, path: this.#path, headers, agent: this.#agent, signal };
    return new Promise((resolve, reject) => {
      const request = secure ? httpsRequest(options) : httpRequest(options);
      request.once('error', (error) => reject(request.reusedSocket ? new StaleConnection(error) : error));
      request.once('response', (response) => void readBody(response).then(resolve, reject));
      request.end();
    });
  }

  /** A kept connection may have been closed by the server while nobody looked: then a new one is tried, once. */
  async #again(thrown: unknown, signal: AbortSignal): Promise<string> {
    if (!(thrown instanceof StaleConnection)) throw thrown;
    return this.#get(signal);
  }
}

class StaleConnection extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

/** Node reports a host with several addresses as a bundle without a message. */
function reasonOf(thrown: unknown): string {
  return thrown instanceof AggregateError && thrown.errors.length > 0 ? messageOf(thrown.errors[0]) : messageOf(thrown);
}

/** The body of a 200 answer; anything else rejects. */
async function readBody(response: IncomingMessage): Promise<string> {
  if (response.statusCode !== 200) {
    response.resume();
    throw new Error(`HTTP ${response.statusCode ?? 0}`);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > scrapeBytesMax) throw new Error(`more than ${scrapeBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function tlsOptions(target: ScrapeTarget, tls: ScrapeTls | null): AgentOptions {
  const name = tls?.serverName ?? target.host ?? 'localhost';
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: tls?.insecureSkipVerify !== true,
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    ...(isIP(name) === 0 ? { servername: name } : {}), // RFC 6066, 3: no literal addresses in server_name
    ...(tls === null ? {} : pemOptions(tls)),
  };
}

function pemOptions(tls: ScrapeTls): AgentOptions {
  return {
    ...(tls.caPem === null ? {} : { ca: tls.caPem }),
    ...(tls.certPem === null ? {} : { cert: tls.certPem }),
    ...(tls.keyPem === null ? {} : { key: tls.keyPem }),
  };
}
