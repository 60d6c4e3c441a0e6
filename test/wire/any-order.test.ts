/** Both sides of one connection through calls, answers, cancels, deadlines, pauses, drains and partial reads in any order. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Http2ClientConnection } from '../../src/wire/client-connection.ts';
import type { ClientStream, ReplySink, ServerCall } from '../../src/wire/contract.ts';
import type { WireLimits } from '../../src/wire/limits.ts';
import { Http2ServerConnection } from '../../src/wire/server-connection.ts';
import { Code } from '../../src/wire/status.ts';
import { Recorder } from './loopback.ts';

/** Windows of one octet need as many frames as octets. */
const plenty = { perSec: 1e9, burst: 1e9 };
const frames = { pings: plenty, settings: plenty, windowUpdates: plenty, emptyData: plenty, tinyData: plenty };
const resets = { resetsReceived: plenty, resetsProvoked: plenty, refusals: plenty };

const limits: fc.Arbitrary<Partial<WireLimits>> = fc.record({
  streamWindowBytes: fc.constantFrom(50, 777, 5_000),
  connectionWindowBytes: fc.constantFrom(1, 65_535),
  concurrentStreamsMax: fc.constantFrom(1, 2, 100),
  outputHighBytes: fc.constantFrom(100, 2_000, 1_048_576),
  outputStopBytes: fc.constantFrom(5_000, 1_048_576),
  streamHighBytes: fc.constantFrom(50, 1_000),
  headerTableBytesMax: fc.constantFrom(0, 64, 4_096),
});

function payloadOf(bytes: number, salt: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => i * 31 + salt);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

/** A unary call: the server answers with what it was asked. */
interface Asked {
  readonly text: string;
  readonly handle: number;
  ends: number;
  /** It may end otherwise than by its answer: it has a deadline, or was cancelled. */
  isCut: boolean;
  code: number;
  answer: string;
}

/** A streaming call: the server sends back what it hears. */
class Chat extends Recorder {
  readonly sent: string[] = [];
  stream!: ClientStream;
  isPaused = false;
  isCut: boolean;
  /** `end` was called. */
  isClosed = false;

  constructor(isCut: boolean) {
    super();
    this.isCut = isCut;
  }

  override onMessage(payload: Uint8Array): void {
    expect([this.end, this.isPaused]).toEqual([null, false]);
    super.onMessage(payload);
  }

  send(size: number): void {
    const payload = payloadOf(size, this.sent.length);
    this.stream.send(payload);
    if (!this.isClosed) this.sent.push(textOf(payload));
  }

  close(): void {
    this.isClosed = true;
    this.stream.end();
  }

  cancel(): void {
    this.isCut = true;
    this.stream.cancel();
  }

  pause(): void {
    this.isPaused = true;
    this.stream.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.stream.resume();
  }
}

/** What the server still has to answer: at once, or in parts. */
class Held {
  readonly call: ServerCall;
  readonly payload: Uint8Array;
  sent = 0;
  ended = false;
  cancels = 0;
  #isFull = false;

  constructor(call: ServerCall, request: Uint8Array) {
    this.call = call;
    this.payload = Uint8Array.from(request);
  }

  begin(): void {
    this.call.beginMessage(this.payload.length, this);
  }

  onDrain(): void {
    expect(this.ended).toBe(false);
    this.#isFull = false;
  }

  onCancel(): void {
    expect([this.ended, ++this.cancels]).toEqual([false, 1]);
  }

  part(bytes: number): void {
    if (this.ended || this.call.cancelled || this.#isFull) return;
    const part = this.payload.subarray(this.sent, this.sent + bytes);
    this.#isFull = !this.call.sendPart(part);
    this.sent += part.length;
    if (this.sent === this.payload.length) this.end(Code.OK);
  }

  reply(): void {
    if (this.ended) return;
    this.ended = true;
    this.call.reply(this.payload);
  }

  end(code: number): void {
    if (this.ended) return;
    this.ended = true;
    this.call.end(code, 'no');
  }
}

function chatHandler(call: ServerCall) {
  let isOver = false;
  const over = (): void => {
    expect(isOver).toBe(false);
    isOver = true;
  };
  return {
    onMessage: (payload: Uint8Array) => {
      expect(isOver).toBe(false);
      call.send(payload);
    },
    onHalfClose: () => {
      over();
      call.end(Code.OK, '');
    },
    onCancel: over,
  };
}

type Side = 'client' | 'server';

class World implements ReplySink {
  readonly client: Http2ClientConnection;
  readonly server: Http2ServerConnection;
  readonly asked: Asked[] = [];
  readonly chats: Chat[] = [];
  readonly held: Held[] = [];
  readonly parts: Held[] = [];
  isClosing = false;
  nowMs = 1_000;
  /** Who has said that it has output, and what was taken and has not arrived. */
  readonly #marked = { client: true, server: true };
  readonly #sent = { client: Buffer.alloc(0), server: Buffer.alloc(0) };

