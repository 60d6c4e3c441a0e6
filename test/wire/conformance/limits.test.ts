/**
 * Every bound of src/wire/limits.ts: what is just within it is served, one more is answered as its docstring says.
 * Rates are made small here, so that a row is short; the attacks of test/wire/attacks run against the defaults.
 */
import { describe, expect, it } from 'vitest';
import { ByteBudget } from '../../../src/wire/byte-budget.ts';
import type { WireLimits } from '../../../src/wire/limits.ts';
import { defaultLimits } from '../../../src/wire/limits.ts';
import {
  block,
  concat,
  continuation,
  data,
  ErrorCode,
  Flag,
  frame,
  goaway,
  headers,
  message,
  ping,
  priority,
  resetStream,
  settings,
  settingsAck,
  windowUpdate,
} from '../frames.ts';
import { ClientRig, type RigOptions, ServerRig } from './rig.ts';
import { open, requestHeaders, responseHeaders, served, trailers, unary } from './row.ts';

const times = (count: number, make: (i: number) => Uint8Array) =>
  concat(...Array.from({ length: count }, (_, i) => make(i)));
const few = { perSec: 10, burst: 5 };
const calm = 'GOAWAY ENHANCE_YOUR_CALM';

/** `within` is served whole; `beyond`, behind it, is one too many. */
interface FloodRow {
  readonly limit: keyof WireLimits;
  readonly says: string;
  readonly rig: RigOptions;
  readonly before?: Uint8Array;
  readonly within: Uint8Array;
  readonly beyond: Uint8Array;
}

const chat = open(1, '/t.T/Chat');
const sum = open(1, '/t.T/Sum');

