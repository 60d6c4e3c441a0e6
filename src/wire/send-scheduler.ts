/**
 * DATA on its way out: what fits leaves at once, what does not waits in its stream's queue, and streams that may send take
 * turns, one frame each (RFC 9113 5.2, 6.9).
 *
 * Promises: never sends beyond a window; never stops while a window, the socket and a queue allow more; queued bytes are
 * charged to the account. Relies on being told of every window update, drained socket and ended stream.
 */
import type { ByteAccount } from './byte-budget.ts';
import type { WireCounters } from './counters.ts';
import {
  Flag,
  FrameType,
  frameHeaderBytes,
  initialFrameBytes,
  initialWindowBytes,
  windowBytesMax,
  writeUint32,
} from './frame.ts';
import type { FrameWriter } from './frame-writer.ts';
import type { Http2Stream } from './http2-stream.ts';
import { prefixBytes } from './message-reader.ts';
import { SendQueue } from './send-queue.ts';
import { StreamList } from './stream-list.ts';

export interface SendSchedulerOptions {
  readonly out: FrameWriter;
  readonly account: ByteAccount;
  readonly counters: WireCounters;
  /** DATA waits while this much is unsent. */
  readonly outputHighBytes: number;
  /** `send` says false while this much is queued in its stream. */
  readonly streamHighBytes: number;
}

export class SendScheduler {
  /** The connection's window, as the peer sets it. */
  window = initialWindowBytes;
  /** The peer's SETTINGS_MAX_FRAME_SIZE. */
  frameBytesMax = initialFrameBytes;
  /** Taken by the pump and not known to have left the process. */
  backlogBytes = 0;
  /** The clock as of the last call from outside. */
  nowMs = 0;
  /** How many streams have something queued. */
  queuedStreams = 0;
  readonly #out: FrameWriter;
  readonly #account: ByteAccount;
  readonly #counters: WireCounters;
  readonly #outputHighBytes: number;
  readonly #streamHighBytes: number;
  readonly #ready = new StreamList();
  readonly #prefix = new Uint8Array(prefixBytes);
  #flushing = false;

  constructor(options: SendSchedulerOptions) {
    this.#out = options.out;
    this.#account = options.account;
    this.#counters = options.counters;
    this.#outputHighBytes = options.outputHighBytes;
    this.#streamHighBytes = options.streamHighBytes;
  }

  get unsentBytes(): number {
    return this.#out.pendingBytes + this.backlogBytes;
  }

  /** Whether a frame of `bytes` may leave now, ahead of nothing of its own stream. */
  fits(stream: Http2Stream, bytes: number): boolean {
    return (
      bytes <= stream.sendWindow &&
      bytes <= this.window &&
      bytes <= this.frameBytesMax &&
      stream.queue === null &&
      this.unsentBytes < this.#outputHighBytes
    );
  }

  /** Writes one message that `fits` as one frame, into room that was reserved. */
  writeMessage(stream: Http2Stream, payload: Uint8Array, flags: number): void {
    const out = this.#out;
    const length = prefixBytes + payload.length;
    out.header(length, FrameType.Data, flags, stream.id);
    out.bytes[out.at++] = 0;
    out.bytes[out.at++] = payload.length >>> 24;
    out.bytes[out.at++] = payload.length >>> 16;
    out.bytes[out.at++] = payload.length >>> 8;
    out.bytes[out.at++] = payload.length;
    out.put(payload);
    this.#sent(stream, length);
  }

  /** Sends or queues one message. False: the stream's queue is over the high mark. */
  sendMessage(stream: Http2Stream, payload: Uint8Array): boolean {
    const length = prefixBytes + payload.length;
    if (stream.id > 0 && this.fits(stream, length)) {
      this.#out.reserve(frameHeaderBytes + length);
      this.writeMessage(stream, payload, 0);
      return true;
    }
    this.#queueOf(stream).putMessage(payload);
    return this.#queued(stream, length);
  }

