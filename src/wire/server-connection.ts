/**
 * The server's side of a connection: streams become calls of handlers, or plain HTTP requests (RFC 9113 8.1;
 * grpc/doc/PROTOCOL-HTTP2.md).
 *
 * Promises: every request that is well-formed and admitted reaches exactly one handler or is refused in words that clients
 * know; a unary handler is called once, with the whole message; an answer after the end is ignored; what a peer can pin is
 * bounded by the account.
 *
 * Longer than most files here: it is one state machine, from the first frame of a request to the last of its answer.
 */
import { assert } from '../base/assert.ts';
import type { ServerConnectionOptions } from './connection-options.ts';
import type { HttpHandler, Metadata, Peer, Routes } from './contract.ts';
import { ErrorCode } from './error-code.ts';
import { Setting, frameHeaderBytes, readUint32, streamIdMax } from './frame.ts';
import { HeadCache } from './head-cache.ts';
import { HeaderTemplate } from './header-writer.ts';
import type { HeaderBlock } from './hpack/decoder.ts';
import { HttpExchange, type HttpExchangeHost, plainResponse } from './http-exchange.ts';
import { Http2Connection } from './http2-connection.ts';
import { MessageReader, Read, prefixBytes } from './message-reader.ts';
import { metadataFault } from './metadata.ts';
import { percentEncode } from './percent.ts';
import { PingPolicy } from './ping-policy.ts';
import { type RequestHead, requestHead, trailersFault } from './request-head.ts';
import { type Route, routeOf } from './router.ts';
import { GrpcCall, type ServerCallHost } from './server-call.ts';
import { Code } from './status.ts';
import { Ended } from './stream-table.ts';

type ServerStream = GrpcCall | HttpExchange;

/** A request's header block and where it leads. */
interface Request {
  readonly head: RequestHead;
  readonly route: Route;
}

const responseHeaders: Metadata = [
  [':status', '200'],
  ['content-type', 'application/grpc'],
];
const okTrailers: Metadata = [['grpc-status', '0']];
const drainOpaque = Buffer.from('draining', 'latin1');
/** How long a drain waits for the answer to its PING before it closes the door (grpc-go waits as long). */
const drainPingMs = 5_000;
/** How long a plain HTTP client may go on sending after it was answered. */
const lateBodyMs = 1_000;
const keepAliveMinMsDefault = 5_000;

export class Http2ServerConnection extends Http2Connection<ServerStream> implements ServerCallHost, HttpExchangeHost {
  readonly peer: Peer;
  readonly #routes: Routes;
  readonly #http: HttpHandler | null;
  readonly #pingPolicy: PingPolicy;
  readonly #requests: HeadCache<Request>;
  readonly #responseTemplate = new HeaderTemplate(responseHeaders);
  readonly #okTemplate = new HeaderTemplate(okTrailers);
  #lastAcceptedId = 0;
  /** When the first GOAWAY of a drain left; Infinity before and after. */
  #drainSinceMs = Infinity;
  /** The last GOAWAY has left: new streams are ignored. */
  #doorClosed = false;
  #idleSinceMs: number;