const floods: readonly FloodRow[] = [
  {
    limit: 'pings',
    says: 'PING',
    rig: { limits: { pings: few } },
    within: times(5, () => ping('12345678')),
    beyond: ping('12345678'),
  },
  {
    limit: 'settings',
    says: 'SETTINGS',
    rig: { limits: { settings: { perSec: 10, burst: 7 } } },
    within: times(5, () => settings()),
    beyond: settings(),
  },
  {
    limit: 'settings',
    says: 'acknowledgements of SETTINGS',
    rig: { limits: { settings: { perSec: 10, burst: 7 } } },
    within: times(5, () => settingsAck),
    beyond: settingsAck,
  },
  {
    limit: 'settings',
    says: 'GOAWAY',
    rig: { limits: { settings: { perSec: 10, burst: 7 } } },
    before: open(1, '/t.T/Chat'),
    within: times(5, () => goaway(0, 0)),
    beyond: goaway(0, 0),
  },
  {
    limit: 'resetsReceived',
    says: 'requests that are reset at once (rapid reset)',
    rig: { limits: { resetsReceived: few } },
    within: times(5, (i) => concat(open(2 * i + 1, '/t.T/Hold'), resetStream(2 * i + 1, ErrorCode.CANCEL))),
    beyond: concat(open(11, '/t.T/Hold'), resetStream(11, ErrorCode.CANCEL)),
  },
  {
    limit: 'resetsReceived',
    says: 'RST_STREAM for streams that are gone',
    rig: { limits: { resetsReceived: few } },
    before: unary(1),
    within: times(5, () => resetStream(1, ErrorCode.CANCEL)),
    beyond: resetStream(1, ErrorCode.CANCEL),
  },
  {
    limit: 'resetsProvoked',
    says: 'requests that make the server reset (made you reset)',
    rig: { limits: { resetsProvoked: few } },
    within: times(5, (i) => concat(open(2 * i + 1, '/t.T/Hold'), windowUpdate(2 * i + 1, 0))),
    beyond: concat(open(11, '/t.T/Hold'), windowUpdate(11, 0)),
  },
  {
    limit: 'resetsProvoked',
    says: 'malformed requests',
    rig: { limits: { resetsProvoked: few } },
    within: times(5, (i) => open(2 * i + 1, '/t.T/Hold', { connection: 'x' })),
    beyond: open(11, '/t.T/Hold', { connection: 'x' }),
  },
  {
    limit: 'resetsProvoked',
    says: 'DATA behind the end',
    rig: { limits: { resetsProvoked: few } },
    within: times(5, (i) => concat(unary(2 * i + 1, 'x', '/t.T/Hold'), data(2 * i + 1, new Uint8Array(1)))),
    beyond: concat(unary(11, 'x', '/t.T/Hold'), data(11, new Uint8Array(1))),
  },
  {
    limit: 'refusals',
    says: 'streams beyond the limit of streams',
    rig: { limits: { refusals: few, concurrentStreamsMax: 0 } },
    within: times(5, (i) => open(2 * i + 1)),
    beyond: open(11),
  },
  {
    limit: 'windowUpdates',
    says: 'WINDOW_UPDATE on the connection',
    rig: { limits: { windowUpdates: few } },
    within: times(5, () => windowUpdate(0, 1)),
    beyond: windowUpdate(0, 1),
  },
  {
    limit: 'windowUpdates',
    says: 'WINDOW_UPDATE on a stream',
    rig: { limits: { windowUpdates: few } },
    before: chat,
    within: times(5, () => windowUpdate(1, 1)),
    beyond: windowUpdate(1, 1),
  },
  {
    limit: 'priorities',
    says: 'PRIORITY',
    rig: { limits: { priorities: few } },
    within: times(5, () => priority(3)),
    beyond: priority(3),
  },
  {
    limit: 'priorities',
    says: 'frames of unknown type',
    rig: { limits: { priorities: few } },
    within: times(5, (i) => frame(0x20 + i, 0, 0)),
    beyond: frame(0xf0, 0, 9),
  },
  {
    limit: 'emptyData',
    says: 'DATA without payload',
    rig: { limits: { emptyData: few } },
    before: sum,
    within: times(5, () => data(1, new Uint8Array(0))),
    beyond: data(1, new Uint8Array(0)),
  },
  {
    limit: 'emptyData',
    says: 'DATA that is all padding',
    rig: { limits: { emptyData: few } },
    before: sum,
    within: times(5, () => data(1, Uint8Array.of(0), Flag.PADDED)),
    beyond: data(1, Uint8Array.of(3, 0, 0, 0), Flag.PADDED),
  },
  {
    limit: 'tinyData',
    says: 'DATA of one octet inside a message',
    rig: { limits: { tinyData: few } },
    before: concat(sum, data(1, message(new Uint8Array(200)).slice(0, 100))),
    within: times(5, () => data(1, Uint8Array.of(0))),
    beyond: data(1, Uint8Array.of(0)),
  },
  {
    limit: 'tinyData',
    says: 'DATA of one octet on a stream that is gone',
    rig: { limits: { tinyData: few } },
    before: concat(open(1, '/t.T/Echo', { connection: 'x' })),
    within: times(5, () => data(1, Uint8Array.of(0))),
    beyond: data(1, Uint8Array.of(0)),
  },
  {
    limit: 'tinyDataBytes',
    says: 'DATA of one octet less than is tiny',
    rig: { limits: { tinyData: { perSec: 10, burst: 0 }, tinyDataBytes: 64 } },
    before: concat(sum, data(1, message(new Uint8Array(900)).slice(0, 100))),
    within: times(5, () => data(1, new Uint8Array(64))),
    beyond: data(1, new Uint8Array(63)),
  },
  {
    limit: 'continuationFramesMax',
    says: 'CONTINUATION frames of one block',
    rig: { limits: { continuationFramesMax: 3 } },
    within: concat(
      headers(1, block(requestHeaders('/t.T/Hold')), 0),
      times(3, () => continuation(1, new Uint8Array(0), 0)),
    ),
    beyond: continuation(1, new Uint8Array(0)),
  },
  {
    limit: 'headerBlockBytesMax',
    says: 'a block over several frames',
    rig: { limits: { headerBlockBytesMax: 300 } },
    within: concat(
      headers(1, block(requestHeaders('/t.T/Hold')), 0),
      continuation(1, new Uint8Array(300 - block(requestHeaders('/t.T/Hold')).length).fill(0x82), 0),
    ),
    beyond: continuation(1, Uint8Array.of(0x82)),
  },
];

