/**
 * Bytes to frames, and HEADERS with their CONTINUATIONs to header blocks: all that RFC 9113 4 and 6 demand of a frame
 * without knowing any stream.
 *
 * Promises: a frame that lies within a chunk is parsed where it lies; only one cut by the chunk's end is copied, and at most
 * one frame and one header block are held. After a fault nothing more is parsed.
 */
import { emptyBytes } from '../base/bytes.ts';
import type { ByteAccount } from './byte-budget.ts';
import { ErrorCode } from './error-code.ts';
import { Flag, FrameType, clientPreface, frameHeaderBytes, readUint31, readUint32 } from './frame.ts';
import type { WireLimits } from './limits.ts';

/** What the parser tells the connection. Byte ranges are valid during the call. */
export interface FrameSink {
  /** `flowBytes` is what counts against the windows: payload and padding. */
  onData(streamId: number, bytes: Uint8Array, start: number, end: number, flowBytes: number, endStream: boolean): void;
  /** One complete header block. */
  onHeaders(streamId: number, bytes: Uint8Array, start: number, end: number, endStream: boolean): void;
  /** PRIORITY, and frames of types that we do not know. */
  onIgnored(): void;
  onReset(streamId: number, errorCode: number): void;
  /** A whole number of settings, six bytes each. */
  onSettings(bytes: Uint8Array, start: number, end: number): void;
  onSettingsAck(): void;
  /** Eight opaque bytes at `start`. */
  onPing(bytes: Uint8Array, start: number, ack: boolean): void;
  onGoaway(lastStreamId: number, errorCode: number, debug: Uint8Array): void;
  onWindowUpdate(streamId: number, increment: number): void;
  /** The connection cannot go on. */
  onConnectionFault(errorCode: ErrorCode, reason: string): void;
  /** This stream cannot go on. */
  onStreamFault(streamId: number, errorCode: ErrorCode, reason: string): void;
  /** The chunk has been parsed up to a frame that it cuts: nothing may refer to its memory any more. */
  onChunkEnd(): void;
  /** Parsing stops as soon as this is true. */
  readonly dead: boolean;
}

/** Frames whose length the RFC fixes (6.3, 6.4, 6.7, 6.9); -1 is any. Indexed by type. */
const fixedBytes = [-1, -1, 5, 4, -1, -1, 8, -1, 4, -1];
/** Frames that belong to a stream (1), to the connection (0), or to either (-1). Indexed by type. */
const ownStream = [1, 1, 1, 1, 0, 1, 0, 0, -1, 1];

export class FrameParser {
  /** Frames seen, for metrics. */
  frames = 0;
  readonly #sink: FrameSink;
  readonly #limits: WireLimits;
  readonly #account: ByteAccount;
  /** How many bytes of the preface are still to come; 0 on the client's side. */
  #prefaceLeft: number;
  #settingsSeen = false;
  /** The frame that the last chunk cut. */
  #partial: Uint8Array = emptyBytes;
  #partialFilled = 0;
  #partialSinceMs = Infinity;
  /** The header block that waits for CONTINUATION; stream 0 is none. */
  #block: Uint8Array = emptyBytes;
  #blockFilled = 0;
  #blockStream = 0;
  #blockEndsStream = false;
  #blockContinuations = 0;
  #blockSinceMs = Infinity;

  constructor(sink: FrameSink, limits: WireLimits, account: ByteAccount, server: boolean) {
    this.#sink = sink;
    this.#limits = limits;
    this.#account = account;
    this.#prefaceLeft = server ? clientPreface.length : 0;
  }

  /** Preface and first SETTINGS have come (RFC 9113 3.4). */
  get started(): boolean {
    return this.#settingsSeen;
  }