  constructor(options: ServerConnectionOptions) {
    super({ keepAliveWithoutCalls: true, ...options }, true);
    this.peer = options.peer;
    this.#routes = options.routes;
    this.#http = options.http;
    this.#idleSinceMs = options.nowMs;
    this.#pingPolicy = new PingPolicy(
      options.keepAliveMinMs ?? keepAliveMinMsDefault,
      options.keepAlivePermitWithoutStream ?? false,
    );
    this.#requests = new HeadCache((block) => {
      const head = requestHead(block);
      return { head, route: routeOf(this.#routes, head.path) };
    });
    this.announce([[Setting.MaxConcurrentStreams, this.limits.concurrentStreamsMax]]);
  }

  /** RFC 9113 6.8: first a GOAWAY that refuses nothing, so that requests on their way are served; then the real one. */
  close(): void {
    if (this.draining || this.dead) return;
    this.draining = true;
    this.closeReason ||= 'closed';
    this.writeGoaway(streamIdMax, ErrorCode.NoError, 'graceful_stop');
    this.out.ping(drainOpaque, 0, false);
    this.#drainSinceMs = this.nowMs;
    this.changed();
  }

  // What handlers ask for.

  sendHeadersOn(call: GrpcCall, metadata: Metadata): void {
    if (call.answered || call.over || call.headersSent) return;
    call.headersSent = true;
    this.headers.write(call.id, [...responseHeaders, ...soundMetadata(metadata)], false);
    this.changed();
  }

  sendOn(call: GrpcCall, payload: Uint8Array): boolean {
    if (call.answered || call.over) return true;
    this.counters.messagesSent++;
    this.#startResponse(call);
    const room = this.sender.sendMessage(call, payload);
    this.changed();
    return room;
  }

  replyOn(call: GrpcCall, payload: Uint8Array): void {
    if (call.answered || call.over) return;
    const length = prefixBytes + payload.length;
    if (!this.sender.fits(call, length)) {
      this.sendOn(call, payload);
      return this.endOn(call, Code.OK, '', []);
    }
    this.counters.messagesSent++;
    this.#startResponse(call);
    this.out.reserve(frameHeaderBytes + length);
    this.sender.writeMessage(call, payload, 0);
    call.answered = true;
    this.headers.writeTemplate(call.id, this.#okTemplate, true);
    this.#responseEnded(call);
    this.changed();
  }

  beginMessageOn(call: GrpcCall, messageBytes: number): void {
    if (call.answered || call.over) return;
    assert(call.missingBytes === 0, 'a message ends before the next begins');
    assert(messageBytes >>> 0 === messageBytes, 'a message is shorter than 4 GiB');
    this.counters.messagesSent++;
    this.#startResponse(call);
    this.sender.sendPrefix(call, messageBytes);
    call.missingBytes = messageBytes;
    this.changed();
  }

  sendPartOn(call: GrpcCall, bytes: Uint8Array): boolean {
    if (call.answered || call.over) return true;
    assert(bytes.length <= call.missingBytes, 'a message is as long as was said when it began');
    call.missingBytes -= bytes.length;
    const room = this.sender.sendPart(call, bytes);
    this.changed();
    return room;
  }

  endOn(call: GrpcCall, code: number, message: string, trailers: Metadata): void {
    if (call.answered || call.over) return;
    call.answered = true;
    if (call.missingBytes > 0) {
      // Trailers behind half a message would read as a message that is broken.
      this.resetStream(call, ErrorCode.InternalError);
      return this.changed();
    }
    if (call.queue === null) this.#writeEnd(call, code, message, trailers);
    else call.waitingEnd = { code, message, trailers };
    this.changed();
  }

  queueEmptyOn(call: GrpcCall): void {
    const end = call.waitingEnd;
    if (end === null) return;
    call.waitingEnd = null;
    this.#writeEnd(call, end.code, end.message, end.trailers);
  }

  #startResponse(call: GrpcCall): void {
    if (call.headersSent) return;
    call.headersSent = true;
    this.headers.writeTemplate(call.id, this.#responseTemplate, false);
  }

  /** Trailers, or headers and trailers in one when nothing was sent before. */
  #writeEnd(call: GrpcCall, code: number, message: string, trailers: Metadata): void {
    if (code === Code.OK && trailers.length === 0 && call.headersSent) {
      this.headers.writeTemplate(call.id, this.#okTemplate, true);
    } else {
      const first = call.headersSent ? [] : responseHeaders;
      this.headers.write(call.id, [...first, ...statusFields(code, message), ...soundMetadata(trailers)], true);
    }
    this.#responseEnded(call);
  }

  #responseEnded(stream: ServerStream): void {
    stream.localEnded = true;
    if (stream.remoteEnded) this.removeStream(stream, Ended.Cleanly);
    else this.resetStream(stream, ErrorCode.NoError); // RFC 9113 8.1: stop sending, the answer stands
  }

  // What plain HTTP exchanges ask for.

  writeHead(exchange: HttpExchange, headers: Metadata, endStream: boolean): void {
    this.headers.write(exchange.id, headers, endStream);
    this.changed();
  }

  writeBody(exchange: HttpExchange, bytes: Uint8Array): boolean {
    if (exchange.over) return true;
    const room = this.sender.sendBytes(exchange, bytes);
    this.changed();
    return room;
  }

  endBody(exchange: HttpExchange): void {
    if (exchange.over) return;
    this.sender.endWithData(exchange);
    if (exchange.localEnded) this.exchangeEnded(exchange);
    this.changed();
  }

  /**
   * A client that still sends its body gets a moment to see the answer: curl, for one, forgets it when RST_STREAM follows
   * at once. Meanwhile its window stays shut, and what comes is dropped.
   */
  exchangeEnded(exchange: HttpExchange): void {
    if (exchange.over) return;
    exchange.localEnded = true;
    if (exchange.remoteEnded) return this.#responseEnded(exchange);
    exchange.paused = true;
    this.setAlarm(exchange, this.nowMs + lateBodyMs);
  }

  breakOff(exchange: HttpExchange): void {
    if (exchange.over) return;
    this.resetStream(exchange, ErrorCode.InternalError);
    this.changed();
  }

  // Requests.

  protected override get lastAcceptedId(): number {
    return this.#lastAcceptedId;
  }

  protected override onHeaderBlock(streamId: number, block: HeaderBlock, endStream: boolean): void {
    if (streamId > this.highestStreamId && (streamId & 1) === 1) return this.#onRequest(streamId, block, endStream);
    const stream = this.streams.get(streamId);
    if (stream !== null) return this.#onTrailers(stream, block, endStream);
    const ended = this.streams.ended(streamId);
    if (ended === Ended.ByUs) return; // RFC 9113 5.1: it was on its way
    if (ended === Ended.ByPeer) {
      return this.failStream(streamId, null, ErrorCode.StreamClosed, 'HEADERS on a stream that was reset');
    }
    // RFC 9113 5.1.1: ids grow, and only a server uses even ones.
    const code = ended === Ended.Cleanly ? ErrorCode.StreamClosed : ErrorCode.ProtocolError;
    this.onConnectionFault(code, 'HEADERS on a closed stream or with an illegal id');
  }

  #onRequest(streamId: number, block: HeaderBlock, endStream: boolean): void {
    this.highestStreamId = streamId;
    if (this.#doorClosed) return this.streams.note(streamId, Ended.ByUs); // RFC 9113 6.8: ignored
    if (this.streams.size >= this.limits.concurrentStreamsMax) return this.refuse(streamId); // RFC 9113 5.1.2
    if (this.account.exhausted) return this.refuse(streamId);
    this.#lastAcceptedId = streamId;
    const request = this.#requests.get(block);
    if (!block.tooLarge && request.head.fault !== '') {
      return this.failStream(streamId, null, ErrorCode.ProtocolError, request.head.fault); // RFC 9113 8.1.1
    }
    if (endStream && request.head.contentLength > 0) {
      return this.failStream(streamId, null, ErrorCode.ProtocolError, 'content-length differs from the body');
    }
    if (block.tooLarge || request.head.grpc || this.#http === null) this.#onCall(streamId, block, request, endStream);
    else this.#onHttp(streamId, block, request, endStream);
  }

  #onCall(streamId: number, block: HeaderBlock, { head, route }: Request, endStream: boolean): void {
    const call = new GrpcCall(this, head);
    this.openStreamState(call, streamId, block.listBytes);
    call.remoteEnded = endStream;
    if (block.tooLarge || !this.#speaksGrpc(head)) return this.#refuseCall(call, block.tooLarge);
    if (route.refusal !== '') return this.endOn(call, Code.Unimplemented, route.refusal, []);
    if (head.timeoutMs !== Infinity) call.deadlineMs = this.nowMs + head.timeoutMs;
    if (route.streaming !== null) {
      this.#armDeadline(call);
      call.stream = route.streaming(call);
      if (endStream && !call.answered) call.stream.onHalfClose();
      return;
    }
    call.unary = route.unary;
    if (endStream) return this.#requestEnded(call);
    this.setAlarm(call, Math.min(call.deadlineMs, this.nowMs + this.limits.slowRequestMs));
  }

  #speaksGrpc(head: RequestHead): boolean {
    return head.grpc && head.method === 'POST' && !Number.isNaN(head.timeoutMs);
  }

  /** Answered at the HTTP layer, with a gRPC status beside it for those who read that. */
  #refuseCall(call: GrpcCall, tooLarge: boolean): void {
    const [status, code, message] = tooLarge ? headersTooLarge : refusalOf(call.head);
    call.answered = true;
    call.headersSent = true;
    const fields: Metadata = [[':status', status], responseHeaders[1]!, ...statusFields(code, message)];
    this.headers.write(call.id, fields, true);
    this.#responseEnded(call);
  }

  #armDeadline(call: GrpcCall): void {
    if (call.deadlineMs !== Infinity) this.setAlarm(call, call.deadlineMs);
    else call.alarmMs = Infinity;
  }

  #onHttp(streamId: number, block: HeaderBlock, { head }: Request, endStream: boolean): void {
    const exchange = new HttpExchange(this, head);
    this.openStreamState(exchange, streamId, block.listBytes);
    if (endStream) return this.#requestEnded(exchange);
    this.setAlarm(exchange, this.nowMs + this.limits.slowRequestMs);
  }

  #onTrailers(stream: ServerStream, block: HeaderBlock, endStream: boolean): void {
    if (stream.remoteEnded) {
      return this.failStream(stream.id, stream, ErrorCode.StreamClosed, 'HEADERS after END_STREAM'); // RFC 9113 5.1
    }
    const fault = endStream ? trailersFault(block) : 'HEADERS in the middle of a request';
    if (fault !== '') return this.failStream(stream.id, stream, ErrorCode.ProtocolError, fault); // RFC 9113 8.1
    this.#requestEnded(stream);
  }

  protected override onStreamData(
    stream: ServerStream,
    bytes: Uint8Array,
    start: number,
    end: number,
    endStream: boolean,
  ): void {
    if (stream instanceof HttpExchange) this.#onBody(stream, bytes.subarray(start, end));
    else this.#onCallData(stream, bytes, start, end, endStream);
    if (endStream && !stream.over) this.#requestEnded(stream);
  }

  #onBody(exchange: HttpExchange, bytes: Uint8Array): void {
    exchange.receivedBytes += bytes.length;
    if (exchange.answered) return; // counted for content-length alone
    if (exchange.receivedBytes > this.limits.httpBodyBytesMax || this.account.exhausted) {
      void exchange.respond(plainResponse(413, 'request body too large\n'));
      return;
    }
    this.charge(exchange, bytes.length);
    exchange.addBody(bytes);
  }

  #onCallData(call: GrpcCall, bytes: Uint8Array, start: number, end: number, endStream: boolean): void {
    call.receivedBytes += end - start;
    if (call.answered) return; // its trailers wait for what is queued; more requests change nothing
    if (this.#isOneMessage(call, bytes, start, end)) {
      this.counters.messagesReceived++;
      this.#onMessage(call, bytes.subarray(start + prefixBytes, end), false, endStream);
    } else this.#readMessages(call, bytes, start, end);
  }

  /** The common case: nothing begun, and the payload is one plain message, whole. */
  #isOneMessage(call: GrpcCall, bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start - prefixBytes;
    return (
      call.reader === null &&
      length >= 0 &&
      bytes[start] === 0 &&
      readUint32(bytes, start + 1) === length &&
      length <= this.limits.messageBytesMax
    );
  }

  #readMessages(call: GrpcCall, bytes: Uint8Array, start: number, end: number): void {
    const reader = (call.reader ??= new MessageReader(this.limits.messageBytesMax, this.account));
    reader.feed(bytes, start, end);
    while (!call.over && !call.answered) {
      const found = reader.next();
      if (found === Read.More) return;
      if (found !== Read.Message) return this.#refuseMessage(call, found, reader.declaredBytes);
      this.counters.messagesReceived++;
      this.#onMessage(call, reader.message, reader.owned, false);
    }
  }

  #onMessage(call: GrpcCall, message: Uint8Array, owned: boolean, last: boolean): void {
    if (call.stream !== null) return call.stream.onMessage(message);
    if (call.hasMessage) return this.endOn(call, Code.Internal, 'a unary method takes one message', []);
    if (last) {
      call.message = message; // handled before the chunk goes
      call.hasMessage = true;
    } else this.borrow(call, message, owned);
  }

  #refuseMessage(call: GrpcCall, found: Read, declaredBytes: number): void {
    const { messageBytesMax } = this.limits;
    switch (found) {
      case Read.TooLarge:
        return this.#failCall(
          call,
          Code.ResourceExhausted,
          `grpc: received message larger than max (${declaredBytes} vs. ${messageBytesMax})`,
        );
      case Read.NoMemory:
        return this.#failCall(call, Code.ResourceExhausted, 'grpc: out of receive budget');
      case Read.Compressed:
        return this.#failCompressed(call, call.head.encoding);
      default:
        return this.#failCall(call, Code.Internal, 'grpc: received unexpected payload format');
    }
  }

  /** grpc-go's words: which of the two it is depends on what the headers promised. */
  #failCompressed(call: GrpcCall, encoding: string): void {
    if (encoding === '' || encoding === 'identity') {
      return this.#failCall(call, Code.Internal, 'grpc: compressed flag set with identity or empty encoding');
    }
    const message = `grpc: Decompressor is not installed for grpc-encoding "${encoding}"`;
    this.#failCall(call, Code.Unimplemented, message);
  }

  /** We end the call for what the client sent; a streaming handler hears of it. */
  #failCall(call: GrpcCall, code: Code, message: string): void {
    this.endOn(call, code, message, []);
    this.#cancel(call);
  }

  /** The client has sent all that it will. */
  #requestEnded(stream: ServerStream): void {
    stream.remoteEnded = true;
    if (stream.head.contentLength >= 0 && stream.receivedBytes !== stream.head.contentLength) {
      return this.failStream(stream.id, stream, ErrorCode.ProtocolError, 'content-length differs from the body'); // 8.1.1
    }
    if (stream.localEnded) return this.removeStream(stream, Ended.Cleanly);
    if (stream.answered) return;
    if (stream instanceof HttpExchange) {
      stream.alarmMs = Infinity;
      void stream.serve(this.#http!);
      return;
    }
    if (stream.midMessage) return this.#failCall(stream, Code.Internal, 'unexpected EOF');
    if (stream.stream !== null) stream.stream.onHalfClose();
    else this.#callUnary(stream);
  }

  #callUnary(call: GrpcCall): void {
    if (!call.hasMessage) return this.endOn(call, Code.Internal, 'a unary method takes one message, and none came', []);
    if (this.nowMs >= call.deadlineMs) return this.onAlarm(call, this.nowMs); // it is not worth beginning
    this.#armDeadline(call);
    const handler = call.unary!;
    const message = call.message;
    call.unary = null;
    call.message = noMessage;
    call.messageBorrowed = false;
    handler(call, message);
  }

  // Ends that are not the handler's.

  /** Tells the handler that nobody listens any more. */
  #cancel(stream: ServerStream): void {
    if (stream instanceof HttpExchange) return stream.onGone();
    if (stream.cancelled) return;
    stream.cancelled = true;
    stream.message = noMessage;
    stream.onCancel();
  }

  protected override onStreamReset(stream: ServerStream): void {
    this.#cancel(stream);
  }

  protected override onStreamFailed(stream: ServerStream): void {
    this.#cancel(stream);
  }

  protected override onStreamLost(stream: ServerStream): void {
    this.#cancel(stream);
  }

  protected override onStreamStalled(stream: ServerStream): void {
    this.#cancel(stream);
  }

  /** The time is up: the call's own, or that for sending a request. */
  protected override onAlarm(stream: ServerStream, nowMs: number): void {
    stream.alarmMs = Infinity;
    if (stream instanceof GrpcCall && nowMs >= stream.deadlineMs) {
      this.counters.deadlinesExceeded++;
      return this.#failLate(stream);
    }
    if (stream.remoteEnded) return;
    this.resetStream(stream, stream.localEnded ? ErrorCode.NoError : ErrorCode.Cancel); // RFC 9113 8.1
    this.#cancel(stream);
  }

  /** Whatever is queued would come too late as well. */
  #failLate(call: GrpcCall): void {
    if (call.queue !== null) this.resetStream(call, ErrorCode.Cancel);
    else this.endOn(call, Code.DeadlineExceeded, 'context deadline exceeded', []);
    this.#cancel(call);
  }

  // The connection.

  protected override permitsPing(nowMs: number): boolean {
    const framesSent = this.headers.written + this.counters.dataFramesSent;
    return this.#pingPolicy.permits(nowMs, this.streams.size, framesSent);
  }

  protected override onPeerSettings(): void {
    // What they change, the connection has changed.
  }

  protected override onStreamRemoved(): void {
    if (this.streams.size > 0) return;
    this.#idleSinceMs = this.nowMs;
    if (this.#doorClosed && !this.dead) this.giveUp(this.closeReason);
  }

  /** The answer to the drain's PING: whatever was on its way has come. */
  protected override onPingAck(bytes: Uint8Array, start: number): void {
    if (this.#drainSinceMs === Infinity) return;
    for (let i = 0; i < drainOpaque.length; i++) if (bytes[start + i] !== drainOpaque[i]) return;
    this.#closeDoor();
  }

  /** A client that leaves: what it has asked for is still answered. */
  protected override onPeerGoaway(): void {
    this.close();
  }

  protected override onTick(nowMs: number): void {
    if (this.dead) return;
    if (nowMs - this.#drainSinceMs >= drainPingMs) return this.#closeDoor();
    const { idleMs } = this.limits;
    if (idleMs > 0 && this.streams.size === 0 && nowMs - this.#idleSinceMs >= idleMs) this.close();
  }

  #closeDoor(): void {
    this.#drainSinceMs = Infinity;
    this.#doorClosed = true;
    this.writeGoaway(this.#lastAcceptedId, ErrorCode.NoError, 'graceful_stop');
    if (this.streams.size === 0) this.giveUp(this.closeReason);
  }
}

const noMessage = new Uint8Array(0);
const headersTooLarge = ['431', Code.ResourceExhausted, 'header list is larger than this server accepts'] as const;

function refusalOf(head: RequestHead): readonly [status: string, code: Code, message: string] {
  if (!head.grpc) return ['415', Code.Internal, `invalid gRPC request content-type "${head.contentType}"`];
  if (head.method !== 'POST')
    return ['405', Code.Internal, `Received a HEADERS frame with :method "${head.method}" which should be POST`];
  return ['400', Code.Internal, 'malformed grpc-timeout'];
}

function statusFields(code: number, message: string): Metadata {
  const status = ['grpc-status', String(code)] as const;
  return message === '' ? [status] : [status, ['grpc-message', percentEncode(message)]];
}

/** A handler's metadata that cannot go on the wire is left out: the answer itself is worth more. */
function soundMetadata(metadata: Metadata): Metadata {
  return metadata.length === 0 || metadataFault(metadata) === ''
    ? metadata
    : metadata.filter((field) => metadataFault([field]) === '');
}
