/** @grpc/grpc-js calls our server: every kind of call, and every way of ending one. */
import {
  Client,
  credentials,
  type Deadline,
  logVerbosity,
  Metadata,
  type ServiceError,
  setLogVerbosity,
  status,
} from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EchoServer, startEchoServer } from './echo-server.ts';

const raw = (bytes: Buffer): Buffer => bytes;

setLogVerbosity(logVerbosity.NONE); // it complains of pings that a test sends on purpose

let echo: EchoServer;
let client: Client;

const connect = (options = {}) => new Client(`127.0.0.1:${echo.server.port}`, credentials.createInsecure(), options);

beforeEach(async () => {
  echo = await startEchoServer();
  client = connect();
});

afterEach(async () => {
  client.close();
  await echo.server.close(100);
});

interface Ended {
  readonly reply: Buffer | undefined;
  readonly code: number;
  readonly details: string;
  readonly headers: Metadata | null;
  readonly trailers: Metadata | null;
}

function unary(
  name: string,
  request: Buffer,
  metadata = new Metadata(),
  options: { deadline?: Deadline } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    let headers: Metadata | null = null;
    let reply: Buffer | undefined;
    const call = client.makeUnaryRequest(
      `/t.T/${name}`,
      raw,
      raw,
      request,
      metadata,
      options,
      (_error, value) => (reply = value),
    );
    call.on('metadata', (each: Metadata) => (headers = each));
    call.on('status', ({ code, details, metadata: trailers }) =>
      setImmediate(() => resolve({ reply, code, details, headers, trailers })),
    );
  });
}

describe('unary calls of @grpc/grpc-js', () => {
  it.each([0, 1, 1_000, 16_379, 70_000, 2_097_152])('%i bytes come back', async (size) => {
    const request = Buffer.alloc(size, 'q');
    const { code, reply } = await unary('Echo', request);
    expect(code).toBe(status.OK);
    expect(reply?.equals(request)).toBe(true);
  });

  it('five hundred at once are each answered', async () => {
    const replies = await Promise.all(Array.from({ length: 500 }, (_, i) => unary('Echo', Buffer.from(`n${i}`))));
    expect(replies.map(({ reply }) => reply?.toString())).toEqual(Array.from({ length: 500 }, (_, i) => `n${i}`));
  });

  it('an error comes with its text and trailers', async () => {
    const { code, details, trailers } = await unary('Fail', Buffer.from(''));
    expect([code, details, trailers?.get('x-why')]).toEqual([5, 'etcdserver: söme text 50%', ['because']]);
  });

  it('an unknown method is UNIMPLEMENTED', async () => {
    expect((await unary('Nope', Buffer.from(''))).code).toBe(status.UNIMPLEMENTED);
  });

  it('metadata goes both ways, binary too', async () => {
    const metadata = new Metadata();
    metadata.set('x-text', 'hello');
    metadata.set('x-data-bin', Buffer.from([1, 2, 254, 255]));
    const { reply, headers, trailers } = await unary('Metadata', Buffer.from(''), metadata);
    const seen = JSON.parse(reply!.toString()) as [string, string][];
    expect(seen).toContainEqual(['x-text', 'hello']);
    expect(seen).toContainEqual(['x-data-bin', Buffer.from([1, 2, 254, 255]).toString('base64')]);
    expect(headers?.get('x-early')).toEqual(['yes']);
    expect(trailers?.get('x-late-bin')).toEqual([Buffer.from([0, 255])]);
  });

  it('metadata of 20 KB goes over several frames', async () => {
    const metadata = new Metadata();
    for (let i = 0; i < 20; i++) metadata.set(`x-${i}`, String.fromCharCode(97 + i).repeat(1_000));
    const { reply } = await unary('Metadata', Buffer.from(''), metadata);
    expect(reply!.length).toBeGreaterThan(20_000);
  });

  it('a message beyond the limit is RESOURCE_EXHAUSTED', async () => {
    const { code, details } = await unary('Echo', Buffer.alloc(2_097_153));
    expect([code, details]).toEqual([
      status.RESOURCE_EXHAUSTED,
      'grpc: received message larger than max (2097153 vs. 2097152)',
    ]);
  });

  it('a compressed message is UNIMPLEMENTED', async () => {
    client.close();
    client = connect({ 'grpc.default_compression_algorithm': 2 });
    expect((await unary('Echo', Buffer.alloc(1_000))).code).toBe(status.UNIMPLEMENTED);
  });

  it('a deadline passes', async () => {
    await unary('Echo', Buffer.from('')); // connected: the call that is too slow has to come here at all
    const { code } = await unary('Hold', Buffer.from(''), new Metadata(), { deadline: Date.now() + 1_000 });
    expect(code).toBe(status.DEADLINE_EXCEEDED);
    await expect.poll(() => echo.held[0]?.cancelled).toBe(true);
  });

  it('a call that is cancelled ends here too', async () => {
    const call = client.makeUnaryRequest('/t.T/Hold', raw, raw, Buffer.from(''), () => {});
    await expect.poll(() => echo.held.length).toBe(1);
    const ended = new Promise<number>((resolve) => call.on('status', ({ code }) => resolve(code)));
    call.cancel();
    expect(await ended).toBe(status.CANCELLED);
    await expect.poll(() => echo.held[0]?.cancelled).toBe(true);
  });
});

