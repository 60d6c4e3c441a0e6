/**
 * The client's side of a connection: calls become streams, responses become replies (grpc/doc/PROTOCOL-HTTP2.md).
 *
 * Promises: every call ends exactly once, and never from within `unary` or `openStream`: one that cannot start is told at
 * the next `tick`, so that a caller who starts the next call from a reply cannot recurse. Calls beyond the peer's stream
 * limit wait in a bounded queue.
 * Relies on the pump: `tick` until `openCalls` is 0, also after `finished`.
 *
 * Longer than most files here: it is one state machine, from the first frame of a call to its last.
 */
import { copyBytes, emptyBytes, utf8Text } from '../base/bytes.ts';
import { type CallEnd, type ClientCall, StreamingCall, type StreamingHost, UnaryCall } from './client-call.ts';
import type { ClientConnectionOptions } from './connection-options.ts';
import type { CallOptions, ClientConnection, ClientStream, Metadata, ReplySink, StreamHandler } from './contract.ts';
import { ErrorCode, errorCodeName, statusOfReset } from './error-code.ts';
import { Flag, Setting, clientPreface, frameHeaderBytes, readUint32, streamIdMax } from './frame.ts';
import { HeadCache } from './head-cache.ts';
import type { HeaderBlock } from './hpack/decoder.ts';
import { codeOfHttpStatus } from './http-status.ts';
import { Http2Connection } from './http2-connection.ts';
import type { Http2Stream } from './http2-stream.ts';
import { MessageReader, Read, prefixBytes } from './message-reader.ts';
import { RequestTemplates, type RequestTemplate } from './request-templates.ts';
import { type ResponseHead, responseHead } from './response-head.ts';
import { Code } from './status.ts';
import { StreamList } from './stream-list.ts';
import { Ended } from './stream-table.ts';

/** A handle is generation * slotsMax + slot, exact as a number for 2^33 calls in each slot. */
const slotsMax = 2 ** 20;
const noTrailers: Metadata = [];

/** A call that could not start, to be told at the next tick. */
interface Failure {
  readonly token: number;
  readonly target: ReplySink | StreamingCall;
  readonly code: Code;
  readonly message: string;
}

export class Http2ClientConnection extends Http2Connection<ClientCall> implements ClientConnection, StreamingHost {
  readonly #templates: RequestTemplates;
  readonly #heads = new HeadCache<ResponseHead>(responseHead);
  /** Calls that wait for the peer's SETTINGS or for a free stream. */
  readonly #waiting = new StreamList();
  readonly #slots: UnaryCall[] = [];
  readonly #free: UnaryCall[] = [];
  #failures: Failure[] = [];
  #nextId = 1;
  /** Of the peer's GOAWAY; Infinity before it. */
  #goawayLastId = Infinity;
  #goawayReason = '';
  #announced = false;

  constructor(options: ClientConnectionOptions) {
    super(options, false);
    this.#templates = new RequestTemplates(options.authority, options.secure, options.userAgent ?? 'quorumbench');
    this.out.reserve(clientPreface.length);
    this.out.put(clientPreface);
    // RFC 9113 6.5.2: a client refuses pushes; our concurrency limit would be about them, so it is not sent.
    this.announce([[Setting.EnablePush, 0]]);
  }

  get ready(): boolean {
    return this.#announced && !this.draining && !this.dead;
  }

  override get openCalls(): number {
    return this.streams.size + this.#waiting.length + this.#failures.length;
  }

