/** A client and a server connection joined in memory, with a clock that stands still until told otherwise. */
import { copyBytes } from '../../src/base/bytes.ts';
import { Http2ClientConnection } from '../../src/wire/client-connection.ts';
import type { ClientConnectionOptions, ServerConnectionOptions } from '../../src/wire/connection-options.ts';
import type { CallOptions, Metadata, ReplySink, StreamHandler } from '../../src/wire/contract.ts';
import { Http2ServerConnection } from '../../src/wire/server-connection.ts';

export const plain: CallOptions = { timeoutMs: 0, metadata: [] };
export const noRoutes: ServerConnectionOptions['routes'] = { unary: new Map(), streaming: new Map() };

export interface LoopbackOptions {
  readonly server?: Partial<ServerConnectionOptions>;
  readonly client?: Partial<ClientConnectionOptions>;
  /** Bytes handed over at once; 0 is all of them. */
  readonly chunkBytes?: number;
}

export class Loopback {
  readonly client: Http2ClientConnection;
  readonly server: Http2ServerConnection;
  nowMs = 1_000;
  readonly #chunkBytes: number;

  constructor(options: LoopbackOptions = {}) {
    this.#chunkBytes = options.chunkBytes ?? 0;
    const common = { nowMs: this.nowMs, onOutput: () => {} };
    this.server = new Http2ServerConnection({
      ...common,
      routes: noRoutes,
      http: null,
      peer: { address: '127.0.0.1:1', tlsSubject: null },
      ...options.server,
    });
    this.client = new Http2ClientConnection({
      ...common,
      authority: 'localhost:2379',
      secure: false,
      ...options.client,
    });
  }

  /** Hands bytes back and forth until both are silent. */
  pump(): void {
    for (let rounds = 0; rounds < 100_000; rounds++) {
      const there = this.#carry(this.client, this.server);
      const back = this.#carry(this.server, this.client);
      if (!there && !back) return;
    }
    throw new Error('the two never fall silent');
  }

  advance(ms: number): void {
    this.nowMs += ms;
    this.client.tick(this.nowMs);
    this.server.tick(this.nowMs);
    this.pump();
  }

  #carry(
    from: Http2ClientConnection | Http2ServerConnection,
    to: Http2ClientConnection | Http2ServerConnection,
  ): boolean {
    const bytes = from.takeOutput();
    if (bytes === null) return false;
    from.outputDrained();
    const step = this.#chunkBytes === 0 ? bytes.length : this.#chunkBytes;
    for (let at = 0; at < bytes.length; at += step) {
      const chunk = Uint8Array.prototype.slice.call(bytes, at, at + step);
      to.receive(chunk, this.nowMs);
      chunk.fill(0xee); // nothing of it may be kept
    }
    from.outputLeft();
    return true;
  }
}

export interface Reply {
  readonly token: number;
  readonly code: number;
  readonly message: string;
  readonly payload: Uint8Array;
}

/** Collects unary replies. */
export class Replies implements ReplySink {
  readonly all: Reply[] = [];

  onReply(token: number, code: number, message: string, payload: Uint8Array): void {
    this.all.push({ token, code, message, payload: copyBytes(payload) });
  }
}

/** Collects what a streaming call is told. */
export class Recorder implements StreamHandler {
  readonly messages: Uint8Array[] = [];
  headers: Metadata | null = null;
  end: { code: number; message: string; trailers: Metadata } | null = null;
  drains = 0;

  onHeaders(metadata: Metadata): void {
    this.headers = metadata;
  }

  onMessage(payload: Uint8Array): void {
    this.messages.push(copyBytes(payload));
  }

  onEnd(code: number, message: string, trailers: Metadata): void {
    if (this.end !== null) throw new Error('ended twice');
    this.end = { code, message, trailers };
  }

  onDrain(): void {
    this.drains++;
  }
}
