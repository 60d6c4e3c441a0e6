/**
 * The server's side of one gRPC call, and the face of it that handlers hold. One object for each call, never reused: a
 * handler may keep it as long as it likes, and what it says too late is ignored.
 */
import type { Metadata, PartSource, Peer, ServerCall, ServerStreamHandler, UnaryHandler } from './contract.ts';
import { Http2Stream } from './http2-stream.ts';
import type { RequestHead } from './request-head.ts';
import { Code } from './status.ts';

/** What a call asks of its connection. */
export interface ServerCallHost {
  readonly peer: Peer;
  sendHeadersOn(call: GrpcCall, metadata: Metadata): void;
  sendOn(call: GrpcCall, payload: Uint8Array): boolean;
  endOn(call: GrpcCall, code: number, message: string, trailers: Metadata): void;
  replyOn(call: GrpcCall, payload: Uint8Array): void;
  beginMessageOn(call: GrpcCall, messageBytes: number): void;
  sendPartOn(call: GrpcCall, bytes: Uint8Array): boolean;
  /** What was queued has left, and with it what `end` waited for. */
  queueEmptyOn(call: GrpcCall): void;
}

/** How a handler ended its call, while queued messages are still ahead. */
export interface WaitingEnd {
  readonly code: number;
  readonly message: string;
  readonly trailers: Metadata;
}

const noTrailers: Metadata = [];

export class GrpcCall extends Http2Stream implements ServerCall {
  readonly kind = 'grpc';
  readonly head: RequestHead;
  readonly #host: ServerCallHost;
  /** Of a unary method, until it has been called. */
  unary: UnaryHandler | null = null;
  /** Of a streaming method. */
  stream: ServerStreamHandler | null = null;
  /** Of messages that are sent in parts, and what is still to come of the one that was begun. */
  source: PartSource | null = null;
  missingBytes = 0;
  cancelled = false;
  headersSent = false;
  /** `end` or `reply` was called, by the handler or for it. */
  answered = false;
  /** The handler itself has ended the call: it is told nothing more. */
  handlerDone = false;
  waitingEnd: WaitingEnd | null = null;
  /** Payload bytes of DATA, to compare with content-length. */
  receivedBytes = 0;

  constructor(host: ServerCallHost, head: RequestHead) {
    super();
    this.#host = host;
    this.head = head;
  }

  get method(): string {
    return this.head.path;
  }

  get metadata(): Metadata {
    return this.head.metadata;
  }

  get authority(): string {
    return this.head.authority;
  }

  get peer(): Peer {
    return this.#host.peer;
  }

  sendHeaders(metadata: Metadata): void {
    this.#host.sendHeadersOn(this, metadata);
  }

  send(payload: Uint8Array): boolean {
    return this.#host.sendOn(this, payload);
  }

  end(code: number, message: string, trailers: Metadata = noTrailers): void {
    this.handlerDone = true;
    this.#host.endOn(this, code, code === Code.OK ? '' : message, trailers);
  }

  reply(payload: Uint8Array): void {
    this.handlerDone = true;
    this.#host.replyOn(this, payload);
  }

  beginMessage(messageBytes: number, source: PartSource): void {
    this.source = source;
    this.#host.beginMessageOn(this, messageBytes);
  }

  sendPart(bytes: Uint8Array): boolean {
    return this.#host.sendPartOn(this, bytes);
  }

  override onDrain(): void {
    if (this.handlerDone) return;
    if (this.source !== null) this.source.onDrain();
    else this.stream?.onDrain?.();
  }

  /** Whoever answers is told that nobody listens. */
  onCancel(): void {
    if (this.handlerDone) return;
    this.stream?.onCancel();
    this.source?.onCancel();
  }

  override onQueueEmpty(): void {
    this.#host.queueEmptyOn(this);
  }
}
