/**
 * The faces of the wire engine: what it promises to whoever pumps bytes through it and to whoever makes or serves calls.
 *
 *   socket --receive(chunk)--> connection --callbacks--> caller or handler
 *   socket <--takeOutput()---- connection <---calls----- caller or handler
 *
 * A connection does no I/O, has no timer and makes no promise: time arrives as an argument, bytes leave when asked for.
 * What a peer sends is answered, never thrown: `receive` does not throw for any input.
 */

import type { WireCounters } from './counters.ts';

/** Metadata as it stands in a header block: lower-case names, ASCII values; `-bin` values are still base64 (RFC 4648). */
export type Metadata = readonly (readonly [name: string, value: string])[];

/** Reuse one object for all calls that are alike: its encoded header block is cached per connection. */
export interface CallOptions {
  /** Deadline from now, sent as grpc-timeout and enforced here too; 0 is none. */
  readonly timeoutMs: number;
  readonly metadata: Metadata;
}

/** Where unary replies arrive: one object for many calls, told apart by their token, so that a call costs no closure. */
export interface ReplySink {
  /** Called once per call. `payload` is valid only during the callback; `message` is '' when `code` is OK (0). */
  onReply(token: number, code: number, message: string, payload: Uint8Array): void;
}

/** What a streaming caller is told. `onEnd` is the last callback and comes exactly once. */
export interface StreamHandler {
  onHeaders?(metadata: Metadata): void;
  /** One gRPC message; `payload` is valid only during the callback. */
  onMessage(payload: Uint8Array): void;
  onEnd(code: number, message: string, trailers: Metadata): void;
  /** What was refused by `send` (false) would be taken now. */
  onDrain?(): void;
}

/** One open streaming call, seen from the client. */
export interface ClientStream {
  /** Queues one message (copied). False: buffered beyond the high mark, wait for onDrain. */
  send(payload: Uint8Array): boolean;
  /** No more messages from us. */
  end(): void;
  cancel(): void;
  /** Withholds flow-control credit, so that a slow reader is the sender's problem and not our memory's. */
  pause(): void;
  resume(): void;
}

/** What the pump needs of either side of a connection. */
export interface Connection {
  /** Feeds bytes from the peer. `nowMs` is the monotonic clock. Nothing of `chunk` is kept after the return. */
  receive(chunk: Uint8Array, nowMs: number): void;
  /** Everything to be written, or null. The bytes belong to the caller until it says `outputLeft`, if it ever does. */
  takeOutput(): Uint8Array | null;
  /** Deadlines, keepalive, slow peers. Call at least every 100 ms. */
  tick(nowMs: number): void;
  /** The peer closed its side, or the socket failed with `reason`: every open call ends with Unavailable. */
  transportClosed(reason: string): void;
  /** Nobody holds any bytes that were taken: their memory may be used again. Optional, and before `outputDrained`. */
  outputLeft(): void;
  /** All that was taken has left the process (`write` said true, or the socket drained): output may grow again. */
  outputDrained(): void;
  /** There is something to take, or the end to be seen: false means that a flush would do nothing. */
  readonly hasOutput: boolean;
  /** False while what the peer has sent, or does not read, fills the budget: stop reading the socket. */
  readonly wantsInput: boolean;
  /** True once the last output has been taken and the socket should be ended. */
  readonly finished: boolean;
  /** Why it is over or ending, for messages and logs; '' while all is well. */
  readonly closeReason: string;
  /** What the peer makes us hold right now. */
  readonly pinnedBytes: number;
  readonly counters: WireCounters;
  readonly openCalls: number;
  /** Finishes what is open, then closes (a server: two GOAWAYs); new calls fail with Unavailable, or are refused. */
  close(): void;
  /** Ends every open call now and says GOAWAY; `finished` as soon as that has been taken. */
  abort(reason: string): void;
}

/** The client's side. Streams beyond the peer's limit wait in a bounded queue (then ResourceExhausted). */
export interface ClientConnection extends Connection {
  /** Starts a unary call. `request` is copied before the return. Returns a handle for `cancel`. */
  unary(
    method: string,
    request: Uint8Array,
    options: CallOptions,
    token: number,
    sink: ReplySink,
    nowMs: number,
  ): number;
  /** Ends a unary call with Canceled; a handle whose call is over is ignored. */
  cancel(handle: number): void;
  openStream(method: string, options: CallOptions, handler: StreamHandler, nowMs: number): ClientStream;
  /** The peer's SETTINGS have arrived and no GOAWAY has. */
  readonly ready: boolean;
}

/** One call, seen from the server: what handlers answer through. Answers after the end are ignored. */
export interface ServerCall {
  readonly method: string;
  readonly metadata: Metadata;
  readonly authority: string;
  /** When the caller stops waiting, on the monotonic clock; Infinity when it said nothing. */
  readonly deadlineMs: number;
  /** The caller went away, reset the stream or ran out of time. */
  readonly cancelled: boolean;
  /** Who is connected: address, and the TLS certificate's subject if there is one. */
  readonly peer: Peer;
  /** Response metadata, before the first message. */
  sendHeaders(metadata: Metadata): void;
  /** One message (copied). False: buffered beyond the high mark, wait for onDrain. */
  send(payload: Uint8Array): boolean;
  /** Ends the call; OK when `code` is 0. */
  end(code: number, message: string, trailers?: Metadata): void;
  /** `send` then `end(OK)`: the hot path of every unary handler. */
  reply(payload: Uint8Array): void;
  /**
   * Begins one message of `messageBytes`, which `sendPart` fills: for what is too large to be held at once. A call that ends
   * before all of it was given is reset, as nothing else can follow half a message.
   */
  beginMessage(messageBytes: number, source: PartSource): void;
  /** The next bytes of the message that was begun (copied). False: not all of it could leave, wait for onDrain. */
  sendPart(bytes: Uint8Array): boolean;
}

/** Who sends a message in parts; from then on what a streaming handler hears about room comes here. */
export interface PartSource {
  /** What `sendPart` refused (false) would be taken now. Comes from inside of other work: go on in a later turn. */
  onDrain(): void;
  /** The call is over and was not ended by us: nothing is taken any more. */
  onCancel(): void;
}

export interface Peer {
  readonly address: string;
  readonly tlsSubject: string | null;
}

/** A unary method. `request` is valid only during the call: copy what is kept. */
export type UnaryHandler = (call: ServerCall, request: Uint8Array) => void;

/** A streaming method (either direction or both): called at the request headers, returns where its messages go. */
export type StreamingHandler = (call: ServerCall) => ServerStreamHandler;

export interface ServerStreamHandler {
  onMessage(payload: Uint8Array): void;
  /** The client has sent all that it will. */
  onHalfClose(): void;
  /** The call is over and was not ended by us. */
  onCancel(): void;
  onDrain?(): void;
}

/** From method path to handler. */
export interface Routes {
  readonly unary: ReadonlyMap<string, UnaryHandler>;
  readonly streaming: ReadonlyMap<string, StreamingHandler>;
}

/** A plain HTTP request, from HTTP/1.1 or from an HTTP/2 stream whose content type is not application/grpc. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Metadata;
  readonly body: Uint8Array;
  readonly peer: Peer;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Metadata;
  /** Bytes, or chunks that are produced as the reader takes them. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
}

export type HttpHandler = (request: HttpRequest) => Promise<HttpResponse>;
