/** The client's side of one call: what the connection knows of it beside the stream. */
import type { Metadata, ReplySink, ClientStream, StreamHandler } from './contract.ts';
import { Http2Stream } from './http2-stream.ts';
import { emptyBytes } from '../base/bytes.ts';
import type { RequestTemplate } from './request-templates.ts';

/** How a call ended. */
export interface CallEnd {
  readonly code: number;
  readonly message: string;
  readonly trailers: Metadata;
}

abstract class Call extends Http2Stream {
  /** Its headers; null only before the first use of a pooled call. */
  request: RequestTemplate | null = null;
  /** The response's headers have come. */
  headersSeen = false;
  /** `grpc-encoding` of the response. */
  encoding = '';
  /** Not opened yet: it waits in the queue. */
  waiting = false;
}

/** A unary call. Pooled: nobody outside holds one, a handle is `slot` and `generation`. */
export class UnaryCall extends Call {
  readonly slot: number;
  generation = 0;
  token = 0;
  sink: ReplySink | null = null;

  constructor(slot: number) {
    super();
    this.slot = slot;
    this.over = true;
  }

  /** Everything as new, for the next call. */
  start(token: number, sink: ReplySink, request: RequestTemplate, deadlineMs: number): void {
    this.token = token;
    this.sink = sink;
    this.request = request;
    this.deadlineMs = deadlineMs;
    this.id = 0;
    this.credit = 0;
    this.localEnded = false;
    this.remoteEnded = false;
    this.over = false;
    this.alarmMs = Infinity;
    this.hasMessage = false;
    this.headersSeen = false;
    this.encoding = '';
    this.drainWanted = false;
  }

  /** Lets go of all that a pooled call must not pin. */
  clear(): void {
    this.generation++;
    this.sink = null;
    this.reader = null;
    this.message = emptyBytes;
    this.messageBorrowed = false;
  }

  override onDrain(): void {
    // A unary caller has nothing more to send.
  }

  override onQueueEmpty(): void {
    // END_STREAM went with the last byte.
  }
}

/** What a streaming call asks of its connection. */
export interface StreamingHost {
  sendOn(call: StreamingCall, payload: Uint8Array): boolean;
  endOn(call: StreamingCall): void;
  cancelStream(call: StreamingCall): void;
  resumeStream(call: StreamingCall): void;
}

/** A streaming call, and the face of it that its caller holds. */
export class StreamingCall extends Call implements ClientStream {
  readonly handler: StreamHandler;
  readonly #host: StreamingHost;
  /** What came while paused, in order. */
  held: Uint8Array[] = [];
  /** How it ended while paused: told after what is held. */
  heldEnd: CallEnd | null = null;
  /** `end` was called. */
  closed = false;
  /** `onEnd` was called. */
  told = false;

  constructor(host: StreamingHost, handler: StreamHandler, request: RequestTemplate, deadlineMs: number) {
    super();
    this.#host = host;
    this.handler = handler;
    this.request = request;
    this.deadlineMs = deadlineMs;
  }

  send(payload: Uint8Array): boolean {
    return this.#host.sendOn(this, payload);
  }

  end(): void {
    this.#host.endOn(this);
  }

  cancel(): void {
    this.#host.cancelStream(this);
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.#host.resumeStream(this);
  }

  override onDrain(): void {
    this.handler.onDrain?.();
  }

  override onQueueEmpty(): void {
    // END_STREAM went with the last byte, if `end` was called.
  }
}

export type ClientCall = UnaryCall | StreamingCall;