  unary(
    method: string,
    request: Uint8Array,
    options: CallOptions,
    token: number,
    sink: ReplySink,
    nowMs: number,
  ): number {
    this.setNow(nowMs);
    const template = this.#templates.get(method, options);
    if (!this.#mayStart(template)) return this.#failStart(token, sink, template);
    const call = this.#free.pop() ?? this.#newSlot();
    call.start(token, sink, template, options.timeoutMs > 0 ? nowMs + options.timeoutMs : Infinity);
    if (this.#waiting.length === 0 && this.#mayOpen()) {
      this.#open(call);
      this.#sendUnary(call, request);
    } else {
      this.sender.sendMessage(call, request);
      this.sender.endWithData(call);
      this.#wait(call);
    }
    if (call.deadlineMs !== Infinity) this.setAlarm(call, call.deadlineMs);
    this.changed();
    return call.generation * slotsMax + call.slot;
  }

  cancel(handle: number): void {
    const call = this.#slots[handle % slotsMax];
    if (call === undefined || call.over || call.generation !== Math.floor(handle / slotsMax)) return;
    this.#abandon(call, Code.Canceled, 'context canceled');
  }

  openStream(method: string, options: CallOptions, handler: StreamHandler, nowMs: number): ClientStream {
    this.setNow(nowMs);
    const template = this.#templates.get(method, options);
    const deadlineMs = options.timeoutMs > 0 ? nowMs + options.timeoutMs : Infinity;
    const call = new StreamingCall(this, handler, template, deadlineMs);
    if (!this.#mayStart(template)) {
      call.over = true;
      this.#failStart(0, call, template);
      return call;
    }
    if (this.#waiting.length === 0 && this.#mayOpen()) this.#open(call);
    else this.#wait(call);
    if (deadlineMs !== Infinity) this.setAlarm(call, deadlineMs);
    this.changed();
    return call;
  }

  close(): void {
    if (this.draining || this.dead) return;
    this.draining = true;
    this.closeReason ||= 'closed';
    this.onStreamRemoved();
    this.changed();
  }

  // What streaming calls ask for.

  sendOn(call: StreamingCall, payload: Uint8Array): boolean {
    if (call.over || call.closed) return true;
    this.counters.messagesSent++;
    const room = this.sender.sendMessage(call, payload);
    this.changed();
    return room;
  }

  endOn(call: StreamingCall): void {
    if (call.over || call.closed) return;
    call.closed = true;
    this.sender.endWithData(call);
    this.changed();
  }

  cancelStream(call: StreamingCall): void {
    if (call.heldEnd !== null) return this.#tell(call, canceled);
    if (!call.over) this.#abandon(call, Code.Canceled, canceled.message);
  }

  /** What was held is read now, and what was withheld is granted. */
  resumeStream(call: StreamingCall): void {
    while (call.held.length > 0 && !call.paused && !call.told) {
      const bytes = call.held.shift()!;
      this.account.release(bytes.length);
      this.#readMessages(call, bytes, 0, bytes.length);
    }
    if (call.paused || call.told) return this.changed();
    if (call.heldEnd !== null) return this.#tell(call, call.midMessage ? cutShort : call.heldEnd);
    const withheld = call.withheld;
    call.withheld = 0;
    this.giveCredit(call, withheld);
    this.changed();
  }

  // Starting.

  #mayStart(template: RequestTemplate): boolean {
    return (
      !this.draining &&
      !this.dead &&
      template.fault === '' &&
      this.#waiting.length < this.limits.queuedCallsMax &&
      template.headers.listBytes <= this.peerSettings.headerListBytesMax &&
      !this.account.exhausted
    );
  }

  #failStart(token: number, target: ReplySink | StreamingCall, template: RequestTemplate): number {
    if (this.draining || this.dead) {
      this.#failures.push({ token, target, code: Code.Unavailable, message: this.closeReason });
    } else if (template.fault !== '') {
      this.#failures.push({ token, target, code: Code.Internal, message: template.fault });
    } else if (template.headers.listBytes > this.peerSettings.headerListBytesMax) {
      const message = `header list of ${template.headers.listBytes} bytes exceeds the server's limit of ${this.peerSettings.headerListBytesMax}`;
      this.#failures.push({ token, target, code: Code.Internal, message });
    } else {
      const message = this.account.exhausted ? 'too many bytes are held' : 'too many calls wait for a stream';
      this.#failures.push({ token, target, code: Code.ResourceExhausted, message });
    }
    return -1;
  }

