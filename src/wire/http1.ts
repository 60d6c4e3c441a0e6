/**
 * One HTTP/1.1 exchange as the `HttpHandler` sees it: bounded body in, status, headers and bytes out. Written over the
 * shape of node's request and response, so that this file does no I/O; server-socket.ts brings the real ones.
 */
import { concatBytes, emptyBytes } from '../base/bytes.ts';
import { ByteAccount, type ByteBudget } from './byte-budget.ts';
import type { HttpHandler, HttpResponse, Metadata, Peer } from './contract.ts';
import type { WireLimits } from './limits.ts';

/** What is used of http.IncomingMessage. */
export interface Http1Request extends AsyncIterable<Uint8Array> {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly rawHeaders: readonly string[];
}

/** What is used of http.ServerResponse. */
export interface Http1Response {
  shouldKeepAlive: boolean;
  readonly destroyed: boolean;
  writeHead(status: number, headers: string[]): unknown;
  write(chunk: Uint8Array): boolean;
  end(chunk?: Uint8Array): unknown;
  destroy(): unknown;
  /** Destroys the socket after so long without progress; 0 is never. */
  setTimeout(ms: number): unknown;
  once(event: 'drain' | 'close', listener: () => void): unknown;
  removeListener(event: 'drain' | 'close', listener: () => void): unknown;
}

export interface Http1Options {
  readonly handler: HttpHandler | null;
  readonly budget: ByteBudget;
  readonly limits: WireLimits;
  readonly onProblem: (peerAddress: string, error: Error) => void;
}

/** Serves one request to its end; never rejects. `keepAlive` false closes the connection after it. */
export async function serveHttp1(
  request: Http1Request,
  response: Http1Response,
  peer: Peer,
  keepAlive: boolean,
  options: Http1Options,
): Promise<void> {
  if (!keepAlive) response.shouldKeepAlive = false;
  try {
    const answer = await answerTo(request, response, peer, options);
    if (answer !== null) await write(answer, request.method === 'HEAD', response, options.limits.stalledReaderMs);
  } catch (thrown) {
    response.destroy(); // the body broke off in the middle: cutting the connection is the only way to say so
    options.onProblem(peer.address, asError(thrown));
  }
}

/** Null: the peer went away in the middle of its request. */
async function answerTo(
  request: Http1Request,
  response: Http1Response,
  peer: Peer,
  options: Http1Options,
): Promise<HttpResponse | null> {
  if (options.handler === null) return textAnswer(404, 'not found');
  const account = new ByteAccount(Infinity, options.budget);
  try {
    const body = await readBody(request, options.limits.httpBodyBytesMax, account);
    if (body !== null) return await handled(options.handler, request, body, peer, options);
    response.shouldKeepAlive = false; // the rest of the body is not worth reading
    return options.budget.exhausted ? textAnswer(503, 'server busy') : textAnswer(413, 'request body too large');
  } catch {
    response.destroy();
    return null;
  } finally {
    account.close();
  }
}

async function handled(
  handler: HttpHandler,
  request: Http1Request,
  body: Uint8Array,
  peer: Peer,
  options: Http1Options,
): Promise<HttpResponse> {
  const headers = lowerCased(request.rawHeaders);
  try {
    return await handler({ method: request.method ?? 'GET', path: request.url ?? '/', headers, body, peer });
  } catch (thrown) {
    options.onProblem(peer.address, asError(thrown));
    return textAnswer(500, 'internal server error');
  }
}

/** Null when the body is longer than `bytesMax` or the process holds too much already. */
async function readBody(request: Http1Request, bytesMax: number, account: ByteAccount): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    account.charge(chunk.length);
    if (bytes > bytesMax || account.exhausted) return null;
    chunks.push(chunk);
  }
  return chunks.length === 0 ? emptyBytes : concatBytes(chunks);
}

async function write(answer: HttpResponse, isHead: boolean, response: Http1Response, stalledMs: number): Promise<void> {
  const headers = answer.headers.flat();
  if (answer.body instanceof Uint8Array) {
    response.writeHead(answer.status, [...headers, 'content-length', String(answer.body.length)]);
    response.setTimeout(stalledMs);
    response.end(isHead ? emptyBytes : answer.body);
    return;
  }
  response.writeHead(answer.status, headers);
  if (!isHead) await writeChunks(answer.body, response, stalledMs);
  response.end();
}

/** Produced as the reader takes them; leaving the loop early ends the producer. */
async function writeChunks(body: AsyncIterable<Uint8Array>, response: Http1Response, stalledMs: number): Promise<void> {
  for await (const chunk of body) {
    if (response.destroyed) return;
    if (response.write(chunk)) continue;
    response.setTimeout(stalledMs);
    await drainOrClose(response);
    response.setTimeout(0);
  }
}

function drainOrClose(response: Http1Response): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.removeListener('drain', done);
      response.removeListener('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function textAnswer(status: number, text: string): HttpResponse {
  const headers: Metadata = [['content-type', 'text/plain; charset=utf-8']];
  return { status, headers, body: Buffer.from(`${text}\n`) };
}

function lowerCased(rawHeaders: readonly string[]): Metadata {
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) headers.push([rawHeaders[i]!.toLowerCase(), rawHeaders[i + 1]!]);
  return headers;
}