describe('what is too much of a frame ends the connection', () => {
  it.each(floods.map((row) => [`${row.limit}: ${row.says}`, row] as const))('%s', (_, row) => {
    const rig = new ServerRig(row.rig);
    if (row.before !== undefined) rig.send(row.before);
    rig.send(row.within);
    expect(rig.lines).not.toContain(calm);
    rig.send(row.beyond);
    expect(rig.lines.at(-1)).toBe(calm);
    expect(rig.connection.finished).toBe(true);
  });

  it.each(['pings', 'settings', 'priorities', 'windowUpdates'] as const)(
    '%s hold for a server that floods us too',
    (limit) => {
      const flood = {
        pings: ping('12345678'),
        settings: settings(),
        priorities: priority(1),
        windowUpdates: windowUpdate(0, 1),
      };
      const rig = new ClientRig({ limits: { [limit]: { perSec: 10, burst: 7 } } });
      rig.call('/t.T/Hold');
      rig.send(times(5, () => flood[limit]));
      expect(rig.lines).not.toContain(calm);
      rig.send(times(6, () => flood[limit]));
      expect(rig.lines).toContain(calm);
    },
  );

  it('time gives the allowance back', () => {
    const rig = new ServerRig({ limits: { pings: few } });
    for (let second = 0; second < 5; second++) {
      rig.send(times(5, () => ping('12345678')));
      rig.wait(500);
    }
    expect(rig.lines).toHaveLength(25);
    expect(rig.alive).toBe(true);
  });

  it('each DATA frame of ours allows two WINDOW_UPDATEs more', () => {
    const rig = new ServerRig({ limits: { windowUpdates: { perSec: 0, burst: 2 } } });
    rig.send(chat);
    for (let i = 0; i < 20; i++) rig.send(data(1, message('abc')), windowUpdate(0, 8), windowUpdate(1, 8));
    expect(rig.lines).not.toContain(calm);
    rig.send(times(3, () => windowUpdate(0, 8)));
    expect(rig.lines.at(-1)).toBe(calm);
  });

  it('whole messages may be as small as they like', () => {
    const rig = new ServerRig({ limits: { tinyData: { perSec: 0, burst: 0 } } });
    rig.send(
      sum,
      times(50, () => data(1, message('x'))),
      data(1, message('x'), Flag.END_STREAM),
    );
    expect(rig.lines).toEqual(served(1, '51'));
  });
});

describe('too_many_pings, as etcd enforces it', () => {
  it('takes two strikes and goes at the third', () => {
    const rig = new ServerRig({ keepAliveMinMs: 5_000 });
    rig.send(unary(1, 'x', '/t.T/Hold'));
    for (let i = 0; i < 3; i++) rig.send(ping('12345678'));
    expect(rig.lines).toHaveLength(3);
    rig.send(ping('12345678'));
    expect(rig.lines.at(-1)).toBe(calm);
    expect(rig.frames.at(-1)?.debug).toBe('too_many_pings');
  });

  it('lets a client ping at the agreed pace for as long as it likes', () => {
    const rig = new ServerRig({ keepAliveMinMs: 5_000 });
    rig.send(unary(1, 'x', '/t.T/Hold'));
    for (let i = 0; i < 20; i++) {
      rig.send(ping('12345678'));
      rig.wait(5_100);
    }
    expect(rig.lines).toHaveLength(20);
  });

  it('wants two hours between pings without a call', () => {
    const rig = new ServerRig({ keepAliveMinMs: 5_000 });
    for (let i = 0; i < 4; i++) {
      rig.send(ping('12345678'));
      rig.wait(5_100);
    }
    expect(rig.lines.at(-1)).toBe(calm);
  });

  it('forgets strikes when we have sent something', () => {
    const rig = new ServerRig({ keepAliveMinMs: 5_000 });
    for (let i = 0; i < 10; i++) rig.send(ping('12345678'), ping('12345678'), unary(2 * i + 1));
    expect(rig.lines).not.toContain(calm);
  });
});

