/** One message in parts: the same message to its reader, at a bounded cost to us, and over when its reader is gone. */
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../src/base/bytes.ts';
import type { PartSource, ServerCall, UnaryHandler } from '../../src/wire/contract.ts';
import { InputGate } from '../../src/wire/input-gate.ts';
import { Code } from '../../src/wire/status.ts';
import { Loopback, type LoopbackOptions, noRoutes, plain, Replies } from './loopback.ts';

/** Answers with `messageBytes` bytes that count upwards, as fast as it is let. */
class Pourer implements PartSource {
  readonly events: string[] = [];
  call: ServerCall | null = null;
  sentBytes = 0;
  readonly #messageBytes: number;
  readonly #partBytes: number;

  constructor(messageBytes: number, partBytes: number) {
    this.#messageBytes = messageBytes;
    this.#partBytes = partBytes;
  }

  readonly handler: UnaryHandler = (call) => {
    this.call = call;
    call.beginMessage(this.#messageBytes, this);
    this.pour();
  };

  pour(): void {
    while (this.sentBytes < this.#messageBytes) {
      const part = numbers(this.sentBytes, Math.min(this.#partBytes, this.#messageBytes - this.sentBytes));
      this.sentBytes += part.length;
      const room = this.call!.sendPart(part);
      part.fill(0xee); // nothing of it may be kept
      if (!room) return;
    }
    this.call!.end(Code.OK, '');
  }

  onDrain(): void {
    this.events.push('drain');
    this.pour();
  }

  onCancel(): void {
    this.events.push('cancel');
  }
}

function numbers(from: number, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => (from + i) % 251);
}

function join(handler: UnaryHandler, options: LoopbackOptions = {}): Loopback {
  const routes = { ...noRoutes, unary: new Map([['/s.S/Pour', handler]]) };
  const loop = new Loopback({ ...options, server: { ...options.server, routes } });
  loop.pump();
  return loop;
}

const empty = new Uint8Array(0);

describe('a message in parts', () => {
  it.each([
    { messageBytes: 0, partBytes: 10, window: 65_535 },
    { messageBytes: 1, partBytes: 1, window: 65_535 },
    { messageBytes: 65_530, partBytes: 65_530, window: 65_535 },
    { messageBytes: 65_531, partBytes: 65_531, window: 65_535 },
    { messageBytes: 100_000, partBytes: 7_000, window: 100 },
    { messageBytes: 1_500_000, partBytes: 60_000, window: 1_000_000 },
  ])('arrives whole: $messageBytes bytes by $partBytes', ({ messageBytes, partBytes, window }) => {
    const pourer = new Pourer(messageBytes, partBytes);
    const limits = { streamWindowBytes: window, messageBytesMax: 10_000_000 };
    const loop = join(pourer.handler, { client: { limits } });
    const replies = new Replies();
    loop.client.unary('/s.S/Pour', empty, plain, 1, replies, loop.nowMs);
    loop.pump();
    expect(replies.all[0]?.message).toBe('');
    expect(Buffer.compare(replies.all[0]!.payload, numbers(0, messageBytes))).toBe(0);
    expect([loop.client.openCalls, loop.server.openCalls]).toEqual([0, 0]);
    expect([loop.client.pinnedBytes, loop.server.pinnedBytes]).toEqual([0, 0]);
    expect(loop.server.counters.messagesSent).toBe(1);
  });

  it('stops where its reader stops, with no more than the marks held', () => {
    const pourer = new Pourer(10_000_000, 10_000);
    const limits = { streamHighBytes: 50_000, outputHighBytes: 100_000 };
    const loop = join(pourer.handler, { server: { limits } });
    loop.client.unary('/s.S/Pour', empty, plain, 1, new Replies(), loop.nowMs);
    loop.server.receive(loop.client.takeOutput()!, loop.nowMs);
    const output: Uint8Array[] = [];
    for (let i = 0; i < 5; i++) output.push(loop.server.takeOutput() ?? empty); // taken, and never drained
    expect(pourer.events).toEqual([]);
    expect(pourer.sentBytes).toBeLessThan(100_000 + 2 * 16_384);
    expect(concatBytes(output).length).toBeLessThan(100_000 + 2 * 16_384);
    expect(loop.server.pinnedBytes).toBeLessThan(150_000);
  });

  it('goes on when there is room again', () => {
    const pourer = new Pourer(600_000, 10_000);
    const limits = { streamHighBytes: 20_000, outputHighBytes: 40_000 };
    const loop = join(pourer.handler, { server: { limits } });
    const replies = new Replies();
    loop.client.unary('/s.S/Pour', empty, plain, 1, replies, loop.nowMs);
    loop.pump();
    expect(pourer.events.length).toBeGreaterThan(5);
    expect(new Set(pourer.events)).toEqual(new Set(['drain']));
    expect(replies.all[0]?.payload.length).toBe(600_000);
  });

  it.each(['cancel', 'deadline', 'lost'] as const)('hears that nobody wants the rest: %s', (how) => {
    const pourer = new Pourer(10_000_000, 10_000);
    const loop = join(pourer.handler, { client: { limits: { streamWindowBytes: 1_000, messageBytesMax: 1e8 } } });
    // The window stays shut: the client's half is fed by hand.
    const handle = loop.client.unary('/s.S/Pour', empty, { ...plain, timeoutMs: 1_000 }, 1, new Replies(), loop.nowMs);
    loop.server.receive(loop.client.takeOutput()!, loop.nowMs);
    loop.server.takeOutput();
    if (how === 'cancel') {
      loop.client.cancel(handle);
      loop.server.receive(loop.client.takeOutput()!, loop.nowMs);
    } else if (how === 'deadline') loop.server.tick(loop.nowMs + 1_001);
    else loop.server.transportClosed('gone');
    expect(pourer.events).toEqual(['cancel']);
    expect(pourer.call!.cancelled).toBe(true);
    expect(loop.server.openCalls).toBe(0);
    const sentBytes = loop.server.counters.bytesSent;
    expect(pourer.call!.sendPart(numbers(0, 10))).toBe(true);
    pourer.call!.end(Code.OK, '');
    loop.server.takeOutput();
    expect(loop.server.counters.bytesSent - sentBytes).toBeLessThan(100); // RST_STREAM at most
    expect(loop.server.openCalls).toBe(0);
  });

  it('is reset when its sender gives up in the middle', () => {
    let call: ServerCall | null = null;
    const source = { onDrain: () => {}, onCancel: () => {} };
    const loop = join((each) => {
      call = each;
      each.beginMessage(100, source);
      each.sendPart(numbers(0, 40));
    });
    const replies = new Replies();
    loop.client.unary('/s.S/Pour', empty, plain, 1, replies, loop.nowMs);
    loop.pump();
    call!.end(Code.DataLoss, 'the disk is damaged');
    loop.pump();
    expect(replies.all).toMatchObject([{ code: Code.Internal, payload: empty }]);
    expect(loop.server.openCalls).toBe(0);
    expect(loop.client.closeReason).toBe('');
  });

  it('may not be longer than it was begun', () => {
    const source = { onDrain: () => {}, onCancel: () => {} };
    const loop = join((call) => {
      call.beginMessage(10, source);
      expect(() => call.sendPart(numbers(0, 11))).toThrow('a message is as long as was said when it began');
      call.sendPart(numbers(0, 10));
      call.end(Code.OK, '');
    });
    const replies = new Replies();
    loop.client.unary('/s.S/Pour', empty, plain, 1, replies, loop.nowMs);
    loop.pump();
    expect(replies.all[0]?.payload).toEqual(Buffer.from(numbers(0, 10)));
  });

  it('takes turns with other streams of its connection', () => {
    const pourer = new Pourer(400_000, 10_000);
    const routes = {
      ...noRoutes,
      unary: new Map<string, UnaryHandler>([
        ['/s.S/Pour', pourer.handler],
        ['/s.S/Echo', (call, request) => call.reply(request)],
      ]),
    };
    const loop = new Loopback({ server: { routes }, client: { limits: { streamWindowBytes: 10_000 } } });
    const replies = new Replies();
    loop.client.unary('/s.S/Pour', empty, plain, 1, replies, loop.nowMs);
    loop.client.unary('/s.S/Echo', numbers(0, 100), plain, 2, replies, loop.nowMs);
    loop.pump();
    expect(replies.all.map((reply) => [reply.token, reply.payload.length])).toEqual([
      [2, 100],
      [1, 400_000],
    ]);
  });
});

describe('the input gate', () => {
  it('stops all connections from reading, and wakes them', () => {
    const gate = new InputGate();
    const loop = join(() => {}, { server: { gate } });
    const wakes: number[] = [];
    const listener = () => void wakes.push(1);
    gate.watch(listener);
    expect(loop.server.wantsInput).toBe(true);
    gate.shut();
    expect(loop.server.wantsInput).toBe(false);
    gate.reopen();
    gate.reopen();
    expect([loop.server.wantsInput, wakes.length]).toEqual([true, 1]);
    gate.unwatch(listener);
    gate.shut();
    gate.reopen();
    expect(wakes.length).toBe(1);
  });

  it('is no reason to call a peer slow', () => {
    const gate = new InputGate();
    const loop = join(() => {}, { server: { gate, limits: { slowFrameMs: 1_000 } } });
    loop.pump();
    const bytes = Uint8Array.of(0, 0, 10, 0); // a frame begins
    loop.server.receive(bytes, loop.nowMs);
    gate.shut();
    for (let i = 0; i < 50; i++) loop.server.tick((loop.nowMs += 100));
    expect(loop.server.closeReason).toBe('');
    gate.reopen();
    for (let i = 0; i < 12; i++) loop.server.tick((loop.nowMs += 100));
    expect(loop.server.closeReason).toContain('a frame takes too long');
  });
});
