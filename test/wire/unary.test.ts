import { describe, expect, it } from 'vitest';
import type { UnaryHandler } from '../../src/wire/contract.ts';
import { Code } from '../../src/wire/status.ts';
import { Loopback, Replies, noRoutes, plain } from './loopback.ts';

const echo: UnaryHandler = (call, request) => call.reply(request);
const routes = { ...noRoutes, unary: new Map([['/s.S/Echo', echo]]) };

describe('a unary call', () => {
  it.each([0, 1, 2, 3, 5, 7, 9, 13, 100, 1000])('is answered when bytes come %i at a time', (chunkBytes) => {
    const loop = new Loopback({ chunkBytes, server: { routes } });
    const replies = new Replies();
    for (let i = 0; i < 5; i++) loop.client.unary('/s.S/Echo', Buffer.alloc(i * 50, i), plain, i, replies, loop.nowMs);
    loop.pump();
    expect(replies.all.map((r) => r.code)).toEqual([0, 0, 0, 0, 0]);
    expect(replies.all.map((r) => Buffer.compare(r.payload, Buffer.alloc(r.token * 50, r.token)))).toEqual([
      0, 0, 0, 0, 0,
    ]);
    expect(loop.client.openCalls).toBe(0);
    expect(loop.server.openCalls).toBe(0);
    expect(loop.server.pinnedBytes).toBe(0);
    expect(loop.client.pinnedBytes).toBe(0);
  });

  it('is answered with a message larger than every window', () => {
    const loop = new Loopback({
      chunkBytes: 1777,
      server: { routes, limits: { streamWindowBytes: 1000, connectionWindowBytes: 1000 } },
      client: { limits: { streamWindowBytes: 10, connectionWindowBytes: 1 } },
    });
    const replies = new Replies();
    const big = Buffer.alloc(300_000, 'abcdefg');
    for (let i = 0; i < 3; i++) loop.client.unary('/s.S/Echo', big, plain, i, replies, loop.nowMs);
    loop.pump();
    expect(replies.all.map((r) => [r.token, r.code, Buffer.compare(r.payload, big)])).toEqual([
      [0, 0, 0],
      [1, 0, 0],
      [2, 0, 0],
    ]);
    expect(loop.server.pinnedBytes).toBe(0);
    expect(loop.client.pinnedBytes).toBe(0);
  });

  it.each([
    { method: '/s.S/Nope', message: 'unknown method Nope for service s.S' },
    { method: '/t.T/Nope', message: 'unknown service t.T' },
  ])('of $method is Unimplemented', ({ method, message }) => {
    const loop = new Loopback({ server: { routes } });
    const replies = new Replies();
    loop.client.unary(method, Buffer.alloc(3), plain, 1, replies, loop.nowMs);
    loop.pump();
    expect(replies.all).toMatchObject([{ code: Code.Unimplemented, message }]);
  });
});