  constructor(client: Partial<WireLimits>, server: Partial<WireLimits>) {
    const { nowMs } = this;
    this.server = new Http2ServerConnection({
      nowMs,
      onOutput: () => void (this.#marked.server = true),
      routes: this.#routes(),
      http: null,
      peer: { address: '127.0.0.1:1', tlsSubject: null },
      limits: { ...frames, ...resets, ...server },
    });
    this.client = new Http2ClientConnection({
      nowMs,
      onOutput: () => void (this.#marked.client = true),
      authority: 'a:1',
      secure: false,
      limits: { ...frames, ...resets, ...client },
    });
  }

  #routes() {
    const hold = (call: ServerCall, request: Uint8Array): void => void this.held.push(new Held(call, request));
    const parts = (call: ServerCall, request: Uint8Array): void => {
      const held = new Held(call, request);
      this.parts.push(held);
      held.begin();
    };
    const unary = new Map([
      ['/p.P/hold', hold],
      ['/p.P/parts', parts],
    ]);
    return { unary, streaming: new Map([['/p.P/chat', chatHandler]]) };
  }

  unary(method: 'hold' | 'parts', bytes: number, timeoutMs: number): void {
    const token = this.asked.length;
    const payload = payloadOf(bytes, token);
    const options = { timeoutMs, metadata: [] };
    const handle = this.client.unary(`/p.P/${method}`, payload, options, token, this, this.nowMs);
    this.asked.push({ text: textOf(payload), handle, ends: 0, isCut: timeoutMs > 0, code: -1, answer: '' });
  }

  onReply(token: number, code: number, _message: string, payload: Uint8Array): void {
    const asked = this.asked[token]!; // a call never ends before `unary` has returned
    expect(++asked.ends).toBe(1);
    asked.code = code;
    asked.answer = textOf(payload);
  }

  open(timeoutMs: number): void {
    const chat = new Chat(timeoutMs > 0);
    chat.stream = this.client.openStream('/p.P/chat', { timeoutMs, metadata: [] }, chat, this.nowMs);
    this.chats.push(chat);
  }

  cancel(asked: Asked): void {
    asked.isCut = true;
    if (asked.handle >= 0) this.client.cancel(asked.handle);
  }

  /** Takes from those that have said so, as the pump does. */
  take(): boolean {
    let isMoved = false;
    for (const side of ['client', 'server'] as const) {
      const output = this.#marked[side] ? this[side].takeOutput() : null;
      this.#marked[side] = false;
      if (output === null) continue;
      isMoved = true;
      this.#sent[side] = Buffer.concat([this.#sent[side], output]);
      this[side].outputLeft();
    }
    return isMoved;
  }

  /** Up to so many bytes arrive that `from` has sent. */
  deliver(from: Side, bytes: number): boolean {
    const side = from === 'client' ? 'server' : 'client';
    const to = this[side];
    const chunk = Uint8Array.from(this.#sent[from].subarray(0, bytes));
    if (chunk.length === 0 || (!to.wantsInput && !to.finished)) return false;
    this.#sent[from] = this.#sent[from].subarray(chunk.length);
    to.receive(chunk, this.nowMs);
    chunk.fill(0xee); // nothing of it may be kept
    if (to.hasOutput) this.#marked[side] = true;
    return true;
  }

  tick(ms: number): void {
    this.nowMs += ms;
    for (const side of ['client', 'server'] as const) {
      this[side].tick(this.nowMs);
      if (this[side].hasOutput) this.#marked[side] = true;
    }
  }

  close(side: Side): void {
    this.isClosing = true;
    this[side].close();
  }

  check(): void {
    for (const side of ['client', 'server'] as const) {
      const { hasOutput, finished, closeReason, pinnedBytes } = this[side];
      if (hasOutput && !finished && !this.#marked[side]) expect.fail(`the ${side} has output that nobody knows of`);
      if (/(?<!NO)_ERROR|STREAM_CLOSED|CALM|TIMEOUT/.test(closeReason)) expect.fail(`the ${side} says ${closeReason}`);
      if (pinnedBytes < 0) expect.fail(`the ${side} has given back more than it had`);
    }
  }

  /** Everybody does what is left to do, until nothing moves. */
  finish(): void {
    for (const chat of this.chats) {
      chat.resume();
      chat.close();
    }
    for (let quiet = 0; quiet < 4; quiet++) {
      if (this.#moves()) quiet = 0;
      else this.tick(1);
      this.check();
    }
  }

  #moves(): boolean {
    const open = this.held.filter(({ ended }) => !ended);
    for (const held of open) held.reply();
    let isMoved = this.take() || open.length > 0;
    this.client.outputDrained();
    this.server.outputDrained();
    for (const held of this.parts) {
      const { sent } = held;
      held.part(1_000);
      isMoved ||= held.sent > sent;
    }
    for (const side of ['client', 'server'] as const) isMoved = this.deliver(side, Infinity) || isMoved;
    return isMoved;
  }

  checkEnd(): void {
    for (const { ends, code, answer, text, isCut } of this.asked) {
      expect(ends).toBe(1);
      if (code === Code.OK) expect(answer).toBe(text);
      else if (!isCut && !this.isClosing) expect(code).toBe(Code.NotFound);
    }
    for (const { end, messages, sent, isCut } of this.chats) {
      const heard = messages.map(textOf);
      expect(heard).toEqual(sent.slice(0, heard.length));
      if (end!.code === Code.OK) expect(heard).toEqual(sent);
      else expect(isCut || this.isClosing).toBe(true);
    }
    const { client, server } = this;
    expect([client.openCalls, server.openCalls, client.pinnedBytes, server.pinnedBytes]).toEqual([0, 0, 0, 0]);
    expect(this.isClosing && !client.finished && !server.finished).toBe(false);
  }
}

type Act = (world: World, n: number, size: number) => void;

/** One of what is there, or nothing. */
function one<T>(all: readonly T[], n: number): T | undefined {
  return all[n % Math.max(1, all.length)];
}

const timeoutOf = (n: number): number => [0, 0, 0, 40, 300][n % 5]!;
const bytesOf = (n: number): number => [1, 7, 60, 1_000, Infinity, Infinity, Infinity][n % 7]!;

const acts = {
  unary: (world, n, size) => world.unary(n % 2 === 0 ? 'hold' : 'parts', size, timeoutOf(n)),
  open: (world, n) => world.open(timeoutOf(n)),
  cancel: (world, n) => {
    const asked = one(world.asked, n);
    if (asked !== undefined) world.cancel(asked);
  },
  send: ({ chats }, n, size) => one(chats, n)?.send(size),
  endChat: ({ chats }, n) => one(chats, n)?.close(),
  cancelChat: ({ chats }, n) => one(chats, n)?.cancel(),
  pause: ({ chats }, n) => one(chats, n)?.pause(),
  resume: ({ chats }, n) => one(chats, n)?.resume(),
  answer: ({ held }, n) => one(held, n)?.reply(),
  refuse: ({ held }, n) => one(held, n)?.end(Code.NotFound),
  part: ({ parts }, n, size) => one(parts, n)?.part(size),
  take: (world) => void world.take(),
  toServer: (world, n) => {
    world.take();
    world.deliver('client', bytesOf(n));
  },
  toClient: (world, n) => {
    world.take();
    world.deliver('server', bytesOf(n));
  },
  clientDrained: ({ client }) => client.outputDrained(),
  serverDrained: ({ server }) => server.outputDrained(),
  closeClient: (world) => world.close('client'),
  closeServer: (world) => world.close('server'),
  pass: (world, _, size) => world.tick(size % 120),
} satisfies Record<string, Act>;

const calls = ['unary', 'unary', 'open', 'send', 'send', 'answer', 'part', 'part'] as const;
const bytes = ['toServer', 'toClient', 'toServer', 'toClient', 'clientDrained', 'serverDrained', 'take'] as const;
const turns = ['cancel', 'endChat', 'cancelChat', 'pause', 'resume', 'refuse', 'pass'] as const;
const often = fc.constantFrom(...calls, ...bytes, ...calls, ...bytes, ...turns);
const seldom = fc.constantFrom('closeClient' as const, 'closeServer' as const);

const steps = fc.array(
  fc.record({
    act: fc.oneof({ weight: 60, arbitrary: often }, { weight: 1, arbitrary: seldom }),
    n: fc.nat(34),
    size: fc.oneof(fc.nat(120), fc.nat(4_000), fc.constant(0)),
  }),
  { minLength: 1, maxLength: 60, size: 'max' },
);

it('every call ends once, with its own answer, whatever happens in which order', () => {
  fc.assert(
    fc.property(limits, limits, steps, (client, server, all) => {
      const world = new World(client, server);
      for (const { act, n, size } of all) {
        const perform: Act = acts[act];
        perform(world, n, size);
        world.check();
      }
      world.finish();
      world.checkEnd();
    }),
    { numRuns: 150 },
  );
});
