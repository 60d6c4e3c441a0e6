import { describe, expect, it } from 'vitest';
import { ByteBudget } from '../../src/wire/byte-budget.ts';
import type { ServerCall, UnaryHandler } from '../../src/wire/contract.ts';
import { Code } from '../../src/wire/status.ts';
import { Loopback, type LoopbackOptions, Replies, noRoutes, plain } from './loopback.ts';

const held: ServerCall[] = [];
const hold: UnaryHandler = (call) => held.push(call);
const echo: UnaryHandler = (call, request) => call.reply(request);
const routes = {
  ...noRoutes,
  unary: new Map([
    ['/s.S/Hold', hold],
    ['/s.S/Echo', echo],
  ]),
};

function join(options: LoopbackOptions = {}): Loopback {
  held.length = 0;
  return new Loopback({ ...options, server: { ...options.server, routes } });
}

function call(loop: Loopback, replies: Replies, method = 'Hold', options = plain, bytes = 3): number {
  return loop.client.unary(`/s.S/${method}`, Buffer.alloc(bytes), options, replies.all.length, replies, loop.nowMs);
}

describe('deadlines', () => {
  it('end a call on the client', () => {
    const loop = join();
    const replies = new Replies();
    call(loop, replies, 'Hold', { timeoutMs: 250, metadata: [] });
    loop.pump();
    expect(held[0]!.deadlineMs).toBe(loop.nowMs + 250);
    loop.client.tick(loop.nowMs + 249);
    expect(replies.all).toEqual([]);
    loop.client.tick(loop.nowMs + 250);
    expect(replies.all).toMatchObject([{ code: Code.DeadlineExceeded, message: 'context deadline exceeded' }]);
    loop.pump();
    expect(held[0]!.cancelled).toBe(true);
  });

  it('end a call on the server', () => {
    const loop = join();
    const replies = new Replies();
    call(loop, replies, 'Hold', { timeoutMs: 250, metadata: [] });
    loop.pump();
    loop.server.tick(loop.nowMs + 250);
    expect(held[0]!.cancelled).toBe(true);
    loop.pump();
    expect(replies.all).toMatchObject([{ code: Code.DeadlineExceeded }]);
  });

  it('end a call that still waits for a stream', () => {
    const loop = join({ server: { limits: { concurrentStreamsMax: 1 } } });
    const replies = new Replies();
    loop.pump();
    call(loop, replies);
    call(loop, replies, 'Hold', { timeoutMs: 50, metadata: [] });
    loop.advance(60);
    expect(replies.all).toMatchObject([{ code: Code.DeadlineExceeded }]);
    expect(loop.client.openCalls).toBe(1);
  });
});

describe('cancelling', () => {
  it('ends the call and tells the server', () => {
    const loop = join();
    const replies = new Replies();
    const handle = call(loop, replies);
    loop.pump();
    loop.client.cancel(handle);
    loop.client.cancel(handle);
    expect(replies.all).toMatchObject([{ code: Code.Canceled }]);
    loop.pump();
    expect(held[0]!.cancelled).toBe(true);
    held[0]!.reply(Buffer.alloc(1));
    loop.pump();
    expect(loop.client.closeReason).toBe('');
  });

  it('ignores the handle of an earlier call in the same slot', () => {
    const loop = join();
    const replies = new Replies();
    const first = call(loop, replies, 'Echo');
    loop.pump();
    call(loop, replies, 'Hold');
    loop.client.cancel(first);
    expect(loop.client.openCalls).toBe(1);
  });
});

describe('the stream limit of the peer', () => {
  it('makes calls wait in order', () => {
    const loop = join({ server: { limits: { concurrentStreamsMax: 2 } }, client: { limits: { queuedCallsMax: 3 } } });
    const replies = new Replies();
    loop.pump();
    for (let i = 0; i < 6; i++) loop.client.unary('/s.S/Hold', Buffer.alloc(1), plain, i, replies, loop.nowMs);
    loop.pump();
    expect(held.length).toBe(2);
    loop.advance(1);
    expect(replies.all).toMatchObject([{ token: 5, code: Code.ResourceExhausted }]);
    for (let i = 0; i < 5; i++) {
      held[i]!.reply(Buffer.alloc(0));
      loop.pump();
    }
    expect(replies.all.map((r) => r.token)).toEqual([5, 0, 1, 2, 3, 4]);
  });
});

