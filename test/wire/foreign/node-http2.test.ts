/** node:http2 (nghttp2) on the other side: its client against our server, its server against our client. */
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Channel } from '../../../src/client/channel.ts';
import { createChannel, defaultChannelSettings } from '../../../src/client/connect.ts';
import { parseEndpoint } from '../../../src/client/endpoint.ts';
import { call } from '../../client/calls.ts';
import { message } from '../frames.ts';
import { type EchoServer, startEchoServer } from './echo-server.ts';

describe('the client of node:http2', () => {
  let echo: EchoServer;
  let session: ClientHttp2Session;

  beforeEach(async () => {
    echo = await startEchoServer();
    session = connect(`http://127.0.0.1:${echo.server.port}`);
    session.on('error', () => {});
  });

  afterEach(async () => {
    session.destroy();
    await echo.server.close(100);
  });

  interface Answer {
    readonly status: number;
    readonly headers: IncomingHttpHeaders;
    readonly body: Buffer;
    readonly trailers: IncomingHttpHeaders;
    readonly resetCode: number;
  }

  async function request(headers: Record<string, string>, body: Uint8Array | null): Promise<Answer> {
    const stream = session.request(headers, { endStream: body === null });
    const chunks: Buffer[] = [];
    let answer: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    stream.on('response', (each) => (answer = each));
    stream.on('trailers', (each: IncomingHttpHeaders) => (trailers = each));
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', () => {});
    if (body !== null) stream.end(body);
    await new Promise((resolve) => void stream.once('close', resolve));
    const status = Number(answer[':status'] ?? 0);
    return { status, headers: answer, body: Buffer.concat(chunks), trailers, resetCode: stream.rstCode };
  }

  const grpc = (name: string) => ({
    ':method': 'POST',
    ':path': `/t.T/${name}`,
    'content-type': 'application/grpc',
    te: 'trailers',
  });

  it('is served a gRPC call, trailers and all', async () => {
    const { status, headers, body, trailers } = await request(grpc('Echo'), message('hello'));
    expect([status, headers['content-type'], trailers['grpc-status']]).toEqual([200, 'application/grpc', '0']);
    expect(body.subarray(5).toString()).toBe('hello');
  });

  it('is not served when its time is up before it has begun', async () => {
    const { headers, body } = await request({ ...grpc('Echo'), 'grpc-timeout': '0n' }, message('late'));
    const { 'grpc-status': status, 'grpc-message': text } = headers;
    expect([status, text, body.length]).toEqual(['4', 'context deadline exceeded', 0]); // as etcd answers it
  });

  it('is served the same call a thousand times', async () => {
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => request(grpc('Echo'), message('again'))));
    expect(answers.every(({ trailers, body }) => trailers['grpc-status'] === '0' && body.length === 10)).toBe(true);
  });

  it('gets and posts plain HTTP', async () => {
    expect((await request({ ':path': '/health?x=1' }, null)).body.toString()).toBe('GET /health?x=1 0');
    const posted = await request({ ':method': 'POST', ':path': '/v3/kv/put' }, new Uint8Array(100_000));
    expect(posted.body.toString()).toBe('POST /v3/kv/put 100000');
  });

  it('is told by a header list of 100 KB that it is too large', async () => {
    const large = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`x-${i}`, 'v'.repeat(1_990)]));
    const { status, resetCode } = await request({ ...grpc('Echo'), ...large }, message(''));
    // node refuses by itself when it looks at our SETTINGS, and is answered when it does not
    expect(status === 431 || resetCode !== constants.NGHTTP2_NO_ERROR).toBe(true);
    expect((await request(grpc('Echo'), message('x'))).status).toBe(200);
  });

  it('pings, changes its settings and goes on', async () => {
    await request(grpc('Echo'), message('x')); // a ping before the connection is one is cancelled
    const answered = new Promise((resolve) => session.ping((error) => resolve(error)));
    expect(await answered).toBeNull();
    session.settings({ initialWindowSize: 10, maxFrameSize: 20_000, headerTableSize: 0 });
    const { body } = await request(grpc('Echo'), message(new Uint8Array(50_000)));
    expect(body.length).toBe(50_005);
  });

  it('resets a stream, and the handler hears of it', async () => {
    const stream = session.request(grpc('Linger'));
    stream.on('error', () => {});
    stream.write(message('x'));
    await once(stream, 'data');
    stream.close(constants.NGHTTP2_CANCEL);
    await expect.poll(() => echo.cancelled).toEqual(['/t.T/Linger']);
  });

  it('sees a graceful GOAWAY', async () => {
    await request(grpc('Echo'), message('x'));
    const goaway = once(session, 'goaway');
    await echo.server.close(1_000);
    expect((await goaway)[0]).toBe(constants.NGHTTP2_NO_ERROR);
  });
});