describe('too many headers are told to the one request', () => {
  it.each([
    { limit: 'headerListBytesMax', limits: { headerListBytesMax: 400 }, more: { x: 'y'.repeat(200) } },
    { limit: 'headerFieldsMax', limits: { headerFieldsMax: 7 }, more: { a: 'b', c: 'd' } },
  ])('$limit', ({ limits, more }) => {
    const rig = new ServerRig({ limits });
    rig.send(unary(1), unary(3, 'abc', '/t.T/Echo', more), unary(5));
    expect(rig.lines).toEqual([...served(1), 'HEADERS 3 431 grpc 8 END', 'RST_STREAM 3 NO_ERROR', ...served(5)]);
  });

  it('headerListBytesMax fails the one call of a client', () => {
    const rig = new ClientRig({ limits: { headerListBytesMax: 300 } });
    rig.call();
    rig.reset();
    rig.send(headers(1, [...responseHeaders(), ['x', 'y'.repeat(300)]]));
    expect(rig.lines).toEqual(['call 1 Internal (peer header list size exceeded limit)', 'RST_STREAM 1 CANCEL']);
    expect(rig.alive).toBe(true);
  });

  it('announces them in SETTINGS', () => {
    const rig = new ServerRig({ handshake: false, limits: { headerListBytesMax: 4_321, concurrentStreamsMax: 7 } });
    rig.collect();
    const payload = Buffer.from(rig.frames[0]!.payload);
    expect(payload.includes(Buffer.from('0006000010e1', 'hex'))).toBe(true);
    expect(payload.includes(Buffer.from('000300000007', 'hex'))).toBe(true);
  });
});

describe('bytes that a peer pins', () => {
  const hold = (id: number) => unary(id, 'x', '/t.T/Hold');

  it('connectionBytesMax: refuses streams while the connection holds too much, and serves again afterwards', () => {
    const rig = new ServerRig({ limits: { connectionBytesMax: 4_096, streamCostBytes: 1_024 } });
    rig.send(hold(1), hold(3), hold(5), hold(7), unary(9));
    expect(rig.lines).toEqual(['RST_STREAM 9 REFUSED_STREAM']);
    rig.send(resetStream(1, ErrorCode.CANCEL), unary(11));
    expect(rig.lines.slice(1)).toEqual(served(11));
  });

  it('connectionBytesMax: a message that is still growing is refused', () => {
    const budget = new ByteBudget(1e9); // of the process: plenty
    const rig = new ServerRig({ budget, limits: { connectionBytesMax: 40_000, messageBytesMax: 1_000_000 } });
    rig.send(sum);
    const whole = message(new Uint8Array(500_000));
    for (let at = 0; at < 200_000; at += 16_384) rig.send(data(1, whole.slice(at, at + 16_384)));
    expect(rig.lines.slice(0, 2)).toEqual(['HEADERS 1 200 grpc 8 END', 'RST_STREAM 1 NO_ERROR']);
    expect(rig.connection.pinnedBytes).toBeLessThan(40_000);
  });

  it('a process that holds too much refuses streams of every connection', () => {
    const budget = new ByteBudget(10_000);
    const rig = new ServerRig({ budget });
    rig.send(unary(1));
    budget.usedBytes += 10_000;
    rig.send(unary(3));
    budget.usedBytes -= 10_000;
    rig.send(unary(5));
    expect(rig.lines).toEqual([...served(1), 'RST_STREAM 3 REFUSED_STREAM', ...served(5)]);
  });

  it('gives everything back when the connection ends', () => {
    const budget = new ByteBudget(1_000_000);
    const rig = new ServerRig({ budget });
    rig.send(
      hold(1),
      open(3, '/t.T/Sum'),
      data(3, message(new Uint8Array(9_000)).slice(0, 5_000)),
      headers(5, block([['x', 'y']]), 0),
    );
    expect(budget.usedBytes).toBeGreaterThan(0);
    rig.connection.transportClosed('gone');
    expect(budget.usedBytes).toBe(0);
    expect(rig.connection.pinnedBytes).toBe(0);
  });

  it('a message that is announced but not sent costs its stream and no more', () => {
    const rig = new ServerRig();
    rig.send(sum, data(1, message(new Uint8Array(2_000_000)).slice(0, 6)));
    expect(rig.connection.pinnedBytes).toBeLessThan(defaultLimits.streamCostBytes + 20_000);
  });

  it('outputStopBytes: stops reading while the peer does not read, and goes on when it does', () => {
    const rig = new ServerRig({ limits: { outputStopBytes: 50_000, outputHighBytes: 20_000 } });
    rig.send(windowUpdate(0, 1_000_000_000), settings([[4, 1_000_000_000]]));
    for (let i = 0; i < 4_000; i++) rig.connection.receive(ping('12345678'), (rig.nowMs += 100));
    expect(rig.connection.wantsInput).toBe(false);
    rig.collect();
    expect(rig.connection.wantsInput).toBe(true);
  });

  it('outputHighBytes: DATA waits in its stream while the socket is full', () => {
    const rig = new ServerRig({ limits: { outputHighBytes: 20_000 } });
    rig.send(windowUpdate(0, 1_000_000), settings([[4, 1_000_000]]));
    rig.connection.receive(unary(1, '', '/t.T/Pour'), rig.nowMs);
    expect(rig.connection.takeOutput()!.length).toBeLessThan(20_000 + 17_000);
    expect(rig.connection.takeOutput()).toBeNull();
    rig.connection.outputDrained();
    expect(rig.connection.takeOutput()!.length).toBeGreaterThan(10_000);
  });

  it('streamHighBytes: send says false, and onDrain says when', () => {
    const rig = new ClientRig({ limits: { streamHighBytes: 10_000 }, settings: [[4, 1_000]] });
    const stream = rig.stream();
    rig.reset();
    const sent = Array.from({ length: 12 }, () => stream.send(new Uint8Array(995)));
    expect(sent.indexOf(false)).toBe(10);
    rig.send(windowUpdate(1, 5_000));
    expect(rig.lines).not.toContain('stream drain');
    rig.send(windowUpdate(1, 5_000));
    expect(rig.lines).toContain('stream drain');
  });

  it('queuedCallsMax: calls beyond the queue end with ResourceExhausted', () => {
    const rig = new ClientRig({ limits: { queuedCallsMax: 2 }, settings: [[3, 1]] });
    for (let i = 0; i < 4; i++) rig.call();
    rig.reset();
    rig.wait(100);
    expect(rig.lines).toEqual(['call 4 ResourceExhausted (too many calls wait for a stream)']);
  });
});