describe('going away', () => {
  it('lets a server finish what it has accepted', () => {
    const loop = join();
    const replies = new Replies();
    call(loop, replies);
    loop.pump();
    loop.server.close();
    loop.pump();
    expect(loop.client.ready).toBe(false);
    expect(loop.server.finished).toBe(false);
    call(loop, replies);
    loop.advance(1);
    expect(replies.all).toMatchObject([{ code: Code.Unavailable }]);
    held[0]!.reply(Buffer.alloc(0));
    loop.pump();
    expect(replies.all[1]).toMatchObject({ code: Code.OK });
    expect([loop.client.finished, loop.server.finished]).toEqual([true, true]);
  });

  it('serves what was on its way when the server began to close', () => {
    const loop = join();
    const replies = new Replies();
    loop.pump();
    loop.server.close();
    call(loop, replies, 'Echo');
    loop.pump();
    expect(replies.all).toMatchObject([{ code: Code.OK }]);
    expect(loop.server.finished).toBe(true);
  });

  it('lets a client finish what it has begun', () => {
    const loop = join();
    const replies = new Replies();
    call(loop, replies);
    loop.pump();
    loop.client.close();
    loop.pump();
    expect(loop.client.finished).toBe(false);
    held[0]!.reply(Buffer.alloc(0));
    loop.pump();
    expect(replies.all).toMatchObject([{ code: Code.OK }]);
    expect(loop.client.finished).toBe(true);
  });

  it.each(['cancelled', 'late'] as const)('is over for a client when its last call is %s and still waits', (how) => {
    const loop = join();
    const replies = new Replies();
    const handle = call(loop, replies, 'Hold', { timeoutMs: 50, metadata: [] }); // before the settings of the server
    loop.client.close();
    if (how === 'cancelled') loop.client.cancel(handle);
    else loop.advance(60);
    loop.pump();
    expect(replies.all).toMatchObject([{ code: how === 'cancelled' ? Code.Canceled : Code.DeadlineExceeded }]);
    expect(loop.client.finished).toBe(true);
  });

  it.each(['transportClosed', 'abort'] as const)('%s ends every call with its reason', (how) => {
    const loop = join({ server: { limits: { concurrentStreamsMax: 1 } } });
    const replies = new Replies();
    loop.pump();
    call(loop, replies);
    call(loop, replies);
    loop.pump();
    loop.client[how]('the cable is gone');
    expect(replies.all).toMatchObject([
      { code: Code.Unavailable, message: 'the cable is gone' },
      { code: Code.Unavailable, message: 'the cable is gone' },
    ]);
    expect([loop.client.openCalls, loop.client.pinnedBytes > 0]).toEqual([0, how === 'abort']);
    loop.pump();
    expect(loop.client.finished).toBe(true);
  });

  it('does not recurse when a caller answers a failure with the next call', () => {
    const loop = join();
    loop.client.transportClosed('gone');
    let calls = 0;
    const sink = {
      onReply(): void {
        if (++calls < 3) loop.client.unary('/s.S/Echo', Buffer.alloc(1), plain, 0, sink, loop.nowMs);
      },
    };
    sink.onReply();
    expect(calls).toBe(1);
    loop.client.tick(loop.nowMs);
    expect(calls).toBe(2);
    loop.client.tick(loop.nowMs);
    expect([calls, loop.client.openCalls]).toEqual([3, 0]);
  });
});

describe('keepalive', () => {
  it('pings a silent server only while a call is open, and gives it up', () => {
    const loop = join({ client: { keepAliveMs: 10_000, keepAliveTimeoutMs: 1_000 }, server: { keepAliveMinMs: 0 } });
    const replies = new Replies();
    loop.pump();
    loop.advance(60_000);
    expect(loop.server.counters.pingsReceived).toBe(0);
    call(loop, replies);
    loop.pump();
    loop.advance(10_000);
    expect(loop.server.counters.pingsReceived).toBe(1);
    loop.client.tick(loop.nowMs + 10_000);
    loop.client.tick(loop.nowMs + 11_000);
    expect(replies.all).toMatchObject([
      { code: Code.Unavailable, message: 'keepalive ping failed to receive ACK within timeout' },
    ]);
  });

  it('ends with too_many_pings when the client overdoes it', () => {
    const loop = join({ client: { keepAliveMs: 1_000 } });
    const replies = new Replies();
    loop.pump();
    call(loop, replies);
    loop.pump();
    for (let i = 0; i < 4; i++) loop.advance(1_000);
    expect(loop.client.closeReason).toBe('the server sent GOAWAY ENHANCE_YOUR_CALM "too_many_pings"');
    expect(loop.server.finished).toBe(true);
    loop.client.transportClosed('end of file');
    // The server may have processed it, so it does not read like a call above the last stream of the GOAWAY.
    const message = `connection lost after ${loop.client.closeReason}`;
    expect(replies.all).toMatchObject([{ code: Code.Unavailable, message }]);
  });
});

describe('budgets', () => {
  it('refuse a message that would be too large before it has come', () => {
    const loop = join();
    const replies = new Replies();
    call(loop, replies, 'Echo', plain, 3_000_008);
    loop.pump();
    expect(replies.all).toMatchObject([
      { code: Code.ResourceExhausted, message: 'grpc: received message larger than max (3000008 vs. 2097152)' },
    ]);
  });

  it('refuse new streams while answers that nobody reads fill them', () => {
    const budget = new ByteBudget(100_000);
    const loop = join({ server: { budget }, client: { limits: { streamWindowBytes: 1 } } });
    const replies = new Replies();
    loop.pump();
    call(loop, replies);
    loop.pump();
    const reader = loop.client;
    reader.receive = () => {}; // a peer that grants nothing
    held[0]!.send(Buffer.alloc(150_000));
    call(loop, replies);
    loop.pump();
    expect(held.length).toBe(1);
    expect(loop.server.counters.streamsRefused).toBe(1);
    loop.advance(61_000);
    expect(held[0]!.cancelled).toBe(true);
    expect(budget.usedBytes).toBe(0);
  });

  it('stop the reading while output is not taken, and give the socket up', () => {
    const loop = join({ server: { limits: { outputStopBytes: 50_000, streamHighBytes: 1_000 } } });
    const replies = new Replies();
    loop.pump();
    loop.server.outputDrained = () => {};
    call(loop, replies, 'Echo', plain, 40_000);
    loop.pump();
    expect(loop.server.wantsInput).toBe(true);
    call(loop, replies, 'Echo', plain, 40_000);
    loop.pump();
    expect(loop.server.wantsInput).toBe(false);
    loop.server.tick(loop.nowMs + 61_000);
    expect([loop.server.finished, loop.server.closeReason]).toEqual([true, 'the peer does not read']);
  });
});