describe('the server of node:http2', () => {
  let server: Http2Server;
  let channel: Channel;

  async function serve(
    handler: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
    options = {},
  ): Promise<void> {
    server = createServer(options);
    server.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      handler(stream, headers);
    });
    server.on('sessionError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    channel = createChannel(parseEndpoint(`127.0.0.1:${port}`), { ...defaultChannelSettings, transport: 'wire' });
    await channel.connect();
  }

  afterEach(async () => {
    await channel.close(0);
    server.close();
  });

  /** Answers with what came, in trailers-last form. */
  function echo(stream: ServerHttp2Stream): void {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.concat(chunks));
    });
  }

  it.each([0, 5, 16_379, 16_380, 65_530, 1_000_000])('echoes %i bytes', async (size) => {
    await serve(echo);
    const reply = await call(channel, '/t.T/Echo', 'z'.repeat(size));
    expect([reply.code, reply.payload.length]).toEqual([0, size]);
  });

  it('with a window of 100 octets still gets all of it', async () => {
    await serve(echo, { settings: { initialWindowSize: 100 } });
    expect((await call(channel, '/t.T/Echo', 'z'.repeat(20_000))).payload).toHaveLength(20_000);
  });

  it('with one stream at a time serves a hundred', async () => {
    await serve(echo, { settings: { maxConcurrentStreams: 1 } });
    const replies = await Promise.all(Array.from({ length: 100 }, (_, i) => call(channel, '/t.T/Echo', `n${i}`)));
    expect(replies.map(({ payload }) => payload)).toEqual(Array.from({ length: 100 }, (_, i) => `n${i}`));
  });

  it('without a header table is understood and understands', async () => {
    await serve(echo, { settings: { headerTableSize: 0 } });
    for (let i = 0; i < 5; i++) expect((await call(channel, '/t.T/Echo', 'x')).code).toBe(0);
  });

  it('answers with trailers only', async () => {
    await serve((stream) =>
      stream.respond(
        { 'content-type': 'application/grpc', 'grpc-status': '7', 'grpc-message': 'n%C3%B6' },
        { endStream: true },
      ),
    );
    expect(await call(channel, '/t.T/Echo', 'x')).toEqual({ code: 7, message: 'nö', payload: '' });
  });

  it('answers with headers that need CONTINUATION', async () => {
    await serve((stream) => {
      const many = Object.fromEntries(
        Array.from({ length: 30 }, (_, i) => [`x-${i}`, String(Math.E * (i + 1)).repeat(60)]),
      );
      stream.respond(
        { 'content-type': 'application/grpc', ...many, 'grpc-status': '6', 'grpc-message': 'big' },
        { endStream: true },
      );
    });
    expect((await call(channel, '/t.T/Echo', 'x')).message).toBe('big');
  });

  it.each([
    { code: constants.NGHTTP2_REFUSED_STREAM, status: 14 },
    { code: constants.NGHTTP2_CANCEL, status: 1 },
    { code: constants.NGHTTP2_ENHANCE_YOUR_CALM, status: 8 },
    { code: constants.NGHTTP2_INTERNAL_ERROR, status: 13 },
  ])('resets with $code, which is status $status', async ({ code, status }) => {
    await serve((stream) => stream.close(code));
    expect((await call(channel, '/t.T/Echo', 'x')).code).toBe(status);
  });

  it('answers 503 like a proxy', async () => {
    await serve((stream) => {
      stream.respond({ ':status': 503, 'content-type': 'text/html' });
      stream.end('<h1>no</h1>');
    });
    expect((await call(channel, '/t.T/Echo', 'x')).code).toBe(14);
  });

  it('says interim answers first', async () => {
    await serve((stream) => {
      stream.additionalHeaders({ ':status': 103, link: '</x>' });
      echo(stream);
    });
    expect((await call(channel, '/t.T/Echo', 'x')).payload).toBe('x');
  });

  it('pings us', async () => {
    let answered = false;
    await serve(echo);
    server.on('session', () => {});
    await call(channel, '/t.T/Echo', 'x');
    server.removeAllListeners('stream');
    server.on('stream', (stream) => {
      stream.session?.ping(() => {
        answered = true;
        echo(stream);
      });
    });
    expect((await call(channel, '/t.T/Echo', 'pinged')).payload).toBe('pinged');
    expect(answered).toBe(true);
  });

  it('goes away, and the call that runs is finished', async () => {
    await serve((stream) => {
      stream.session?.close();
      setTimeout(() => echo(stream), 50);
    });
    expect((await call(channel, '/t.T/Echo', 'last')).payload).toBe('last');
  });
});