  /** Since when a frame or a header block waits for its end; Infinity when none does. */
  get pendingSinceMs(): number {
    return Math.min(this.#partialSinceMs, this.#blockSinceMs);
  }

  /** Forgives the time that passed while we did not read. */
  restartClock(nowMs: number): void {
    if (this.#partialSinceMs < nowMs) this.#partialSinceMs = nowMs;
    if (this.#blockSinceMs < nowMs) this.#blockSinceMs = nowMs;
  }

  receive(chunk: Uint8Array, nowMs: number): void {
    let at = this.#prefaceLeft > 0 ? this.#preface(chunk) : 0;
    if (this.#partialFilled > 0 && !this.#sink.dead) at = this.#completePartial(chunk, at, nowMs);
    while (chunk.length - at >= frameHeaderBytes && !this.#sink.dead) {
      const length = frameLength(chunk, at);
      if (length > this.#limits.frameBytesMax) return this.#tooLong();
      if (chunk.length - at < frameHeaderBytes + length) break;
      this.#frame(chunk, at, length, nowMs);
      at += frameHeaderBytes + length;
    }
    this.#sink.onChunkEnd();
    if (at < chunk.length && !this.#sink.dead) this.#hold(chunk, at, nowMs);
  }

  /** Lets go of what is held. */
  close(): void {
    this.#partial = emptyBytes;
    this.#partialFilled = 0;
    this.#block = emptyBytes;
  }

  /** Returns how much of the chunk was preface. */
  #preface(chunk: Uint8Array): number {
    const done = clientPreface.length - this.#prefaceLeft;
    const count = Math.min(this.#prefaceLeft, chunk.length);
    for (let i = 0; i < count; i++) {
      if (chunk[i] === clientPreface[done + i]) continue;
      this.#sink.onConnectionFault(ErrorCode.ProtocolError, 'the client preface is wrong'); // RFC 9113 3.4
      return chunk.length;
    }
    this.#prefaceLeft -= count;
    return count;
  }

  /** Returns where the next frame starts; what was held is a frame now, or still is not. */
  #completePartial(chunk: Uint8Array, start: number, nowMs: number): number {
    let at = this.#fill(chunk, start, frameHeaderBytes);
    if (this.#partialFilled < frameHeaderBytes) return at;
    const length = frameLength(this.#partial, 0);
    if (length > this.#limits.frameBytesMax) {
      this.#tooLong();
      return at;
    }
    at = this.#fill(chunk, at, frameHeaderBytes + length);
    if (this.#partialFilled < frameHeaderBytes + length) return at;
    const frame = this.#partial;
    this.#account.release(frame.length);
    this.#partial = emptyBytes;
    this.#partialFilled = 0;
    this.#partialSinceMs = Infinity;
    this.#frame(frame, 0, length, nowMs);
    return at;
  }

  #hold(chunk: Uint8Array, start: number, nowMs: number): void {
    if (this.#partialSinceMs === Infinity) this.#partialSinceMs = nowMs;
    const left = chunk.length - start;
    const needed = left < frameHeaderBytes ? left : frameHeaderBytes + frameLength(chunk, start);
    this.#fill(chunk, start, Math.max(needed, left));
  }

  /** Copies until `total` bytes of the frame are held. Room grows with what has come, not with what was announced. */
  #fill(chunk: Uint8Array, start: number, total: number): number {
    const count = Math.min(total - this.#partialFilled, chunk.length - start);
    if (count <= 0) return start;
    const filled = this.#partialFilled + count;
    if (filled > this.#partial.length) this.#growPartial(filled, total);
    this.#partial.set(chunk.subarray(start, start + count), this.#partialFilled);
    this.#partialFilled = filled;
    return start + count;
  }

  #growPartial(needed: number, total: number): void {
    const grown = Buffer.allocUnsafe(Math.max(Math.min(2 * needed, total), frameHeaderBytes));
    grown.set(this.#partial.subarray(0, this.#partialFilled));
    this.#account.charge(grown.length - this.#partial.length);
    this.#partial = grown;
  }

  #tooLong(): void {
    this.#sink.onConnectionFault(ErrorCode.FrameSizeError, 'a frame is longer than our SETTINGS_MAX_FRAME_SIZE'); // 4.2
  }

  /** RFC 9113 4.2: too small for what its flags promise. */
  #tooShort(): void {
    this.#sink.onConnectionFault(ErrorCode.FrameSizeError, 'a frame is shorter than its flags say');
  }

  #fault(errorCode: ErrorCode, reason: string): void {
    this.#sink.onConnectionFault(errorCode, reason);
  }

  #frame(bytes: Uint8Array, at: number, length: number, nowMs: number): void {
    this.frames++;
    const type = bytes[at + 3]!;
    const flags = bytes[at + 4]!;
    const streamId = readUint31(bytes, at + 5);
    const start = at + frameHeaderBytes;
    if (!this.#settingsSeen && (type !== FrameType.Settings || (flags & Flag.Ack) !== 0)) {
      return this.#fault(ErrorCode.ProtocolError, 'the first frame is not SETTINGS'); // RFC 9113 3.4
    }
    if (this.#blockStream !== 0 && (type !== FrameType.Continuation || streamId !== this.#blockStream)) {
      return this.#fault(ErrorCode.ProtocolError, 'a header block is interrupted'); // RFC 9113 6.2
    }
    if (type === FrameType.Data && streamId !== 0) return this.#data(bytes, start, length, flags, streamId);
    if (this.#wellFormed(type, length, streamId)) this.#dispatch(bytes, start, length, type, flags, streamId, nowMs);
  }

  /** Lengths and stream ids that the type alone decides. */
  #wellFormed(type: number, length: number, streamId: number): boolean {
    const owner = ownStream[type] ?? -1;
    if (owner >= 0 && (owner === 1) !== streamId > 0) {
      this.#fault(
        ErrorCode.ProtocolError,
        streamId === 0 ? 'a frame lacks its stream' : 'SETTINGS, PING or GOAWAY on a stream',
      );
      return false;
    }
    const wanted = fixedBytes[type] ?? -1;
    if (wanted < 0 || wanted === length) return true;
    // RFC 9113 6.3: a bad PRIORITY costs its stream only.
    if (type === FrameType.Priority) {
      this.#sink.onStreamFault(streamId, ErrorCode.FrameSizeError, 'PRIORITY is not five bytes long');
    } else this.#fault(ErrorCode.FrameSizeError, 'a frame of fixed length has another');
    return false;
  }

  #dispatch(
    bytes: Uint8Array,
    start: number,
    length: number,
    type: number,
    flags: number,
    streamId: number,
    nowMs: number,
  ): void {
    switch (type) {
      case FrameType.Headers:
        return this.#headers(bytes, start, length, flags, streamId, nowMs);
      case FrameType.ResetStream:
        return this.#sink.onReset(streamId, readUint32(bytes, start));
      case FrameType.Settings:
        return this.#settings(bytes, start, length, flags);
      case FrameType.PushPromise:
        return this.#fault(ErrorCode.ProtocolError, 'PUSH_PROMISE, which nobody allowed'); // RFC 9113 6.6 and 8.4
      case FrameType.Ping:
        return this.#sink.onPing(bytes, start, (flags & Flag.Ack) !== 0);
      case FrameType.Goaway:
        return this.#goaway(bytes, start, length);
      case FrameType.WindowUpdate:
        return this.#windowUpdate(streamId, readUint31(bytes, start));
      case FrameType.Continuation:
        return this.#continuation(bytes, start, length, flags);
      default:
        return this.#sink.onIgnored(); // PRIORITY is deprecated (5.3.2), and unknown types are no error (4.1)
    }
  }

  #data(bytes: Uint8Array, start: number, length: number, flags: number, streamId: number): void {
    let from = start;
    let end = start + length;
    if ((flags & Flag.Padded) !== 0) {
      if (length === 0) return this.#tooShort();
      end -= bytes[from++]!;
      // RFC 9113 6.1: padding as long as the payload, or longer, is an error of the connection.
      if (end < from) return this.#fault(ErrorCode.ProtocolError, 'DATA is all padding and more');
    }
    this.#sink.onData(streamId, bytes, from, end, length, (flags & Flag.EndStream) !== 0);
  }

  #headers(bytes: Uint8Array, start: number, length: number, flags: number, streamId: number, nowMs: number): void {
    let from = start;
    let end = start + length;
    const padded = (flags & Flag.Padded) !== 0;
    if (length < (padded ? 1 : 0) + ((flags & Flag.Priority) !== 0 ? 5 : 0)) return this.#tooShort();
    if (padded) end -= bytes[from++]!;
    if ((flags & Flag.Priority) !== 0) from += 5; // RFC 9113 6.2: there, and without meaning
    if (end < from) return this.#fault(ErrorCode.ProtocolError, 'HEADERS is all padding and more');
    const endStream = (flags & Flag.EndStream) !== 0;
    if ((flags & Flag.EndHeaders) !== 0) return this.#sink.onHeaders(streamId, bytes, from, end, endStream);
    this.#blockStream = streamId;
    this.#blockEndsStream = endStream;
    this.#blockContinuations = 0;
    this.#blockSinceMs = nowMs;
    this.#extendBlock(bytes, from, end);
  }

  #continuation(bytes: Uint8Array, start: number, length: number, flags: number): void {
    if (this.#blockStream === 0) return this.#fault(ErrorCode.ProtocolError, 'CONTINUATION without HEADERS'); // 6.10
    if (++this.#blockContinuations > this.#limits.continuationFramesMax) {
      return this.#fault(ErrorCode.EnhanceYourCalm, 'too many CONTINUATION frames');
    }
    if (!this.#extendBlock(bytes, start, start + length) || (flags & Flag.EndHeaders) === 0) return;
    const block = this.#block;
    const filled = this.#blockFilled;
    const streamId = this.#blockStream;
    this.#account.release(block.length);
    this.#block = emptyBytes;
    this.#blockFilled = 0;
    this.#blockStream = 0;
    this.#blockSinceMs = Infinity;
    this.#sink.onHeaders(streamId, block, 0, filled, this.#blockEndsStream);
  }

  #extendBlock(bytes: Uint8Array, start: number, end: number): boolean {
    const filled = this.#blockFilled + end - start;
    if (filled > this.#limits.headerBlockBytesMax) {
      this.#fault(ErrorCode.EnhanceYourCalm, 'a header block is too large');
      return false;
    }
    if (filled > this.#block.length) {
      const grown = Buffer.allocUnsafe(2 * filled);
      grown.set(this.#block.subarray(0, this.#blockFilled));
      this.#account.charge(grown.length - this.#block.length);
      this.#block = grown;
    }
    this.#block.set(bytes.subarray(start, end), this.#blockFilled);
    this.#blockFilled = filled;
    return true;
  }

  #settings(bytes: Uint8Array, start: number, length: number, flags: number): void {
    this.#settingsSeen = true;
    if ((flags & Flag.Ack) === 0 ? length % 6 !== 0 : length !== 0) {
      return this.#fault(ErrorCode.FrameSizeError, 'SETTINGS has an impossible length'); // RFC 9113 6.5
    }
    if ((flags & Flag.Ack) !== 0) this.#sink.onSettingsAck();
    else this.#sink.onSettings(bytes, start, start + length);
  }

  #goaway(bytes: Uint8Array, start: number, length: number): void {
    if (length < 8) return this.#fault(ErrorCode.FrameSizeError, 'GOAWAY is too short'); // RFC 9113 6.8
    const debug = bytes.subarray(start + 8, start + length);
    this.#sink.onGoaway(readUint31(bytes, start), readUint32(bytes, start + 4), debug);
  }

  #windowUpdate(streamId: number, increment: number): void {
    if (increment > 0) return this.#sink.onWindowUpdate(streamId, increment);
    // RFC 9113 6.9: an increment of 0 costs the stream, or the connection when it was the connection's.
    if (streamId === 0) this.#fault(ErrorCode.ProtocolError, 'WINDOW_UPDATE of 0');
    else this.#sink.onStreamFault(streamId, ErrorCode.ProtocolError, 'WINDOW_UPDATE of 0');
  }
}

function frameLength(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
}
