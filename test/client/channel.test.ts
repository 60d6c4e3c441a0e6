/** Both transports against a server that neither of them shares code with: the same calls, the same answers. */
import { createServer, type AddressInfo, type Server } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Channel, TransportName } from '../../src/client/channel.ts';
import { createChannel, defaultChannelSettings } from '../../src/client/connect.ts';
import { ConnectFailure } from '../../src/client/connect-failure.ts';
import { parseEndpoint } from '../../src/client/endpoint.ts';
import { startGrpcJsServer, type GrpcJsServer } from '../tools/grpc-js-server.ts';
import { call, openRecorded, plain, startCall } from './calls.ts';

const transports: TransportName[] = ['grpc-js', 'wire'];

describe.each(transports)('channel over %s', (transport) => {
  const settings = {
    ...defaultChannelSettings,
    transport,
    connectTimeoutMs: 20_000,
    reconnect: { baseMs: 20, maxMs: 100 },
  };
  let server: GrpcJsServer;
  let channel: Channel;

  beforeAll(async () => {
    server = await startGrpcJsServer();
    channel = createChannel(parseEndpoint(`127.0.0.1:${server.port}`), settings);
    await channel.connect();
  });
  afterAll(async () => {
    await channel.close(100);
    server.stop();
  });

  it.each([0, 1, 300, 70_000, 3_000_000])('echoes %i bytes', async (size) => {
    const request = 'x'.repeat(size);
    const reply = await call(channel, '/test.Echo/Unary', request);
    expect(reply.code).toBe(0);
    expect(reply.message).toBe('');
    expect(reply.payload === request).toBe(true);
  });

  it('copies the request before it returns', async () => {
    const request = Buffer.from('before');
    const reply = new Promise<string>((resolve) =>
      channel.unary('/test.Echo/Unary', request, plain, 1, {
        onReply: (_token, _code, _message, payload) => resolve(Buffer.from(payload).toString()),
      }),
    );
    request.write('after ');
    expect(await reply).toBe('before');
  });

  it('hands over code and text of a failure', async () => {
    expect(await call(channel, '/test.Echo/Fail', '')).toEqual({
      code: 9,
      message: 'etcdserver: söme text %',
      payload: '',
    });
  });

  it('is told of unknown methods', async () => {
    expect((await call(channel, '/test.Echo/None', '')).code).toBe(12);
  });

  it('ends a call at its deadline', async () => {
    const reply = await call(channel, '/test.Echo/Slow', '', { timeoutMs: 50, metadata: [] });
    expect(reply.code).toBe(4);
  });

  it('cancels a call, once', async () => {
    const { reply, cancel } = startCall(channel, '/test.Echo/Slow', '');
    cancel();
    cancel();
    expect((await reply).code).toBe(1);
    cancel();
  });

  it('sends metadata, binary values too', async () => {
    const metadata = [
      ['token', 'abc.1'],
      ['some-bin', Buffer.from([1, 0, 255]).toString('base64')],
    ] as const;
    await call(channel, '/test.Echo/Unary', '', { timeoutMs: 10_000, metadata });
    expect(server.lastMetadata().get('token')).toEqual(['abc.1']);
    expect(server.lastMetadata().get('some-bin')).toEqual([Buffer.from([1, 0, 255])]);
  });

  it('streams both ways', async () => {
    const { stream, messages, headers, ended, received } = openRecorded(channel, '/test.Echo/Bidi');
    stream.send(Buffer.from('one'));
    stream.send(Buffer.from('two'));
    await received(2);
    stream.send(new Uint8Array(0));
    stream.end();
    expect(await ended).toMatchObject({ code: 0, message: '' });
    expect(messages).toEqual(['one', 'two', '']);
    expect(headers.flat()).toContainEqual(['hello', 'there']);
  });

  it('hands over what came before a failure, then the failure', async () => {
    const { stream, messages, ended, received } = openRecorded(channel, '/test.Echo/BidiFail');
    await received(1);
    stream.send(Buffer.from('x'));
    expect(await ended).toMatchObject({ code: 5, message: 'gone' });
    expect(messages).toEqual(['one']);
  });

  it('ends a cancelled stream, paused or not', async () => {
    const { stream, ended } = openRecorded(channel, '/test.Echo/Bidi');
    stream.pause();
    stream.send(Buffer.from('one'));
    stream.cancel();
    expect(await ended).toMatchObject({ code: 1 });
  });

  it('hands over nothing while paused', async () => {
    const { stream, messages, ended, received } = openRecorded(channel, '/test.Echo/Bidi');
    stream.send(Buffer.from('one'));
    await received(1);
    stream.pause();
    stream.send(Buffer.from('two'));
    stream.end();
    await call(channel, '/test.Echo/Unary', 'after it on the same connection');
    expect(messages).toEqual(['one']);
    stream.resume();
    expect(await ended).toMatchObject({ code: 0 });
    expect(messages).toEqual(['one', 'two']);
  });

  it('is one connection', async () => {
    const before = server.peers.size;
    const more = [1, 2, 3].map(() => createChannel(parseEndpoint(`127.0.0.1:${server.port}`), settings));
    await Promise.all(more.map((each) => each.connect()));
    for (const each of [...more, ...more]) await call(each, '/test.Echo/Unary', '');
    expect(server.peers.size).toBe(before + 3);
    await Promise.all(more.map((each) => each.close(0)));
    expect(more.map((each) => each.ready)).toEqual([false, false, false]);
  });

  it('answers Unavailable before connect and after close, never inside the call', async () => {
    const unconnected = createChannel(parseEndpoint('127.0.0.1:1'), settings);
    expect(await call(unconnected, '/test.Echo/Unary', '')).toMatchObject({ code: 14 });
    expect(await openRecorded(unconnected, '/test.Echo/Bidi').ended).toMatchObject({ code: 14 });
    await unconnected.close(0);
    expect(await call(unconnected, '/test.Echo/Unary', '')).toMatchObject({
      code: 14,
      message: 'call not sent: http://127.0.0.1:1: the channel is closed',
    });
  });

  it('finishes open calls within the grace, and cancels what is left', async () => {
    const closing = createChannel(parseEndpoint(`127.0.0.1:${server.port}`), settings);
    await closing.connect();
    const quick = call(closing, '/test.Echo/Unary', 'q');
    const slow = call(closing, '/test.Echo/Slow', '');
    await closing.close(1_000);
    expect(await quick).toMatchObject({ code: 0, payload: 'q' });
    expect([1, 14]).toContain((await slow).code);
  });

  it('speaks over a unix socket', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'qb-unix-'));
    const unixServer = await startGrpcJsServer(`unix:${directory}/s.sock`);
    const unix = createChannel(parseEndpoint(`unix://${directory}/s.sock`), settings);
    await unix.connect();
    expect(await call(unix, '/test.Echo/Unary', 'hi')).toMatchObject({ code: 0, payload: 'hi' });
    await unix.close(100);
    unixServer.stop();
    rmSync(directory, { recursive: true });
  });

  it('reconnects by itself when the server is back', async () => {
    const first = await startGrpcJsServer();
    const again = createChannel(parseEndpoint(`127.0.0.1:${first.port}`), settings);
    await again.connect();
    first.stop();
    await until(() => !again.ready);
    const second = await startGrpcJsServer(`127.0.0.1:${first.port}`);
    await until(() => again.ready);
    expect(await call(again, '/test.Echo/Unary', 'back')).toMatchObject({ code: 0, payload: 'back' });
    await again.close(100);
    second.stop();
  });

  it('cancels nothing of a new connection by the handle of a lost one', async () => {
    const first = await startGrpcJsServer();
    const again = createChannel(parseEndpoint(`127.0.0.1:${first.port}`), settings);
    await again.connect();
    const lost = startCall(again, '/test.Echo/Slow', '');
    await call(again, '/test.Echo/Unary', '');
    first.stop();
    expect([1, 14]).toContain((await lost.reply).code);
    const second = await startGrpcJsServer(`127.0.0.1:${first.port}`);
    await until(() => again.ready);
    const next = startCall(again, '/test.Echo/Slow', '');
    lost.cancel();
    expect(await call(again, '/test.Echo/Unary', 'after it')).toMatchObject({ code: 0 });
    next.cancel();
    expect((await next.reply).message).toMatch(/cancel/i);
    await again.close(0);
    second.stop();
  });

  it('says when nobody listens', async () => {
    const failure = await failureOf(createChannel(parseEndpoint('127.0.0.1:1'), settings));
    expect(failure).toMatchObject({ kind: 'refused', code: 14, message: 'http://127.0.0.1:1: connection refused' });
  });

  it('says when a name has no address', async () => {
    const failure = await failureOf(createChannel(parseEndpoint('nowhere.invalid:1'), settings));
    expect(failure.kind).toBe('unknownHost');
  });

  it('gives up on a peer that says nothing', async () => {
    const silent = await listenTcp(createServer((socket) => socket.on('error', () => {})));
    const channel = createChannel(parseEndpoint(`127.0.0.1:${silent.port}`), { ...settings, connectTimeoutMs: 100 });
    expect((await failureOf(channel)).kind).toBe('timeout');
    silent.server.close();
  });
});

async function failureOf(channel: Channel): Promise<ConnectFailure> {
  const thrown: unknown = await channel.connect().then(
    () => null,
    (error: unknown) => error,
  );
  await channel.close(0);
  if (!(thrown instanceof ConnectFailure)) throw new Error(`not a ConnectFailure: ${String(thrown)}`);
  return thrown;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function listenTcp(server: Server): Promise<{ server: Server; port: number }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}