  #mayOpen(): boolean {
    return (
      this.#announced &&
      this.streams.size < this.peerSettings.concurrentStreamsMax &&
      this.#nextId <= Math.min(streamIdMax, this.#goawayLastId)
    );
  }

  #newSlot(): UnaryCall {
    const call = new UnaryCall(this.#slots.length);
    this.#slots.push(call);
    return call;
  }

  #wait(call: ClientCall): void {
    call.waiting = true;
    this.#waiting.push(call);
  }

  #open(call: ClientCall): void {
    const id = this.#nextId;
    this.#nextId = id + 2;
    this.highestStreamId = id;
    this.openStreamState(call, id, 0); // its headers are a template's
    this.headers.writeTemplate(id, call.request!.headers, false);
    if (this.#nextId > streamIdMax) this.close(); // RFC 9113 5.1.1: ids are not reused
  }

  #sendUnary(call: UnaryCall, request: Uint8Array): void {
    this.counters.messagesSent++;
    const length = prefixBytes + request.length;
    if (this.sender.fits(call, length)) {
      this.out.reserve(frameHeaderBytes + length);
      this.sender.writeMessage(call, request, Flag.EndStream);
      call.localEnded = true;
    } else {
      this.sender.sendMessage(call, request);
      this.sender.endWithData(call);
    }
  }

  #openWaiting(): void {
    while (this.#waiting.length > 0 && this.#mayOpen() && !this.dead) {
      const call = this.#waiting.first as ClientCall;
      this.#waiting.remove(call);
      call.waiting = false;
      this.#open(call);
      this.sender.opened(call);
    }
  }

  // Ending.

  /** Ends a call of our own accord: RST_STREAM if the peer knows it, and the caller is told. */
  #abandon(call: ClientCall, code: Code, message: string): void {
    if (call.waiting) this.removeStream(call, Ended.ByUs);
    else this.resetStream(call, ErrorCode.Cancel);
    this.#end(call, code, message, noTrailers);
    this.changed();
  }

  /** The stream is gone; the caller is told, once. */
  #end(call: ClientCall, code: number, message: string, trailers: Metadata): void {
    if (call instanceof StreamingCall) return this.#tell(call, { code, message, trailers });
    const { sink, token } = call;
    const payload = code === Code.OK ? call.message : emptyBytes;
    call.clear();
    this.#free.push(call);
    sink!.onReply(token, code, message, payload);
  }

  #tell(call: StreamingCall, end: CallEnd): void {
    if (call.told) return;
    call.told = true;
    call.reader?.close();
    for (const bytes of call.held) this.account.release(bytes.length);
    call.held = [];
    call.heldEnd = null;
    call.handler.onEnd(end.code, end.message, end.trailers);
  }

  protected override removeStream(call: ClientCall, ended: Ended): void {
    if (!call.waiting) return super.removeStream(call, ended);
    if (call.over) return;
    call.over = true;
    call.waiting = false;
    this.#waiting.remove(call);
    this.sender.forget(call);
    this.onStreamRemoved();
  }

  protected override allStreams(): ClientCall[] {
    const all = this.streams.all();
    for (let call: Http2Stream | null = this.#waiting.first; call !== null; call = call.next) {
      all.push(call as ClientCall);
    }
    return all;
  }

  protected override onStreamRemoved(): void {
    if (this.dead) return;
    if (this.#waiting.length > 0) this.#openWaiting();
    if (this.draining && this.streams.size === 0 && this.#waiting.length === 0) this.finish(this.closeReason);
  }

  // What the peer does.

  /** A client accepts no streams. */
  protected override get lastAcceptedId(): number {
    return 0;
  }

  protected override onPeerSettings(): void {
    this.#announced = true;
    this.#openWaiting();
  }

  protected override permitsPing(): boolean {
    return true;
  }

  protected override onPingAck(): void {
    // Any byte is a sign of life.
  }

  protected override strayIsError(): boolean {
    return false; // all streams are ours, and those we cancelled may still be answered
  }

  protected override onHeaderBlock(streamId: number, block: HeaderBlock, endStream: boolean): void {
    const call = this.streams.get(streamId);
    if (call === null) {
      if (this.isIdle(streamId)) this.onConnectionFault(ErrorCode.ProtocolError, 'HEADERS on an idle stream');
      return;
    }
    if (block.tooLarge) return this.#refuseHeaders(call);
    const head = this.#heads.get(block);
    const fault = this.#headFault(call, head, endStream);
    if (fault !== '') return this.failStream(streamId, call, ErrorCode.ProtocolError, fault); // RFC 9113 8.1.1
    if (endStream) return this.#onTrailers(call, head);
    if (head.status < 200) return; // 1xx: the answer is still to come
    if (head.status !== 200 || !head.grpc) return this.#onForeignAnswer(call, head);
    call.headersSeen = true;
    call.encoding = head.encoding;
    if (call instanceof StreamingCall) call.handler.onHeaders?.(head.metadata);
  }

  #headFault(call: ClientCall, head: ResponseHead, endStream: boolean): string {
    if (head.fault !== '') return head.fault;
    if (call.headersSeen) {
      if (head.status !== 0) return 'a pseudo-field in trailers';
      return endStream ? '' : 'HEADERS in the middle of a response';
    }
    if (head.status === 0) return ':status is missing';
    return head.status < 200 && endStream ? 'a 1xx answer ends the stream' : '';
  }

  #refuseHeaders(call: ClientCall): void {
    this.resetStream(call, ErrorCode.Cancel);
    this.#end(call, Code.Internal, 'peer header list size exceeded limit', noTrailers);
  }

  /** END_STREAM came with HEADERS: trailers, or an answer of trailers only. */
  #onTrailers(call: ClientCall, head: ResponseHead): void {
    this.#remoteEnd(call);
    if (call instanceof StreamingCall && call.held.length > 0) {
      call.heldEnd = { code: head.code < 0 ? Code.Unknown : head.code, message: head.message, trailers: head.metadata };
      return;
    }
    if (!call.headersSeen && (head.status !== 200 || !head.grpc) && head.code < 0) {
      return this.#end(call, codeOfHttpStatus(head.status), foreignText(head), head.metadata);
    }
    if (head.code < 0) return this.#end(call, Code.Unknown, 'the server sent no grpc-status', head.metadata);
    if (head.code !== Code.OK) return this.#end(call, head.code, head.message, head.metadata);
    if (call.midMessage) return this.#end(call, cutShort.code, cutShort.message, noTrailers);
    if (call instanceof UnaryCall && !call.hasMessage) {
      return this.#end(call, Code.Internal, 'the server answered OK without a message', noTrailers);
    }
    this.#end(call, Code.OK, '', head.metadata);
  }

  #onForeignAnswer(call: ClientCall, head: ResponseHead): void {
    this.resetStream(call, ErrorCode.Cancel);
    this.#end(call, codeOfHttpStatus(head.status), foreignText(head), head.metadata);
  }

  #remoteEnd(call: ClientCall): void {
    call.remoteEnded = true;
    if (call.localEnded) this.removeStream(call, Ended.Cleanly);
    else this.resetStream(call, ErrorCode.Cancel); // nobody reads what we would still send (RFC 9113 8.1)
  }

  protected override onStreamData(
    call: ClientCall,
    bytes: Uint8Array,
    start: number,
    end: number,
    endStream: boolean,
  ): void {
    if (!call.headersSeen) {
      return this.failStream(call.id, call, ErrorCode.ProtocolError, 'DATA before HEADERS'); // RFC 9113 8.1
    }
    if (call.paused) this.#hold(call as StreamingCall, bytes.subarray(start, end));
    else if (this.#isOneMessage(call, bytes, start, end)) {
      this.counters.messagesReceived++;
      this.#onMessage(call, bytes.subarray(start + prefixBytes, end), false);
    } else this.#readMessages(call, bytes, start, end);
    if (!endStream || call.over) return;
    this.#remoteEnd(call);
    this.#end(call, Code.Internal, 'server closed the stream without sending trailers', noTrailers);
  }

  /** The common case: nothing begun, and the payload is one plain message, whole. */
  #isOneMessage(call: ClientCall, bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start - prefixBytes;
    return (
      call.reader === null &&
      length >= 0 &&
      bytes[start] === 0 &&
      readUint32(bytes, start + 1) === length &&
      length <= this.limits.messageBytesMax
    );
  }

  #readMessages(call: ClientCall, bytes: Uint8Array, start: number, end: number): void {
    const reader = (call.reader ??= new MessageReader(this.limits.messageBytesMax, this.account));
    reader.feed(bytes, start, end);
    for (;;) {
      if (call.paused) return this.#hold(call as StreamingCall, reader.rest());
      const found = reader.next();
      if (found === Read.More) return;
      if (found !== Read.Message) return this.#refuseMessage(call, found, reader.declaredBytes);
      this.counters.messagesReceived++;
      this.#onMessage(call, reader.message, reader.owned);
      if (call instanceof StreamingCall ? call.told : call.over) return;
    }
  }

  #onMessage(call: ClientCall, message: Uint8Array, owned: boolean): void {
    if (call instanceof StreamingCall) return call.handler.onMessage(message);
    if (call.hasMessage) {
      this.resetStream(call, ErrorCode.Cancel);
      return this.#end(call, Code.Internal, 'the server answered with more than one message', noTrailers);
    }
    this.borrow(call, message, owned);
  }

  #hold(call: StreamingCall, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.account.charge(bytes.length);
    call.held.push(copyBytes(bytes));
  }

  #refuseMessage(call: ClientCall, found: Read, declaredBytes: number): void {
    const { messageBytesMax } = this.limits;
    const encoding = call.encoding;
    if (!call.over) this.resetStream(call, ErrorCode.Cancel);
    switch (found) {
      case Read.TooLarge:
        return this.#end(
          call,
          Code.ResourceExhausted,
          `grpc: received message larger than max (${declaredBytes} vs. ${messageBytesMax})`,
          noTrailers,
        );
      case Read.NoMemory:
        return this.#end(call, Code.ResourceExhausted, 'grpc: out of receive budget', noTrailers);
      default:
        return this.#end(call, Code.Internal, unreadableText(found, encoding), noTrailers);
    }
  }

  protected override onStreamReset(call: ClientCall, errorCode: number): void {
    const message = `stream terminated by RST_STREAM with error code: ${errorCodeName(errorCode)}`;
    this.#end(call, statusOfReset(errorCode), message, noTrailers);
  }

  protected override onStreamFailed(call: ClientCall, _errorCode: ErrorCode, reason: string): void {
    this.#end(call, Code.Internal, `the server broke a rule of HTTP/2: ${reason}`, noTrailers);
  }

  /** After a GOAWAY only calls that the server may have processed are left: their text must not say that it has not. */
  protected override onStreamLost(call: ClientCall, reason: string): void {
    const text = reason === this.#goawayReason ? `connection lost after ${reason}` : reason;
    this.#end(call, Code.Unavailable, text, noTrailers);
  }

  protected override onStreamStalled(call: ClientCall): void {
    this.#end(call, Code.Unavailable, 'the server does not read the request', noTrailers);
  }

  protected override onAlarm(call: ClientCall): void {
    this.counters.deadlinesExceeded++;
    this.#abandon(call, Code.DeadlineExceeded, 'context deadline exceeded');
  }

  /** RFC 9113 6.8: streams above the last id were not processed, so their calls may be sent again elsewhere. */
  protected override onPeerGoaway(lastStreamId: number, errorCode: number, debug: Uint8Array): void {
    if (lastStreamId > this.#goawayLastId) {
      return this.onConnectionFault(ErrorCode.ProtocolError, 'a GOAWAY names more streams than the one before');
    }
    this.#goawayLastId = lastStreamId;
    this.draining = true;
    const text = debug.length > 0 ? ` "${utf8Text(debug.subarray(0, 200))}"` : '';
    this.#goawayReason = `the server sent GOAWAY ${errorCodeName(errorCode)}${text}`;
    this.closeReason = this.#goawayReason;
    for (const call of this.allStreams()) {
      if (call.over || (!call.waiting && call.id <= lastStreamId)) continue;
      this.removeStream(call, Ended.ByUs);
      this.#end(call, Code.Unavailable, this.closeReason, noTrailers);
    }
    this.onStreamRemoved();
  }

  protected override onTick(): void {
    if (this.#failures.length === 0) return;
    const failures = this.#failures;
    this.#failures = [];
    for (const { token, target, code, message } of failures) {
      if (target instanceof StreamingCall) this.#tell(target, { code, message, trailers: noTrailers });
      else target.onReply(token, code, message, emptyBytes);
    }
  }
}

const canceled: CallEnd = { code: Code.Canceled, message: 'context canceled', trailers: noTrailers };
const cutShort: CallEnd = {
  code: Code.Internal,
  message: 'the server ended the stream in the middle of a message',
  trailers: noTrailers,
};

function foreignText(head: ResponseHead): string {
  const type = head.grpc ? '' : `; transport: received unexpected content-type "${head.contentType}"`;
  return `unexpected HTTP status code received from server: ${head.status}${type}`;
}

function unreadableText(found: Read, encoding: string): string {
  if (found === Read.Malformed) return 'grpc: received unexpected payload format';
  if (encoding === '' || encoding === 'identity') return 'grpc: compressed flag set with identity or empty encoding';
  return `grpc: Decompressor is not installed for grpc-encoding "${encoding}"`;
}
