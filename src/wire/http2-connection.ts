/**
 * One HTTP/2 connection, either side: SETTINGS, PING, GOAWAY, flow control, the ends of streams, and every limit that does
 * not need to know what a stream carries (RFC 9113). The two sides extend it with calls.
 *
 * Promises: `receive` throws for no input; a peer's mistake costs its stream where the RFC allows that and the connection
 * otherwise; after `dead` every stream has been told and nothing but the last GOAWAY leaves.
 * Relies on the pump: `tick` every 100 ms, `outputDrained` when what was taken has left.
 *
 * Longer than most files here: it is one state machine, and its parts share their state.
 */
import { utf8 } from '../base/bytes.ts';
import { ByteAccount, ByteBudget } from './byte-budget.ts';
import type { ConnectionOptions } from './connection-options.ts';
import type { Connection } from './contract.ts';
import { WireCounters } from './counters.ts';
import { ErrorCode, errorCodeName } from './error-code.ts';
import { FrameParser, type FrameSink } from './frame-parser.ts';
import { Setting, initialFrameBytes, initialHeaderTableBytes, initialWindowBytes, readUint32 } from './frame.ts';
import { FrameWriter } from './frame-writer.ts';
import { HeaderWriter } from './header-writer.ts';
import { HpackDecoder, HpackError, type HeaderBlock } from './hpack/decoder.ts';
import type { Http2Stream } from './http2-stream.ts';
import type { InputGate } from './input-gate.ts';
import { KeepAlive } from './keep-alive.ts';
import { defaultLimits, type WireLimits } from './limits.ts';
import { PeerSettings } from './peer-settings.ts';
import { PingAnswers } from './ping-answers.ts';
import { SendScheduler } from './send-scheduler.ts';
import { Ended, StreamTable } from './stream-table.ts';
import { TokenBucket } from './token-bucket.ts';

/** How often streams are searched for readers that stall, while any has something queued. */
const stallSweepMs = 1_000;

export abstract class Http2Connection<S extends Http2Stream> implements Connection, FrameSink {
  readonly counters = new WireCounters();
  closeReason = '';
  dead = false;
  protected readonly limits: WireLimits;
  protected readonly account: ByteAccount;
  protected readonly out = new FrameWriter();
  protected readonly headers: HeaderWriter;
  protected readonly sender: SendScheduler;
  protected readonly parser: FrameParser;
  protected readonly keepAlive: KeepAlive;
  protected readonly peerSettings = new PeerSettings();
  protected readonly streams = new StreamTable<S>();
  /** The highest stream id that was ever used. */
  protected highestStreamId = 0;
  /** No new streams; the connection ends with the last one that is open. */
  protected draining = false;
  protected nowMs: number;
  readonly #server: boolean;
  readonly #onOutput: () => void;
  readonly #gate: InputGate | null;
  readonly #decoder: HpackDecoder;
  readonly #startedMs: number;
  /** Inside `receive` or `tick`, where the pump looks for output by itself. */
  #pumping = false;
  #notified = false;
  #settingsAcked = false;
  /** What the peer may still send on the connection, and what it was not told yet. */
  #receiveWindow = initialWindowBytes;
  #credit = 0;
  /** The window of a new stream, as far as the peer has acknowledged it. */
  #streamWindow = initialWindowBytes;
  #backlogSinceMs = Infinity;
  #nextAlarmMs = Infinity;
  #nextStallSweepMs = 0;
  /** Messages that are slices of the chunk being received. */
  readonly #borrowers: S[] = [];
  readonly #pingAnswers: PingAnswers;
  readonly #pings: TokenBucket;
  readonly #settings: TokenBucket;
  readonly #resetsReceived: TokenBucket;
  readonly #resetsProvoked: TokenBucket;
  readonly #refusals: TokenBucket;
  readonly #windowUpdates: TokenBucket;
  readonly #priorities: TokenBucket;
  readonly #emptyData: TokenBucket;
  readonly #tinyData: TokenBucket;
  /** DATA frames of ours that have already paid for window updates. */
  #dataFramesPaid = 0;