describe('streams of @grpc/grpc-js', () => {
  it('both ways, one for one', async () => {
    const call = client.makeBidiStreamRequest('/t.T/Chat', raw, raw);
    const replies: string[] = [];
    const ended = new Promise<number>((resolve) => call.on('status', ({ code }) => resolve(code)));
    call.on('data', (reply: Buffer) => {
      replies.push(reply.toString());
      if (replies.length < 100) call.write(Buffer.from(String(replies.length)));
      else call.end();
    });
    call.write(Buffer.from('0'));
    expect(await ended).toBe(status.OK);
    expect(replies).toEqual(Array.from({ length: 100 }, (_, i) => String(i)));
  });

  it('a client that streams 20 MB', async () => {
    const reply = await new Promise<string>((resolve, reject) => {
      const call = client.makeClientStreamRequest(
        '/t.T/Count',
        raw,
        raw,
        (error: ServiceError | null, value?: Buffer) => (error === null ? resolve(value!.toString()) : reject(error)),
      );
      let left = 200;
      const write = (): void => {
        while (left > 0) if (left-- && !call.write(Buffer.alloc(100_000))) return void call.once('drain', write);
        call.end();
      };
      write();
    });
    expect(reply).toBe('20000000');
  });

  it('a server that streams 20 MB to a reader that pauses', async () => {
    const call = client.makeServerStreamRequest('/t.T/Pour', raw, raw, Buffer.from('200x100000'));
    let bytes = 0;
    const ended = new Promise<number>((resolve) => call.on('status', ({ code }) => resolve(code)));
    call.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes % 5_000_000 !== 0) return;
      call.pause();
      setTimeout(() => call.resume(), 20);
    });
    expect(await ended).toBe(status.OK);
    expect(bytes).toBe(20_000_000);
  });

  it('a stream that is cancelled is cancelled here', async () => {
    const call = client.makeBidiStreamRequest('/t.T/Linger', raw, raw);
    call.on('error', () => {});
    call.write(Buffer.from('x'));
    await new Promise((resolve) => call.once('data', resolve));
    call.cancel();
    await expect.poll(() => echo.cancelled).toEqual(['/t.T/Linger']);
  });
});

describe('a connection of @grpc/grpc-js', () => {
  it('ends gracefully: what runs is finished, what comes after goes elsewhere', async () => {
    const running = unary('Hold', Buffer.from(''));
    await expect.poll(() => echo.held.length).toBe(1);
    const closing = echo.server.close(5_000);
    await new Promise((resolve) => void setTimeout(resolve, 50));
    echo.held[0]!.reply(Buffer.from('at last'));
    expect((await running).reply?.toString()).toBe('at last');
    await closing;
    expect((await unary('Echo', Buffer.from(''), new Metadata(), { deadline: Date.now() + 20_000 })).code).toBe(
      status.UNAVAILABLE,
    );
  });

  it('that pings too often is told too_many_pings and comes back', async () => {
    client.close();
    await echo.server.close(0);
    echo = await startEchoServer({ keepAliveMinMs: 60_000 });
    client = connect({ 'grpc.keepalive_time_ms': 30, 'grpc.keepalive_timeout_ms': 5_000 });
    const { code } = await unary('Hold', Buffer.from(''), new Metadata(), { deadline: Date.now() + 30_000 });
    expect([status.UNAVAILABLE, status.RESOURCE_EXHAUSTED]).toContain(code); // the latter is its word for the code of GOAWAY
    expect(echo.server.counters().wire.goawaysSent).toBeGreaterThan(0);
    expect((await unary('Echo', Buffer.from('back'))).reply?.toString()).toBe('back');
  });

  it('leaves nothing behind', async () => {
    await unary('Echo', Buffer.alloc(500_000));
    client.close();
    await expect.poll(() => echo.server.counters().connectionsOpen).toBe(0);
    expect(echo.budget.usedBytes).toBe(0);
  });
});
