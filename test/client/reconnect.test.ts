/** How the wire channel replaces its connection: at once, but never in a busy loop. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Channel, ChannelSettings } from '../../src/client/channel.ts';
import { createChannel, defaultChannelSettings } from '../../src/client/connect.ts';
import { parseEndpoint } from '../../src/client/endpoint.ts';
import { ByteBudget } from '../../src/wire/byte-budget.ts';
import { listen, type ListenOptions, type WireServer } from '../../src/wire/server-socket.ts';
import { call, openRecorded } from './calls.ts';

const cleanups: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const settingsFrame = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
const goawayFrame = Buffer.from([0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

describe('reconnect', () => {
  it('waits between attempts when every connection is short', async () => {
    // The clock that tells how long a connection has lasted stands still: not even a slow machine makes one of these long.
    vi.useFakeTimers({ toFake: ['hrtime'] });
    cleanups.push(() => void vi.useRealTimers());
    const arrivalsMs: number[] = [];
    const port = await rawServer((socket) => {
      arrivalsMs.push(performance.now());
      socket.write(settingsFrame);
      socket.once('data', () => setTimeout(() => socket.write(goawayFrame), 5));
    });
    await connected(port, { reconnect: { baseMs: 50, maxMs: 1_000 } });
    await until(() => arrivalsMs.length === 4);
    const gapsMs = arrivalsMs.slice(1).map((ms, i) => ms - arrivalsMs[i]!);
    // 50, 80 and 128 ms, each a fifth less at most.
    expect(gapsMs.every((ms, i) => ms >= [39, 63, 101][i]!)).toBe(true);
  });

  it('fails the first time with what the server said', async () => {
    const port = await rawServer((socket) => void socket.write(Buffer.concat([settingsFrame, goawayFrame])));
    await expect(connected(port, {})).rejects.toMatchObject({
      kind: 'closed',
      why: expect.stringContaining('GOAWAY NO_ERROR') as string,
    });
  });

  it('is at once when a connection that has lasted is drained, and calls go on', async () => {
    const first = await start();
    const channel = await connected(first.port, { reconnect: { baseMs: 1, maxMs: 60_000 } });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await first.close(1_000);
    const second = await start({ address: { host: '127.0.0.1', port: first.port } });
    await until(() => channel.ready);
    expect(await call(channel, '/test.Echo/Unary', 'x')).toMatchObject({ code: 0 });
    expect(second.counters().connectionsAccepted).toBe(1);
  });

  it('pings half as often each time that it was told too_many_pings', async () => {
    const server = await start({ keepAliveMinMs: 120 });
    const channel = await connected(server.port, { keepAliveMs: 40, reconnect: { baseMs: 1, maxMs: 10 } });
    const hold = (): void => {
      const { ended } = openRecorded(channel, '/test.Echo/Bidi', { timeoutMs: 0, metadata: [] });
      void ended.then(async () => {
        await until(() => channel.ready || closing);
        if (!closing) hold();
      });
    };
    let closing = false;
    cleanups.push(() => void (closing = true));
    hold();
    await until(() => server.counters().wire.pingsReceived >= 16);
    expect(server.counters().wire.goawaysSent).toBeGreaterThan(0);
    expect(server.counters().wire.goawaysSent).toBeLessThan(4);
  });

  it('says in its trouble why it is not ready', async () => {
    const server = await start();
    const channel = await connected(server.port, { reconnect: { baseMs: 60_000, maxMs: 60_000 } });
    expect(channel.trouble).toBeUndefined();
    await server.close(0);
    await until(() => !channel.ready);
    expect(channel.trouble).toMatch(/^http:\/\/127\.0\.0\.1:\d+: /);
    expect(await call(channel, '/test.Echo/Unary', '')).toMatchObject({ code: 14, message: /^call not sent: / });
  });
});

async function connected(port: number, settings: Partial<ChannelSettings>): Promise<Channel> {
  const channel = createChannel(parseEndpoint(`127.0.0.1:${port}`), {
    ...defaultChannelSettings,
    transport: 'wire',
    ...settings,
  });
  cleanups.push(() => channel.close(0));
  await channel.connect();
  return channel;
}

async function start(options: Partial<ListenOptions> = {}): Promise<WireServer> {
  const server = await listen({
    address: { host: '127.0.0.1', port: 0 },
    tls: null,
    routes: {
      unary: new Map([['/test.Echo/Unary', (each, request) => each.reply(request)]]),
      streaming: new Map([['/test.Echo/Bidi', () => ({ onMessage() {}, onHalfClose() {}, onCancel() {} })]]),
    },
    http: null,
    budget: new ByteBudget(1024 * 1024),
    ...options,
  });
  cleanups.push(() => server.close(0));
  return server;
}

async function rawServer(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.resume();
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
