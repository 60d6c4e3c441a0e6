/**
 * A plain HTTP request on an HTTP/2 stream: its body is collected within a bound, the handler's answer is sent as the reader
 * takes it. The one place of the engine with promises: plain requests are few, and their handlers are asynchronous.
 */
import { concatBytes, copyBytes, utf8 } from '../base/bytes.ts';
import type { HttpHandler, HttpResponse, Metadata, Peer } from './contract.ts';
import { fieldFault } from './header-rules.ts';
import { Http2Stream } from './http2-stream.ts';
import type { RequestHead } from './request-head.ts';

/** What an exchange asks of its connection. */
export interface HttpExchangeHost {
  readonly peer: Peer;
  writeHead(exchange: HttpExchange, headers: Metadata, endStream: boolean): void;
  /** False: wait for `onDrain`. */
  writeBody(exchange: HttpExchange, bytes: Uint8Array): boolean;
  endBody(exchange: HttpExchange): void;
  /** The answer broke off. */
  breakOff(exchange: HttpExchange): void;
  /** END_STREAM has left. */
  exchangeEnded(exchange: HttpExchange): void;
}

export class HttpExchange extends Http2Stream {
  readonly kind = 'http';
  readonly head: RequestHead;
  readonly #host: HttpExchangeHost;
  /** Payload bytes of DATA, to compare with content-length and the limit. */
  receivedBytes = 0;
  /** `respond` was called, by the handler or for it. */
  answered = false;
  #body: Uint8Array[] = [];
  #wake: (() => void) | null = null;

  constructor(host: HttpExchangeHost, head: RequestHead) {
    super();
    this.#host = host;
    this.head = head;
  }

  /** Body bytes are a message that never completes: tiny frames always cost. */
  override get midMessage(): boolean {
    return true;
  }

  /** Keeps a part of the request's body (copied). */
  addBody(bytes: Uint8Array): void {
    this.#body.push(copyBytes(bytes));
  }

  /** The request is complete: asks the handler, and sends what it says. */
  async serve(handler: HttpHandler): Promise<void> {
    const { method, path, headers } = this.head;
    const body = concatBytes(this.#body);
    this.#body = [];
    let response: HttpResponse;
    try {
      response = await handler({ method, path, headers, body, peer: this.#host.peer });
    } catch {
      response = plainResponse(500, 'internal error\n');
    }
    await this.respond(response);
  }

  async respond(response: HttpResponse): Promise<void> {
    if (this.answered || this.over) return closeBody(response);
    this.answered = true;
    const headers: Metadata = [
      [':status', String(response.status)],
      ...response.headers.map(lowerCase).filter(isSound),
    ];
    const bodiless = this.head.method === 'HEAD' || response.status === 204 || response.status === 304;
    this.#host.writeHead(this, headers, bodiless);
    if (bodiless) {
      this.#host.exchangeEnded(this);
      return closeBody(response);
    }
    if (response.body instanceof Uint8Array) this.#host.writeBody(this, response.body);
    else if (!(await this.#pipe(response.body))) return;
    this.#host.endBody(this);
  }

  /** The stream is gone: whoever waits for room is woken, and finds that. */
  onGone(): void {
    this.#body = [];
    this.onDrain();
  }

  override onDrain(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  override onQueueEmpty(): void {
    if (this.localEnded) this.#host.exchangeEnded(this);
  }

  /** True when all of it was written. Leaving the loop closes the iterator. */
  async #pipe(body: AsyncIterable<Uint8Array>): Promise<boolean> {
    try {
      for await (const chunk of body) {
        if (this.over) return false;
        if (!this.#host.writeBody(this, chunk)) await this.#drained();
        if (this.over) return false;
      }
      return true;
    } catch {
      this.#host.breakOff(this);
      return false;
    }
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** A short answer of our own, in text. */
export function plainResponse(status: number, text: string): HttpResponse {
  return { status, headers: [['content-type', 'text/plain; charset=utf-8']], body: utf8(text) };
}

/** An answer that nobody takes: its producer has to know. */
async function closeBody(response: HttpResponse): Promise<void> {
  if (response.body instanceof Uint8Array) return;
  await response.body[Symbol.asyncIterator]().return?.();
}

function lowerCase([name, value]: readonly [string, string]): readonly [string, string] {
  return [name.toLowerCase(), value];
}

/** Handlers are shared with HTTP/1.1: what only that knows is left out (RFC 9113 8.2.2). */
function isSound([name, value]: readonly [string, string]): boolean {
  return fieldFault(name, value) === '';
}