describe('peers that are slow', () => {
  it.each([
    { what: 'no octet at all', send: [] },
    { what: 'half a preface', send: [Buffer.from('PRI * HT')] },
    { what: 'a preface without SETTINGS', send: [Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')] },
  ])('prefaceMs: $what', ({ send }) => {
    const rig = new ServerRig({ handshake: false, limits: { prefaceMs: 3_000 } });
    rig.send(...send);
    rig.reset();
    rig.wait(2_900);
    expect(rig.lines).toEqual([]);
    rig.wait(200);
    expect(rig.lines).toEqual(['GOAWAY PROTOCOL_ERROR']);
  });

  it('prefaceMs: a server that says nothing', () => {
    const rig = new ClientRig({ handshake: false, limits: { prefaceMs: 3_000 } });
    rig.call();
    rig.wait(3_100);
    expect(rig.lines).toContain('GOAWAY PROTOCOL_ERROR');
    expect(rig.lines.some((line) => line.startsWith('call 1 Unavailable'))).toBe(true);
  });

  it.each([
    { what: 'a frame that is cut', send: ping('12345678').slice(0, 12) },
    { what: 'the head of a frame', send: ping('12345678').slice(0, 3) },
    { what: 'a block without its end', send: headers(1, requestHeaders(), 0) },
  ])('slowFrameMs: $what', ({ send }) => {
    const rig = new ServerRig({ limits: { slowFrameMs: 4_000 } });
    rig.send(send);
    rig.wait(3_900);
    expect(rig.lines).toEqual([]);
    rig.wait(200);
    expect(rig.lines).toEqual([calm]);
  });

  it('slowFrameMs: an octet now and then does not help', () => {
    const rig = new ServerRig({ limits: { slowFrameMs: 4_000 } });
    const slow = headers(1, requestHeaders());
    for (let at = 0; at < 10; at++) {
      rig.send(slow.slice(at, at + 1));
      rig.wait(500);
    }
    expect(rig.lines).toEqual([calm]);
  });

  it('slowRequestMs: a unary request whose message does not come', () => {
    const rig = new ServerRig({ limits: { slowRequestMs: 4_000 } });
    rig.send(open(1), open(3, '/t.T/Chat'), unary(5, 'x', '/t.T/Hold'));
    rig.wait(3_900);
    expect(rig.lines).toEqual([]);
    rig.wait(200);
    expect(rig.lines).toEqual(['RST_STREAM 1 CANCEL']); // a stream and a running handler may take their time
    expect(rig.alive).toBe(true);
  });

  it('stalledReaderMs: a stream whose answer is not read', () => {
    const rig = new ServerRig({ limits: { stalledReaderMs: 4_000 }, settings: [[4, 10]] });
    rig.send(unary(1, '', '/t.T/Pour'), unary(3, 'ok'));
    rig.reset();
    rig.wait(2_900);
    expect(rig.lines).toEqual([]);
    rig.wait(2_500);
    expect(rig.lines).toEqual(['RST_STREAM 1 CANCEL']);
    expect(rig.connection.pinnedBytes).toBe(0);
  });

  it('a handler that has ended its call is not told that it was cancelled', () => {
    const rig = new ServerRig({ settings: [[4, 10]] });
    rig.send(unary(1, 'x'.repeat(100), '/t.T/Chat'), open(3, '/t.T/Chat'));
    rig.send(resetStream(1, ErrorCode.CANCEL), resetStream(3, ErrorCode.CANCEL));
    expect(rig.told).toEqual(['cancelled /t.T/Chat']); // stream 3 alone
  });

  it('stalledReaderMs: a socket that takes nothing', () => {
    const rig = new ServerRig({ limits: { stalledReaderMs: 4_000 } });
    rig.connection.receive(unary(1), rig.nowMs);
    expect(rig.connection.takeOutput()).not.toBeNull();
    rig.wait(3_900);
    expect(rig.connection.finished).toBe(false);
    rig.nowMs += 200;
    rig.connection.tick(rig.nowMs);
    expect(rig.connection.finished).toBe(true);
  });

  it('stalledReaderMs: a socket that is read slowly stays', () => {
    const rig = new ServerRig({ limits: { stalledReaderMs: 4_000 } });
    rig.connection.receive(unary(1), rig.nowMs);
    expect(rig.connection.takeOutput()).not.toBeNull(); // and all of it never leaves
    for (let i = 0; i < 5; i++) {
      rig.nowMs += 3_900;
      rig.connection.tick(rig.nowMs);
      rig.connection.receive(windowUpdate(0, 1), rig.nowMs);
    }
    expect(rig.connection.finished).toBe(false);
    rig.nowMs += 4_000;
    rig.connection.tick(rig.nowMs);
    expect([rig.connection.finished, rig.connection.closeReason]).toEqual([true, 'the peer does not read']);
  });

  it('idleMs: a connection without calls is drained', () => {
    const rig = new ServerRig({ limits: { idleMs: 10_000 } });
    rig.wait(5_000);
    rig.send(unary(1));
    rig.reset();
    rig.wait(9_900);
    expect(rig.lines).toEqual([]);
    rig.wait(200);
    expect(rig.lines).toEqual(['GOAWAY NO_ERROR', 'PING']);
    rig.send(ping('draining', Flag.ACK));
    expect(rig.connection.finished).toBe(true);
  });

  it('keepalive: a silent peer is asked, then given up', () => {
    const rig = new ClientRig({ keepAliveMs: 2_000 });
    rig.call('/t.T/Hold');
    rig.reset();
    rig.wait(1_900);
    expect(rig.lines).toEqual([]);
    rig.wait(200);
    expect(rig.lines).toEqual(['PING']);
    rig.wait(19_700);
    expect(rig.connection.finished).toBe(false);
    rig.wait(400);
    expect(rig.connection.finished).toBe(true);
    expect(rig.lines.at(-1)).toMatch(/^call 1 Unavailable/);
  });

  it('keepalive: any octet counts as a sign of life', () => {
    const rig = new ClientRig({ keepAliveMs: 2_000 });
    rig.call('/t.T/Hold');
    rig.reset();
    for (let i = 0; i < 10; i++) {
      rig.wait(1_500);
      rig.send(windowUpdate(0, 1));
    }
    expect(rig.lines).toEqual([]);
  });
});

it('a call that has been answered leaves nothing behind', () => {
  const rig = new ServerRig();
  rig.send(times(200, (i) => unary(2 * i + 1)));
  expect(rig.connection.pinnedBytes).toBe(0);
  expect(rig.connection.openCalls).toBe(0);
  const client = new ClientRig();
  for (let i = 0; i < 50; i++) client.call();
  client.send(
    times(50, (i) => concat(headers(2 * i + 1, responseHeaders()), data(2 * i + 1, message('x')), trailers(2 * i + 1))),
  );
  expect(client.connection.pinnedBytes).toBe(0);
  expect(client.connection.openCalls).toBe(0);
});