  protected constructor(options: ConnectionOptions, server: boolean) {
    const limits = { ...defaultLimits, ...options.limits };
    this.limits = limits;
    this.nowMs = options.nowMs;
    this.#startedMs = options.nowMs;
    this.#server = server;
    this.#onOutput = options.onOutput;
    this.#gate = options.gate ?? null;
    const budget = options.budget ?? new ByteBudget(limits.connectionBytesMax);
    this.account = new ByteAccount(limits.connectionBytesMax, budget);
    this.headers = new HeaderWriter(this.out, initialFrameBytes);
    this.sender = new SendScheduler({
      out: this.out,
      account: this.account,
      counters: this.counters,
      outputHighBytes: limits.outputHighBytes,
      streamHighBytes: limits.streamHighBytes,
    });
    this.parser = new FrameParser(this, limits, this.account, server);
    this.keepAlive = new KeepAlive(options, options.nowMs);
    this.#pingAnswers = new PingAnswers(options.pingAnswerWaitMs ?? 0);
    this.#decoder = new HpackDecoder({
      tableBytesMax: initialHeaderTableBytes, // until our SETTINGS are acknowledged (RFC 9113 6.5.3)
      listBytesMax: limits.headerListBytesMax,
      fieldCountMax: limits.headerFieldsMax,
    });
    const bucket = (limit: WireLimits['pings']): TokenBucket => new TokenBucket(limit, options.nowMs);
    this.#pings = bucket(limits.pings);
    this.#settings = bucket(limits.settings);
    this.#resetsReceived = bucket(limits.resetsReceived);
    this.#resetsProvoked = bucket(limits.resetsProvoked);
    this.#refusals = bucket(limits.refusals);
    this.#windowUpdates = bucket(limits.windowUpdates);
    this.#priorities = bucket(limits.priorities);
    this.#emptyData = bucket(limits.emptyData);
    this.#tinyData = bucket(limits.tinyData);
  }

  // The pump's face.

  receive(chunk: Uint8Array, nowMs: number): void {
    if (this.dead) return;
    this.#enter(nowMs);
    this.counters.bytesReceived += chunk.length;
    this.keepAlive.heard(nowMs);
    this.parser.receive(chunk, nowMs);
    this.counters.framesReceived = this.parser.frames;
    this.#pumping = false;
  }

  takeOutput(): Uint8Array | null {
    this.#notified = false;
    if (!this.dead) this.#pingAnswers.write(this.nowMs, this.out);
    const output = this.out.take();
    if (output === null) return null;
    this.counters.bytesSent += output.length;
    this.sender.backlogBytes += output.length;
    this.account.charge(output.length);
    if (this.#backlogSinceMs === Infinity) this.#backlogSinceMs = this.nowMs;
    return output;
  }

  outputLeft(): void {
    this.out.recycle();
  }

  outputDrained(): void {
    if (this.sender.backlogBytes === 0) return;
    this.account.release(this.sender.backlogBytes);
    this.sender.backlogBytes = 0;
    this.#backlogSinceMs = Infinity;
    if (this.sender.queuedStreams === 0) return;
    this.sender.flush();
    this.changed();
  }

  tick(nowMs: number): void {
    this.#enter(nowMs);
    if (!this.dead) this.#watchPeer(nowMs);
    if (!this.dead && nowMs >= this.#nextAlarmMs) this.#ring(nowMs);
    if (!this.dead && this.sender.queuedStreams > 0 && nowMs >= this.#nextStallSweepMs) this.#sweepStalled(nowMs);
    if (!this.dead) this.#pingAnswers.write(nowMs, this.out);
    this.onTick(nowMs);
    this.#pumping = false;
  }

  transportClosed(reason: string): void {
    if (!this.dead) this.#die(reason);
    this.out.clear();
  }

  get hasOutput(): boolean {
    return this.dead || this.out.pendingBytes > 0;
  }

  get wantsInput(): boolean {
    return (this.#gate === null || this.#gate.open) && this.#isRead;
  }

  get #isRead(): boolean {
    return !this.dead && this.sender.unsentBytes < this.limits.outputStopBytes;
  }

  get finished(): boolean {
    return this.dead && this.out.pendingBytes === 0;
  }

  get pinnedBytes(): number {
    return this.account.usedBytes + this.out.pendingBytes;
  }

  get openCalls(): number {
    return this.streams.size;
  }

  abstract close(): void;

  abort(reason: string): void {
    if (this.dead) return;
    this.#goaway(ErrorCode.NoError, reason);
    this.#die(reason);
    this.changed();
  }

  // What the sides implement.

  /** The id for our GOAWAY: the last stream of the peer's that we have worked on. */
  protected abstract get lastAcceptedId(): number;
  protected abstract onHeaderBlock(streamId: number, block: HeaderBlock, endStream: boolean): void;
  protected abstract onStreamData(stream: S, bytes: Uint8Array, start: number, end: number, endStream: boolean): void;
  /** The peer reset it; it is removed already. */
  protected abstract onStreamReset(stream: S, errorCode: number): void;
  /** We reset it for the peer's mistake; it is removed already. */
  protected abstract onStreamFailed(stream: S, errorCode: ErrorCode, reason: string): void;
  /** The connection is over; it is removed already. */
  protected abstract onStreamLost(stream: S, reason: string): void;
  protected abstract onAlarm(stream: S, nowMs: number): void;
  /** It does not read what we queued; it is removed and reset already. */
  protected abstract onStreamStalled(stream: S): void;
  protected abstract onPeerSettings(): void;
  /** False: this PING was one too many. */
  protected abstract permitsPing(nowMs: number): boolean;
  /** Keepalive needs no more than the bytes themselves; a drain waits for its own. */
  protected abstract onPingAck(bytes: Uint8Array, start: number): void;
  protected abstract onTick(nowMs: number): void;
  /** A stream is gone: another may have its place, or the connection may be drained. */
  protected abstract onStreamRemoved(): void;
  protected abstract onPeerGoaway(lastStreamId: number, errorCode: number, debug: Uint8Array): void;

  /** Every stream that wants its alarms, and to be told of the end. */
  protected allStreams(): S[] {
    return this.streams.all();
  }

  // What the sides use.

  /** Something may have been written outside `receive` and `tick`. */
  protected changed(): void {
    if (this.#pumping || this.#notified || (this.out.pendingBytes === 0 && !this.dead)) return;
    this.#notified = true;
    this.#onOutput();
  }

  /** Calls from outside that bring the time. */
  protected setNow(nowMs: number): void {
    this.nowMs = nowMs;
    this.sender.nowMs = nowMs;
  }

  /** Our first frame: what we allow. `extra` is the side's own. */
  protected announce(extra: readonly (readonly [id: number, value: number])[]): void {
    const { limits } = this;
    this.out.settings([
      [Setting.HeaderTableSize, limits.headerTableBytesMax],
      [Setting.InitialWindowSize, limits.streamWindowBytes],
      [Setting.MaxFrameSize, limits.frameBytesMax],
      [Setting.MaxHeaderListSize, limits.headerListBytesMax],
      ...extra,
    ]);
    const more = limits.connectionWindowBytes - initialWindowBytes;
    if (more <= 0) return; // RFC 9113 6.9.2: a window can only be widened by WINDOW_UPDATE
    this.out.windowUpdate(0, more);
    this.#receiveWindow += more;
  }

  /** A new stream enters the table, with both windows as they are now. `headBytes` is what its headers pin. */
  protected openStreamState(stream: S, streamId: number, headBytes: number): void {
    stream.id = streamId;
    stream.sendWindow = this.peerSettings.streamWindowBytes;
    stream.receiveWindow = this.#streamWindow;
    this.charge(stream, this.limits.streamCostBytes + headBytes);
    this.counters.streamsOpened++;
    this.streams.add(stream);
    if (!this.#server) this.#resetsReceived.give(1); // a server may reset whatever we open
  }

  /** Pinned for as long as the stream is open. */
  protected charge(stream: S, bytes: number): void {
    stream.chargedBytes += bytes;
    this.account.charge(bytes);
  }

  protected removeStream(stream: S, ended: Ended): void {
    if (stream.over) return;
    stream.over = true;
    this.sender.forget(stream);
    if (stream.reader !== null && !stream.paused) stream.reader.close(); // what is held is still to be read
    this.account.release(stream.chargedBytes);
    stream.chargedBytes = 0;
    this.streams.remove(stream, ended);
    this.counters.streamsEnded++;
    this.onStreamRemoved();
  }

  /** RST_STREAM of our own accord, not for a mistake. */
  protected resetStream(stream: S, errorCode: ErrorCode): void {
    this.out.resetStream(stream.id, errorCode);
    this.counters.resetsSent++;
    this.removeStream(stream, Ended.ByUs);
  }

  /** RST_STREAM because the peer broke a rule (RFC 9113 5.4.2). */
  protected failStream(streamId: number, stream: S | null, errorCode: ErrorCode, reason: string): void {
    if (!this.#resetsProvoked.spend(this.nowMs)) return this.#calm('too many stream errors');
    this.out.resetStream(streamId, errorCode);
    this.counters.resetsSent++;
    if (stream === null) return this.streams.note(streamId, Ended.ByUs);
    this.removeStream(stream, Ended.ByUs);
    this.onStreamFailed(stream, errorCode, reason);
  }

  /** A stream that was never opened: not processed, so that the peer may try again (RFC 9113 8.7). */
  protected refuse(streamId: number): void {
    if (!this.#refusals.spend(this.nowMs)) return this.#calm('too many streams beyond the limit');
    this.counters.streamsRefused++;
    this.counters.resetsSent++;
    this.out.resetStream(streamId, ErrorCode.RefusedStream);
    this.streams.note(streamId, Ended.ByUs);
  }

  protected setAlarm(stream: S, atMs: number): void {
    stream.alarmMs = atMs;
    if (atMs < this.#nextAlarmMs) this.#nextAlarmMs = atMs;
  }

  /** The stream keeps a slice of the chunk: it gets its own copy unless it is done before the chunk is. */
  protected borrow(stream: S, message: Uint8Array, owned: boolean): void {
    stream.message = message;
    stream.hasMessage = true;
    stream.messageBorrowed = !owned;
    if (owned) this.charge(stream, message.length);
    else this.#borrowers.push(stream);
  }

  /** Flow-control bytes of the stream have been consumed. */
  protected giveCredit(stream: S, bytes: number): void {
    if (stream.remoteEnded || stream.over) return;
    stream.credit += bytes;
    // Half a window at a time: few frames, and the sender never runs dry.
    if (stream.credit * 2 < this.#streamWindow) return;
    this.out.windowUpdate(stream.id, stream.credit);
    this.counters.windowUpdatesSent++;
    stream.receiveWindow += stream.credit;
    stream.credit = 0;
  }

  /** Says the last word and ends. */
  protected finish(reason: string): void {
    if (this.dead) return;
    this.#goaway(ErrorCode.NoError, '');
    this.#die(reason);
  }

  protected writeGoaway(lastStreamId: number, errorCode: ErrorCode, debug: string): void {
    this.counters.goawaysSent++;
    this.out.goaway(lastStreamId, errorCode, utf8(debug));
  }

  /** Ends without a word: there is nobody to hear it. */
  protected giveUp(reason: string): void {
    if (!this.dead) this.#die(reason);
  }

  // The parser's face.

  onData(streamId: number, bytes: Uint8Array, start: number, end: number, flowBytes: number, endStream: boolean): void {
    this.#receiveWindow -= flowBytes;
    if (this.#receiveWindow < 0) {
      return this.onConnectionFault(ErrorCode.FlowControlError, 'DATA beyond the connection window'); // RFC 9113 6.9.1
    }
    const windowLeft = this.#receiveWindow;
    this.#creditConnection(flowBytes);
    const stream = this.streams.get(streamId);
    if (stream === null) return this.#strayData(streamId, flowBytes);
    if (stream.remoteEnded) {
      return this.failStream(streamId, stream, ErrorCode.StreamClosed, 'DATA after END_STREAM'); // RFC 9113 5.1
    }
    stream.receiveWindow -= flowBytes;
    if (stream.receiveWindow < 0) {
      return this.failStream(streamId, stream, ErrorCode.FlowControlError, 'DATA beyond the stream window');
    }
    // A frame that fills the window is as large as we let it be.
    const forced = stream.receiveWindow === 0 || windowLeft === 0;
    this.onStreamData(stream, bytes, start, end, endStream);
    if (endStream || stream.over) return;
    if (stream.paused) stream.withheld += flowBytes;
    else this.giveCredit(stream, flowBytes);
    if (end - start < this.limits.tinyDataBytes && !forced) this.#tinyFrame(stream, end - start);
  }

  onHeaders(streamId: number, bytes: Uint8Array, start: number, end: number, endStream: boolean): void {
    const block = this.#decode(bytes, start, end);
    if (block !== null) this.onHeaderBlock(streamId, block, endStream);
  }

  onIgnored(): void {
    if (!this.#priorities.spend(this.nowMs)) this.#calm('too many PRIORITY or unknown frames');
  }

  onReset(streamId: number, errorCode: number): void {
    if (this.isIdle(streamId)) return this.onConnectionFault(ErrorCode.ProtocolError, 'RST_STREAM on an idle stream');
    this.counters.resetsReceived++;
    if (!this.#resetsReceived.spend(this.nowMs)) return this.#calm('too many RST_STREAM frames');
    const stream = this.streams.get(streamId);
    if (stream === null) return;
    this.removeStream(stream, Ended.ByPeer);
    this.onStreamReset(stream, errorCode);
  }

  onSettings(bytes: Uint8Array, start: number, end: number): void {
    if (!this.#settings.spend(this.nowMs)) return this.#calm('too many SETTINGS frames');
    const windowBefore = this.peerSettings.streamWindowBytes;
    for (let at = start; at < end; at += 6) {
      const id = (bytes[at]! << 8) | bytes[at + 1]!;
      const error = this.peerSettings.apply(id, readUint32(bytes, at + 2), !this.#server);
      if (error !== ErrorCode.NoError) return this.onConnectionFault(error, 'SETTINGS has an illegal value');
      // Each value counts: the smallest between two blocks has to be announced (RFC 7541 4.2).
      if (id === Setting.HeaderTableSize) this.headers.setPeerTableBytes(this.peerSettings.headerTableBytes);
    }
    this.headers.frameBytesMax = this.peerSettings.frameBytesMax;
    this.sender.frameBytesMax = this.peerSettings.frameBytesMax;
    this.out.settingsAck();
    this.#shiftSendWindows(this.peerSettings.streamWindowBytes - windowBefore);
    if (!this.dead) this.onPeerSettings();
  }

  /** RFC 9113 6.5.3: from here on the peer keeps to what we announced. */
  onSettingsAck(): void {
    if (!this.#settings.spend(this.nowMs)) return this.#calm('too many SETTINGS frames');
    if (this.#settingsAcked) return;
    this.#settingsAcked = true;
    this.#decoder.setTableBytesMax(this.limits.headerTableBytesMax);
    const delta = this.limits.streamWindowBytes - this.#streamWindow;
    this.#streamWindow += delta;
    for (const stream of this.streams.all()) {
      stream.receiveWindow += delta;
      this.giveCredit(stream, 0); // a window that shrank may have less room than what we owe
    }
  }

  onPing(bytes: Uint8Array, start: number, ack: boolean): void {
    if (ack) return this.onPingAck(bytes, start);
    this.counters.pingsReceived++;
    if (!this.permitsPing(this.nowMs)) return this.#calm('too_many_pings'); // grpc's word, which its clients look for
    if (!this.#pings.spend(this.nowMs)) return this.#calm('too many PING frames');
    this.#pingAnswers.answer(bytes, start, this.nowMs, this.out);
  }

  onGoaway(lastStreamId: number, errorCode: number, debug: Uint8Array): void {
    if (!this.#settings.spend(this.nowMs)) return this.#calm('too many GOAWAY frames');
    this.onPeerGoaway(lastStreamId, errorCode, debug);
  }

  onWindowUpdate(streamId: number, increment: number): void {
    if (!this.#permitsWindowUpdate()) return this.#calm('too many WINDOW_UPDATE frames');
    if (this.#backlogSinceMs !== Infinity) this.#backlogSinceMs = this.nowMs; // a sign that it reads
    if (streamId === 0) {
      if (!this.sender.widen(increment)) {
        return this.onConnectionFault(ErrorCode.FlowControlError, 'the connection window exceeds 2^31-1');
      }
      return this.sender.flush();
    }
    if (this.isIdle(streamId))
      return this.onConnectionFault(ErrorCode.ProtocolError, 'WINDOW_UPDATE on an idle stream');
    const stream = this.streams.get(streamId);
    if (stream === null) return; // RFC 9113 5.1: it may have been on its way
    if (!this.sender.widenStream(stream, increment)) {
      return this.failStream(streamId, stream, ErrorCode.FlowControlError, 'the stream window exceeds 2^31-1');
    }
    this.sender.flush();
  }

  onConnectionFault(errorCode: ErrorCode, reason: string): void {
    if (this.dead) return;
    this.#goaway(errorCode, reason);
    this.closeReason = `${errorCodeName(errorCode)}: ${reason}`; // says more than a drain that was under way
    this.#die(this.closeReason);
  }

  onStreamFault(streamId: number, errorCode: ErrorCode, reason: string): void {
    // RST_STREAM may not name a stream that is idle (RFC 9113 6.4), so such a fault is the connection's.
    if (this.isIdle(streamId)) return this.onConnectionFault(errorCode, reason);
    const stream = this.streams.get(streamId);
    if (stream !== null || this.streams.ended(streamId) !== Ended.ByUs) {
      this.failStream(streamId, stream, errorCode, reason);
    }
  }

  onChunkEnd(): void {
    const borrowers = this.#borrowers;
    if (borrowers.length === 0) return;
    for (const stream of borrowers) if (stream.ownMessage()) this.charge(stream, stream.message.length);
    borrowers.length = 0;
  }

  /** Never opened: even ids are a pushing server's (RFC 9113 5.1.1), and nobody pushes here. */
  protected isIdle(streamId: number): boolean {
    return (streamId & 1) === 0 || streamId > this.highestStreamId;
  }

  /** DATA for a stream that is gone. */
  protected strayIsError(streamId: number): boolean {
    return this.streams.ended(streamId) !== Ended.ByUs;
  }

  #enter(nowMs: number): void {
    this.#pumping = true;
    this.setNow(nowMs);
  }

  #decode(bytes: Uint8Array, start: number, end: number): HeaderBlock | null {
    try {
      return this.#decoder.decode(bytes, start, end);
    } catch (error) {
      if (!(error instanceof HpackError)) throw error;
      this.onConnectionFault(ErrorCode.CompressionError, error.reason); // RFC 9113 4.3
      return null;
    }
  }

  #strayData(streamId: number, bytes: number): void {
    if (this.isIdle(streamId)) return this.onConnectionFault(ErrorCode.ProtocolError, 'DATA on an idle stream');
    if (bytes < this.limits.tinyDataBytes && !this.#tinyData.spend(this.nowMs)) {
      return this.#calm('too many tiny DATA frames');
    }
    if (this.strayIsError(streamId)) this.failStream(streamId, null, ErrorCode.StreamClosed, 'DATA on a closed stream');
  }

  /** At once, whatever becomes of the stream: one that is slow must not starve the others. */
  #creditConnection(bytes: number): void {
    this.#credit += bytes;
    if (this.#credit * 2 < Math.max(this.limits.connectionWindowBytes, initialWindowBytes)) return;
    this.out.windowUpdate(0, this.#credit);
    this.counters.windowUpdatesSent++;
    this.#receiveWindow += this.#credit;
    this.#credit = 0;
  }

  #tinyFrame(stream: S, bytes: number): void {
    if (bytes === 0) {
      if (!this.#emptyData.spend(this.nowMs)) this.#calm('too many empty DATA frames');
    } else if (stream.midMessage && !this.#tinyData.spend(this.nowMs)) this.#calm('too many tiny DATA frames');
  }

  #permitsWindowUpdate(): boolean {
    if (this.#windowUpdates.spend(this.nowMs)) return true;
    const sent = this.counters.dataFramesSent;
    this.#windowUpdates.give(2 * (sent - this.#dataFramesPaid));
    this.#dataFramesPaid = sent;
    return this.#windowUpdates.spend(this.nowMs);
  }

  /** RFC 9113 6.9.2: a change of SETTINGS_INITIAL_WINDOW_SIZE moves the window of every stream, below 0 if need be. */
  #shiftSendWindows(delta: number): void {
    if (delta === 0) return;
    for (const stream of this.streams.all()) {
      if (this.sender.widenStream(stream, delta)) continue;
      return this.onConnectionFault(ErrorCode.FlowControlError, 'SETTINGS makes a window exceed 2^31-1');
    }
    this.sender.flush();
  }

  #watchPeer(nowMs: number): void {
    const { limits } = this;
    if (!this.parser.started && nowMs - this.#startedMs >= limits.prefaceMs) {
      return this.onConnectionFault(ErrorCode.ProtocolError, 'no preface and SETTINGS in time');
    }
    if (!this.#settingsAcked && nowMs - this.#startedMs >= limits.settingsAckMs) {
      return this.onConnectionFault(ErrorCode.SettingsTimeout, 'SETTINGS were not acknowledged in time');
    }
    if (nowMs - this.#backlogSinceMs >= limits.stalledReaderMs) return this.giveUp('the peer does not read');
    if (!this.wantsInput) {
      // The silence is ours: we do not read.
      this.parser.restartClock(nowMs);
      return this.keepAlive.heard(nowMs);
    }
    if (nowMs - this.parser.pendingSinceMs >= limits.slowFrameMs) return this.#calm('a frame takes too long');
    this.#keepAlive(nowMs);
  }

  #keepAlive(nowMs: number): void {
    const verdict = this.keepAlive.check(nowMs, this.streams.size > 0);
    if (verdict === 'dead') return this.giveUp('keepalive ping failed to receive ACK within timeout');
    if (verdict === 'silent') return;
    this.counters.pingsSent++;
    this.keepAlive.writePing(this.out, nowMs);
  }

  #ring(nowMs: number): void {
    this.#nextAlarmMs = Infinity;
    for (const stream of this.allStreams()) {
      if (stream.over) continue;
      if (stream.alarmMs <= nowMs) this.onAlarm(stream, nowMs);
      if (!stream.over && stream.alarmMs < this.#nextAlarmMs) this.#nextAlarmMs = stream.alarmMs;
    }
  }

  #sweepStalled(nowMs: number): void {
    this.#nextStallSweepMs = nowMs + stallSweepMs;
    for (const stream of this.streams.all()) {
      if (stream.over || nowMs - stream.stalledSinceMs < this.limits.stalledReaderMs) continue;
      this.resetStream(stream, ErrorCode.Cancel);
      this.onStreamStalled(stream);
    }
  }

  #calm(reason: string): void {
    this.onConnectionFault(ErrorCode.EnhanceYourCalm, reason);
  }

  #goaway(errorCode: ErrorCode, reason: string): void {
    this.writeGoaway(this.lastAcceptedId, errorCode, reason);
  }

  #die(reason: string): void {
    this.dead = true;
    this.closeReason ||= reason;
    for (const stream of this.allStreams()) {
      if (stream.over) continue;
      this.removeStream(stream, Ended.ByUs);
      this.onStreamLost(stream, this.closeReason);
    }
    this.#borrowers.length = 0;
    this.parser.close();
    this.account.close();
  }
}
