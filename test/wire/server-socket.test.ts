/** The listener with real sockets: who is let in, who is told apart, who is cut off, and how it ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createChannel, defaultChannelSettings } from '../../src/client/connect.ts';
import { parseEndpoint } from '../../src/client/endpoint.ts';
import type { Channel, TlsSettings, TransportName } from '../../src/client/channel.ts';
import { sleep } from '../../src/base/clock.ts';
import { BoundSocket } from '../../src/wire/bound-socket.ts';
import { ByteBudget } from '../../src/wire/byte-budget.ts';
import type { HttpHandler, HttpRequest, Routes, ServerCall } from '../../src/wire/contract.ts';
import { InputGate } from '../../src/wire/input-gate.ts';
import { listen, type ListenOptions, type WireServer } from '../../src/wire/server-socket.ts';
import { call, openRecorded } from '../client/calls.ts';
import { TestCa, type KeyPair } from '../tools/certificates.ts';

const cleanups: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const held: ServerCall[] = [];
let lastPeer: string | null = null;
const routes: Routes = {
  unary: new Map([
    ['/test.Echo/Unary', (each, request) => each.reply(request)],
    ['/test.Echo/Held', (each) => void held.push(each)],
    [
      '/test.Echo/Who',
      (each) => {
        lastPeer = each.peer.address;
        each.reply(Buffer.from(each.peer.tlsSubject ?? 'nobody'));
      },
    ],
  ]),
  streaming: new Map([
    [
      '/test.Echo/Bidi',
      (each) => ({
        onMessage: (payload) => void each.send(payload),
        onHalfClose: () => each.end(0, ''),
        onCancel: () => {},
      }),
    ],
  ]),
};

const http: HttpHandler = async (request: HttpRequest) => {
  if (request.path === '/throws') throw new Error('a bug');
  if (request.path === '/breaks') return { status: 200, headers: [], body: breaks() };
  if (request.path === '/chunks') return { status: 200, headers: [['x-kind', 'chunks']], body: chunks(3) };
  if (request.path === '/endless') return { status: 200, headers: [], body: chunks(Infinity) };
  const text = `${request.method} ${request.path} ${Buffer.from(request.body).toString()} from ${request.peer.address}`;
  const kind = request.headers.find(([name]) => name === 'x-ask')?.[1] ?? '';
  const headers = [
    ['content-type', 'text/plain'],
    ['x-answer', kind],
    ['set-cookie', 'a'],
    ['set-cookie', 'b'],
  ] as const;
  return { status: 201, headers, body: Buffer.from(text) };
};

async function* breaks(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('one');
  throw new Error('no two');
}

let chunksMade = 0;
let producerEnded = false;
async function* chunks(count: number): AsyncGenerator<Uint8Array> {
  chunksMade = 0;
  producerEnded = false;
  try {
    for (; chunksMade < count; chunksMade++) yield Buffer.alloc(64 * 1024, 48 + (chunksMade % 10));
  } finally {
    producerEnded = true;
  }
}

describe('the input gate', () => {
  it('leaves what comes in the kernel while it is shut, and goes on when it opens', async () => {
    const gate = new InputGate();
    const server = await start({ gate });
    const channel = await connected(`127.0.0.1:${server.port}`, 'wire');
    await call(channel, '/test.Echo/Unary', 'warm');
    gate.shut();
    await call(channel, '/test.Echo/Unary', 'the one chunk more');
    let answered = false;
    const late = call(channel, '/test.Echo/Unary', 'late').finally(() => (answered = true));
    await sleep(150); // the pump's tick comes by in vain
    expect(answered).toBe(false);
    gate.reopen();
    expect(await late).toEqual({ code: 0, message: '', payload: 'late' });
  });
});

describe('reading', () => {
  it.each(['TCP', 'a unix socket'])(
    'of all plain sockets (%s) goes into one buffer, and each gets its own bytes',
    async (kind) => {
      const directory = mkdtempSync(join(tmpdir(), 'wire-'));
      cleanups.push(() => rmSync(directory, { recursive: true }));
      const path = join(directory, 'shared');
      const server = await start(kind === 'TCP' ? {} : { address: { path } });
      const target = kind === 'TCP' ? `127.0.0.1:${server.port}` : `unix://${path}`;
      const channels = await Promise.all([1, 2, 3].map(() => connected(target, 'wire')));
      const texts = channels.map((_, i) => String(i).repeat(100_000 + i)); // each comes in several chunks
      const answers = await Promise.all(channels.map((channel, i) => call(channel, '/test.Echo/Unary', texts[i]!)));
      expect(answers.map(({ payload }) => payload)).toEqual(texts);
      expect(server.counters().sharedReaders).toBe(3);
    },
  );
});

describe('an address that is bound before it is served', () => {
  const address = { host: '127.0.0.1', port: 0 };

  it('keeps who connects, with all that they send, until it is', async () => {
    const bound = await BoundSocket.bind(address);
    const socket = await rawSocket(bound.port);
    for (const piece of ['GET /first HTTP/1.1\r\n', 'host: a\r\n', 'connection: close\r\n\r\n']) {
      socket.write(piece);
      await pause(20); // so that they come one by one
    }
    const opening = connected(`127.0.0.1:${bound.port}`, 'wire');
    await start({ address: bound });
    const channel = await opening;
    expect(await call(channel, '/test.Echo/Unary', 'hello')).toMatchObject({ code: 0, payload: 'hello' });
    expect(Buffer.concat(await socket.toArray()).toString()).toMatch(/^HTTP\/1\.1 201 [^]*GET \/first/);
  });

  it('loses no piece of HTTP/2 either', async () => {
    const bound = await BoundSocket.bind(address);
    const socket = await rawSocket(bound.port);
    const ping = Buffer.from('0000080600000000000102030405060708', 'hex');
    for (const piece of [
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      Buffer.from('000000040000000000', 'hex'),
      ping,
    ]) {
      socket.write(piece);
      await pause(20);
    }
    await start({ address: bound });
    const answer = Buffer.from(ping).fill(1, 4, 5); // the same with ACK
    let received = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => (received = Buffer.concat([received, chunk])));
    await until(() => received.includes(answer));
  });

  it('lets them go when it is given back', async () => {
    const bound = await BoundSocket.bind(address);
    const socket = await rawSocket(bound.port);
    await pause(20);
    await Promise.all([bound.close(), closed(socket)]);
    await expect(connected(`127.0.0.1:${bound.port}`, 'wire')).rejects.toMatchObject({ kind: 'refused' });
  });
});

describe('one port for all', () => {
  it.each(['wire', 'grpc-js'] as TransportName[])('serves gRPC to %s', async (transport) => {
    const server = await start();
    const channel = await connected(`127.0.0.1:${server.port}`, transport);
    expect(await call(channel, '/test.Echo/Unary', 'hello')).toEqual({ code: 0, message: '', payload: 'hello' });
    expect((await call(channel, '/test.Echo/None', '')).code).toBe(12);
    const { stream, messages, ended } = openRecorded(channel, '/test.Echo/Bidi');
    stream.send(Buffer.from('x'.repeat(100_000)));
    stream.end();
    expect((await ended).code).toBe(0);
    expect(messages.map((each) => each.length)).toEqual([100_000]);
    await call(channel, '/test.Echo/Who', '');
    expect(lastPeer).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  it('serves HTTP/1.1', async () => {
    const server = await start();
    const answer = await http1(
      { port: server.port, method: 'POST', path: '/v3/kv?x=1', headers: { 'X-Ask': 'yes' } },
      'in',
    );
    expect(answer.status).toBe(201);
    expect(answer.text).toMatch(/^POST \/v3\/kv\?x=1 in from 127\.0\.0\.1:\d+$/);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/plain',
      'x-answer': 'yes',
      'set-cookie': ['a', 'b'],
      'content-length': String(answer.text.length),
    });
  });

  it('serves plain HTTP/2', async () => {
    const server = await start();
    const session = connectHttp2(`http://127.0.0.1:${server.port}`);
    cleanups.push(() => session.close());
    const stream = session.request({ ':path': '/version', 'x-ask': 'two' });
    const headers = new Promise<Record<string, unknown>>((resolve) => stream.on('response', resolve));
    const text = await textOf(stream);
    expect((await headers)[':status']).toBe(201);
    expect(text).toMatch(/^GET \/version {2}from /);
  });

  it('streams a body, and keeps the connection for the next request', async () => {
    const server = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    cleanups.push(() => agent.destroy());
    for (let i = 0; i < 3; i++) {
      const answer = await http1({ port: server.port, path: '/chunks', agent });
      expect(answer.text.length).toBe(3 * 64 * 1024);
      expect(answer.headers['x-kind']).toBe('chunks');
    }
    expect(server.counters()).toMatchObject({ connectionsAccepted: 1, http1Requests: 3 });
  });

  it('answers HEAD without a body', async () => {
    const server = await start();
    const answer = await http1({ port: server.port, method: 'HEAD', path: '/x' });
    expect(answer).toMatchObject({ status: 201, text: '' });
    expect(Number(answer.headers['content-length'])).toBeGreaterThan(10);
  });

  it('answers 404 without a handler, and 500 when it throws', async () => {
    const problems: string[] = [];
    const deaf = await start({ http: null });
    expect((await http1({ port: deaf.port, path: '/' })).status).toBe(404);
    const server = await start({ onProblem: (_peer, error) => problems.push(error.message) });
    expect(await http1({ port: server.port, path: '/throws' })).toMatchObject({ status: 500 });
    expect(problems).toEqual(['a bug']);
    await expect(http1({ port: server.port, path: '/breaks' })).rejects.toThrow();
    expect(problems).toEqual(['a bug', 'no two']);
  });

  it('lets a peer go that leaves in the middle of its request', async () => {
    const problems: string[] = [];
    const server = await start({ onProblem: (_peer, error) => problems.push(error.message) });
    const socket = await rawSocket(server.port);
    socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc');
    await until(() => server.counters().http1Requests === 1);
    socket.destroy();
    await until(() => server.counters().connectionsOpen === 0);
    expect(problems).toEqual([]);
  });

  it('tells them apart when the first bytes come one by one', async () => {
    const server = await start();
    const socket = await rawSocket(server.port);
    for (const byte of 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n') {
      socket.write(byte);
      await pause(1);
    }
    expect(await textOf(socket)).toMatch(/^HTTP\/1\.1 201 Created\r\n/);
    const http2 = await rawSocket(server.port);
    for (const byte of 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0') {
      http2.write(byte, 'latin1');
      await pause(1);
    }
    const first = await new Promise<Buffer>((resolve) => http2.once('data', resolve));
    expect(first[3]).toBe(4); // SETTINGS
    http2.destroy();
  });

  it('listens on a unix socket', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'qb-wire-'));
    cleanups.push(() => rmSync(directory, { recursive: true }));
    const path = join(directory, 's.sock');
    await start({ address: { path } });
    const channel = await connected(`unix://${path}`, 'wire');
    expect((await call(channel, '/test.Echo/Unary', 'u')).payload).toBe('u');
    expect((await http1({ socketPath: path, path: '/x' })).text).toBe('GET /x  from @');
  });
});

describe('TLS', () => {
  let ca: TestCa;
  let leaf: KeyPair;
  beforeAll(async () => {
    ca = await TestCa.create();
    leaf = await ca.issue();
  });

  it('offers h2 and http/1.1, and names the client by its certificate', async () => {
    const client = await ca.issue({ commonName: 'alice', usage: 'client' });
    const server = await start({
      tls: { cert: leaf.certPem, key: leaf.keyPem, ca: ca.certPem, requestCert: true, rejectUnauthorized: false },
    });
    const anonymous: TlsSettings = tlsOf(ca.certPem, null);
    for (const transport of ['wire', 'grpc-js'] as TransportName[]) {
      const nobody = await connected(`https://127.0.0.1:${server.port}`, transport, anonymous);
      expect((await call(nobody, '/test.Echo/Who', '')).payload).toBe('nobody');
      const alice = await connected(`https://localhost:${server.port}`, transport, tlsOf(ca.certPem, client));
      expect((await call(alice, '/test.Echo/Who', '')).payload).toBe('alice');
    }
    const answer = await http1({ port: server.port, path: '/x', ca: ca.certPem, secure: true });
    expect(answer.status).toBe(201);
  });

  it('counts handshakes that fail, and gives up those that stall', async () => {
    const problems: string[] = [];
    const server = await start({
      tls: { cert: leaf.certPem, key: leaf.keyPem },
      limits: { prefaceMs: 1_500 }, // one of them has to be through its handshake by then
      onProblem: (_peer, error) => problems.push(error.message),
    });
    const silent = connectTls({ port: server.port, ca: ca.certPem, ALPNProtocols: ['h2'], servername: 'localhost' });
    silent.on('error', () => {});
    const cutOff = closed(silent);
    const stranger = await rawSocket(server.port);
    stranger.write('GET / HTTP/1.1\r\n\r\n');
    await closed(stranger);
    await closed(await rawSocket(server.port)); // says nothing
    expect(server.counters().tlsHandshakesFailed).toBe(2);
    expect(problems).toHaveLength(2);
    await cutOff;
    expect(server.counters().slowGreetings).toBe(1);
    await until(() => server.counters().connectionsOpen === 0);
  });
});

describe('bounds', () => {
  it('closes what is more than connectionsMax before any handshake', async () => {
    const ca = await TestCa.create();
    const { certPem, keyPem } = await ca.issue();
    const server = await start({ tls: { cert: certPem, key: keyPem }, connectionsMax: 1 });
    const first = await connected(`https://localhost:${server.port}`, 'wire', tlsOf(ca.certPem, null));
    for (let i = 0; i < 5; i++) {
      await expect(connected(`https://localhost:${server.port}`, 'wire', tlsOf(ca.certPem, null))).rejects.toThrow();
    }
    expect(server.counters()).toMatchObject({ connectionsOpen: 1, connectionsRefused: 5, tlsHandshakesFailed: 0 });
    expect((await call(first, '/test.Echo/Unary', 'in')).code).toBe(0);
  });

  it('closes what is more than connectionsMax', async () => {
    const server = await start({ connectionsMax: 2 });
    const first = await connected(`127.0.0.1:${server.port}`, 'wire');
    await connected(`127.0.0.1:${server.port}`, 'wire');
    await closed(await rawSocket(server.port));
    expect(server.counters()).toMatchObject({ connectionsOpen: 2, connectionsRefused: 1 });
    await first.close(0);
    await until(() => server.counters().connectionsOpen === 1);
    const again = await connected(`127.0.0.1:${server.port}`, 'wire');
    expect((await call(again, '/test.Echo/Unary', 'in')).code).toBe(0);
  });

  it.each([
    { name: 'no first byte', text: '' },
    { name: 'half a greeting', text: 'PR' },
    { name: 'half a preface', text: 'PRI * HTTP/2.0\r\n' },
    { name: 'slow headers', text: 'GET / HTTP/1.1\r\nx: ' },
  ])('cuts off a peer with $name', async ({ text }) => {
    const server = await start({ limits: { prefaceMs: 100 } });
    const socket = await rawSocket(server.port);
    socket.write(text);
    await closed(socket);
    await until(() => server.counters().connectionsOpen === 0);
  });

  it('cuts off a peer with a slow body', async () => {
    const server = await start({ limits: { prefaceMs: 1_500, slowRequestMs: 1_500 } });
    const socket = await rawSocket(server.port);
    socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc');
    expect(await textOf(socket)).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('refuses a body beyond its limit, with or without a length', async () => {
    const server = await start({ limits: { httpBodyBytesMax: 1_000 } });
    expect((await http1({ port: server.port, method: 'POST', path: '/' }, 'x'.repeat(1_000))).status).toBe(201);
    expect((await http1({ port: server.port, method: 'POST', path: '/' }, 'x'.repeat(1_001))).status).toBe(413);
    const socket = await rawSocket(server.port);
    socket.write('POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n');
    socket.write(`${(2_000).toString(16)}\r\n${'y'.repeat(2_000)}\r\n`);
    expect(await textOf(socket)).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('charges bodies to the budget, and gives them back', async () => {
    const budget = new ByteBudget(5_000);
    const server = await start({ budget });
    expect((await http1({ port: server.port, method: 'POST', path: '/' }, 'x'.repeat(6_000))).status).toBe(503);
    expect((await http1({ port: server.port, method: 'POST', path: '/' }, 'x'.repeat(4_000))).status).toBe(201);
    expect(budget.usedBytes).toBe(0);
  });

  it('stops producing for a reader that stalls, and closes it', async () => {
    const server = await start({ limits: { stalledReaderMs: 200 } });
    const socket = await rawSocket(server.port);
    producerEnded = false;
    socket.pause();
    socket.write('GET /endless HTTP/1.1\r\nhost: a\r\n\r\n');
    await until(() => producerEnded);
    expect(chunksMade).toBeLessThan(500); // what the kernel's buffers take
    await until(() => server.counters().connectionsOpen === 0);
    socket.destroy();
  });

  it('has refused an address in use in node’s words', async () => {
    const server = await start();
    await expect(start({ address: { host: '127.0.0.1', port: server.port } })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});

describe('close', () => {
  it('lets open calls end, refuses new connections, and is done when they are', async () => {
    const server = await start();
    const channel = await connected(`127.0.0.1:${server.port}`, 'wire');
    const reply = call(channel, '/test.Echo/Held', '');
    await until(() => held.length === 1);
    const closing = server.close(5_000);
    await until(() => !channel.ready);
    held.pop()!.reply(Buffer.from('late'));
    expect(await reply).toMatchObject({ code: 0, payload: 'late' });
    await closing;
    expect(server.counters().connectionsOpen).toBe(0);
    await expect(connected(`127.0.0.1:${server.port}`, 'wire')).rejects.toMatchObject({ kind: 'refused' });
  });

  it('ends what does not end by itself after the grace', async () => {
    const server = await start();
    const channel = await connected(`127.0.0.1:${server.port}`, 'wire');
    const reply = call(channel, '/test.Echo/Held', '');
    const idle = await rawSocket(server.port);
    const { stream, ended } = openRecorded(channel, '/test.Echo/Bidi');
    stream.send(Buffer.from('x'));
    await until(() => held.length === 1);
    await server.close(50);
    held.length = 0;
    expect(await reply).toMatchObject({ code: 14 });
    expect(await ended).toMatchObject({ code: 14 });
    await closed(idle);
  });

  it('keeps the counts of connections that are gone', async () => {
    const server = await start();
    const channel = await connected(`127.0.0.1:${server.port}`, 'wire');
    for (let i = 0; i < 3; i++) await call(channel, '/test.Echo/Unary', 'x'.repeat(100));
    const during = server.counters();
    expect(during.wire.messagesReceived).toBe(3);
    await channel.close(0);
    await until(() => server.counters().connectionsOpen === 0);
    const after = server.counters();
    expect(after.wire.messagesReceived).toBe(3);
    expect(after.wire.bytesReceived).toBeGreaterThan(300);
    expect(after.wire.bytesSent).toBeGreaterThan(300);
  });
});

async function start(options: Partial<ListenOptions> = {}): Promise<WireServer> {
  const server = await listen({
    address: { host: '127.0.0.1', port: 0 },
    tls: null,
    routes,
    http,
    budget: new ByteBudget(64 * 1024 * 1024),
    ...options,
  });
  cleanups.push(() => server.close(0));
  return server;
}

async function connected(url: string, transport: TransportName, tls: TlsSettings | null = null): Promise<Channel> {
  const channel = createChannel(parseEndpoint(url), {
    ...defaultChannelSettings,
    transport,
    tls,
    reconnect: { baseMs: 20, maxMs: 100 },
  });
  cleanups.push(() => channel.close(0));
  await channel.connect();
  return channel;
}

function tlsOf(caPem: string, client: KeyPair | null): TlsSettings {
  const pair = { certPem: client?.certPem ?? null, keyPem: client?.keyPem ?? null };
  return { caPem, ...pair, serverName: null, insecureSkipVerify: false };
}

interface Http1Options {
  readonly port?: number;
  readonly socketPath?: string;
  readonly method?: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly agent?: Agent;
  readonly ca?: string;
  readonly secure?: boolean;
}

function http1(
  options: Http1Options,
  body = '',
): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    const send = options.secure === true ? httpsRequest : httpRequest;
    const request = send({ host: '127.0.0.1', agent: false, ...options }, (response) => {
      textOf(response).then(
        (text) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        reject,
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('latin1');
}

async function rawSocket(port: number): Promise<Socket> {
  const socket = connectTcp({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

function closed(socket: Socket): Promise<void> {
  socket.resume();
  return socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once('close', () => resolve()));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(5);
}