  /** The head of a message whose bytes follow in parts. */
  sendPrefix(stream: Http2Stream, messageBytes: number): void {
    this.#prefix[0] = 0;
    writeUint32(this.#prefix, 1, messageBytes);
    this.sendPart(stream, this.#prefix);
  }

  /** Sends at once what may leave of these bytes. False: the rest is queued, and more should wait for onDrain. */
  sendPart(stream: Http2Stream, bytes: Uint8Array): boolean {
    const sent = stream.queue === null ? this.#sendAtOnce(stream, bytes) : 0;
    if (sent === bytes.length) return true;
    this.#queueOf(stream).put(bytes.subarray(sent));
    this.#queued(stream, bytes.length - sent);
    stream.drainWanted = stream.queue !== null;
    return !stream.drainWanted;
  }

  /** Queues plain bytes and sends what may leave. False as above. */
  sendBytes(stream: Http2Stream, bytes: Uint8Array): boolean {
    if (bytes.length === 0) return !stream.drainWanted; // a queue of nothing would never leave
    this.#queueOf(stream).put(bytes);
    return this.#queued(stream, bytes.length);
  }

  /** END_STREAM: on the last DATA that is queued, or in a frame of its own. */
  endWithData(stream: Http2Stream): void {
    if (stream.queue !== null || stream.id === 0) this.#queueOf(stream).closed = true;
    else this.#writeEnd(stream);
  }

  /** The stream has got its id and window: what it has queued may leave. */
  opened(stream: Http2Stream): void {
    if (stream.queue === null) return;
    if (stream.queue.bytes === 0) this.#drained(stream, stream.queue);
    else this.#schedule(stream);
    this.flush();
  }

  /** The socket has room, or the connection's window grew. */
  flush(): void {
    if (this.#flushing) return; // onDrain may send
    this.#flushing = true;
    for (;;) {
      const stream = this.#ready.first;
      if (stream === null || this.window <= 0 || this.unsentBytes >= this.#outputHighBytes) break;
      this.#ready.remove(stream);
      this.#sendFrame(stream);
    }
    this.#flushing = false;
  }

  /** A WINDOW_UPDATE of the connection. False: beyond 2^31-1 (RFC 9113 6.9.1). */
  widen(increment: number): boolean {
    this.window += increment;
    return this.window <= windowBytesMax;
  }

  /** A WINDOW_UPDATE of a stream, or a change of all windows. False as above. */
  widenStream(stream: Http2Stream, increment: number): boolean {
    stream.sendWindow += increment;
    if (stream.sendWindow > windowBytesMax) return false;
    if (stream.queue !== null) this.#schedule(stream);
    return true;
  }

  /** The stream is over: what it had queued is dropped. */
  forget(stream: Http2Stream): void {
    if (stream.queue === null) return;
    if (stream.id > 0) this.#ready.remove(stream);
    this.#account.release(stream.queue.bytes);
    this.#dropQueue(stream);
  }

  /** Frames straight into the output, as large and as many as both windows and the socket allow. */
  #sendAtOnce(stream: Http2Stream, bytes: Uint8Array): number {
    const out = this.#out;
    let at = 0;
    while (at < bytes.length && this.unsentBytes < this.#outputHighBytes) {
      const count = Math.min(bytes.length - at, stream.sendWindow, this.window, this.frameBytesMax);
      if (count <= 0) break;
      out.reserve(frameHeaderBytes + count);
      out.header(count, FrameType.Data, 0, stream.id);
      out.put(bytes.subarray(at, at + count));
      this.#sent(stream, count);
      at += count;
    }
    return at;
  }

  #queueOf(stream: Http2Stream): SendQueue {
    if (stream.queue !== null) return stream.queue;
    stream.stalledSinceMs = this.nowMs;
    this.queuedStreams++;
    return (stream.queue = new SendQueue());
  }

  #queued(stream: Http2Stream, bytes: number): boolean {
    this.#account.charge(bytes);
    if (stream.id > 0) {
      this.#schedule(stream);
      this.flush();
    }
    const left = stream.queue === null ? 0 : stream.queue.bytes;
    if (left < this.#streamHighBytes) return true;
    stream.drainWanted = true;
    return false;
  }

  #schedule(stream: Http2Stream): void {
    if (stream.sendWindow > 0) this.#ready.push(stream);
  }

  #sendFrame(stream: Http2Stream): void {
    const queue = stream.queue!;
    const count = Math.min(queue.bytes, stream.sendWindow, this.window, this.frameBytesMax);
    if (count <= 0) return; // its window shrank while it waited
    this.#writeQueued(stream, queue, count);
    if (queue.bytes > 0) this.#schedule(stream);
    else this.#drained(stream, queue);
    if (!stream.drainWanted || stream.over || queue.bytes * 2 >= this.#streamHighBytes) return;
    stream.drainWanted = false;
    stream.onDrain();
  }

  #writeQueued(stream: Http2Stream, queue: SendQueue, count: number): void {
    const out = this.#out;
    const last = queue.closed && count === queue.bytes;
    out.reserve(frameHeaderBytes + count);
    out.header(count, FrameType.Data, last ? Flag.EndStream : 0, stream.id);
    queue.take(count, out.bytes, out.at);
    out.at += count;
    if (last) stream.localEnded = true;
    stream.stalledSinceMs = this.nowMs;
    this.#account.release(count);
    this.#sent(stream, count);
  }

  #drained(stream: Http2Stream, queue: SendQueue): void {
    this.#dropQueue(stream);
    if (queue.closed && !stream.localEnded) this.#writeEnd(stream);
    stream.onQueueEmpty();
  }

  #dropQueue(stream: Http2Stream): void {
    stream.queue = null;
    stream.stalledSinceMs = Infinity;
    this.queuedStreams--;
  }

  #writeEnd(stream: Http2Stream): void {
    this.#out.reserve(frameHeaderBytes);
    this.#out.header(0, FrameType.Data, Flag.EndStream, stream.id);
    stream.localEnded = true;
  }

  #sent(stream: Http2Stream, count: number): void {
    stream.sendWindow -= count;
    this.window -= count;
    this.#counters.dataFramesSent++;
  }
}
