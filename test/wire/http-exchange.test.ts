import { describe, expect, it } from 'vitest';
import type { HttpHandler, HttpRequest } from '../../src/wire/contract.ts';
import { ErrorCode } from '../../src/wire/error-code.ts';
import { Http2ServerConnection } from '../../src/wire/server-connection.ts';
import { HpackDecoder } from '../../src/wire/hpack/decoder.ts';
import { HpackEncoder, encodedBoundBytes } from '../../src/wire/hpack/encoder.ts';
import { Flag, FrameType, clientPreface, frameHeaderBytes, readUint32 } from '../../src/wire/frame.ts';
import { FrameWriter } from '../../src/wire/frame-writer.ts';
import { noRoutes } from './loopback.ts';
import type { WireLimits } from '../../src/wire/limits.ts';

/** A browser of sorts: speaks HTTP/2 by hand to a server connection, and keeps what it answers. */
class Browser {
  readonly server: Http2ServerConnection;
  readonly fields: string[] = [];
  body = '';
  ended = false;
  reset = -1;
  readonly #out = new FrameWriter();
  readonly #encoder = new HpackEncoder();
  readonly #decoder = new HpackDecoder({ tableBytesMax: 4096, listBytesMax: 65536, fieldCountMax: 100 });

  constructor(http: HttpHandler | null, limits: Partial<WireLimits> = {}, windowBytes = 65_535) {
    const peer = { address: '127.0.0.1:9', tlsSubject: null };
    this.server = new Http2ServerConnection({ nowMs: 0, onOutput: () => {}, routes: noRoutes, http, peer, limits });
    this.#out.reserve(clientPreface.length);
    this.#out.put(clientPreface);
    this.#out.settings([[4, windowBytes]]);
  }

  request(method: string, path: string, endStream: boolean, more: readonly (readonly [string, string])[] = []): void {
    const fields = [[':method', method], [':scheme', 'http'], [':path', path], [':authority', 'a'], ...more] as const;
    const block = Buffer.alloc(encodedBoundBytes(fields));
    const length = this.#encoder.encode(fields, block, 0);
    this.#frame(FrameType.Headers, Flag.EndHeaders | (endStream ? Flag.EndStream : 0), block.subarray(0, length));
  }

  data(text: string, endStream: boolean): void {
    this.#frame(FrameType.Data, endStream ? Flag.EndStream : 0, Buffer.from(text));
  }

  grant(bytes: number): void {
    this.#out.windowUpdate(1, bytes);
  }

  cancel(): void {
    this.#out.resetStream(1, ErrorCode.Cancel);
  }

  /** Carries bytes and lets promises run until nothing moves. */
  async exchange(): Promise<void> {
    for (let quiet = 0; quiet < 3;) {
      const there = this.#out.take();
      if (there !== null) this.server.receive(there, 0);
      await new Promise((resolve) => setImmediate(resolve));
      const back = this.server.takeOutput();
      this.server.outputDrained();
      if (back !== null) this.#read(back);
      quiet = there === null && back === null ? quiet + 1 : 0;
    }
  }

  #frame(type: number, flags: number, payload: Uint8Array): void {
    this.#out.reserve(frameHeaderBytes + payload.length);
    this.#out.header(payload.length, type, flags, 1);
    this.#out.put(payload);
  }

  #read(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const length = readUint32(bytes, at) >>> 8;
      const payload = bytes.subarray(at + frameHeaderBytes, at + frameHeaderBytes + length);
      this.#onFrame(bytes[at + 3]!, bytes[at + 4]!, payload);
      at += frameHeaderBytes + length;
    }
  }

  #onFrame(type: number, flags: number, payload: Uint8Array): void {
    if (type === FrameType.ResetStream) this.reset = readUint32(payload, 0);
    if (type === FrameType.Data) this.body += Buffer.from(payload).toString();
    if (type === FrameType.Headers) {
      const block = this.#decoder.decode(payload, 0, payload.length);
      this.fields.push(...block.headers.map(([name, value]) => `${name}: ${value}`));
    }
    const carriesEnd = type === FrameType.Data || type === FrameType.Headers;
    if (carriesEnd && (flags & Flag.EndStream) !== 0) this.ended = true;
  }
}

const text = (status: number, body: string | AsyncIterable<Uint8Array>) => ({
  status,
  headers: [
    ['Content-Type', 'text/plain'],
    ['Connection', 'close'],
  ] as const,
  body: typeof body === 'string' ? Buffer.from(body) : body,
});

describe('a plain HTTP request', () => {
  it('reaches the handler with its body and is answered', async () => {
    let seen: HttpRequest | null = null;
    const browser = new Browser(async (request) => {
      seen = request;
      return text(201, 'hello');
    });
    browser.request('PUT', '/x?y=1', false, [
      ['x-a', 'b'],
      ['content-length', '6'],
    ]);
    browser.data('abc', false);
    browser.data('def', true);
    await browser.exchange();
    expect(seen).toMatchObject({ method: 'PUT', path: '/x?y=1', peer: { address: '127.0.0.1:9' } });
    expect(Buffer.from(seen!.body).toString()).toBe('abcdef');
    expect(seen!.headers).toContainEqual(['x-a', 'b']);
    expect(browser.fields).toEqual([':status: 201', 'content-type: text/plain']);
    expect([browser.body, browser.ended, browser.reset]).toEqual(['hello', true, -1]);
    expect([browser.server.openCalls, browser.server.pinnedBytes]).toEqual([0, 0]);
  });

  it('gets a streamed answer as fast as it reads', async () => {
    let produced = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (; produced < 50; produced++) yield Buffer.alloc(100, 'z');
    }
    const browser = new Browser(async () => text(200, endless()), { streamHighBytes: 300 }, 150);
    browser.request('GET', '/', true);
    await browser.exchange();
    expect(produced).toBeLessThan(10);
    expect(browser.body.length).toBe(150);
    while (!browser.ended) {
      browser.grant(1_000);
      await browser.exchange();
    }
    expect([produced, browser.body.length]).toEqual([50, 5_000]);
    expect(browser.server.openCalls).toBe(0);
  });

  it.each([
    { what: 'nothing', parts: [] },
    { what: 'one empty part', parts: [''] },
    { what: 'empty parts among others', parts: ['', 'a', '', 'b', ''] },
  ])('ends when it is answered by $what', async ({ parts }) => {
    async function* streamed(): AsyncGenerator<Uint8Array> {
      for (const part of parts) yield Buffer.from(part);
    }
    for (const body of [parts.join(''), streamed()]) {
      const browser = new Browser(async () => text(200, body));
      browser.request('OPTIONS', '/', true);
      await browser.exchange();
      expect([browser.body, browser.ended, browser.server.openCalls]).toEqual([parts.join(''), true, 0]);
    }
  });

  it('stops the producer when the reader goes away', async () => {
    let closed = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.alloc(100);
      } finally {
        closed = true;
      }
    }
    const browser = new Browser(async () => text(200, endless()), { streamHighBytes: 300 }, 150);
    browser.request('GET', '/', true);
    await browser.exchange();
    expect(closed).toBe(false);
    browser.cancel();
    await browser.exchange();
    expect(closed).toBe(true);
    expect(browser.server.pinnedBytes).toBe(0);
  });

  it.each([
    { what: 'HEAD has no body', method: 'HEAD', http: async () => text(200, 'hello'), status: '200', body: '' },
    {
      what: 'a body over the limit is 413',
      method: 'PUT',
      http: async () => text(200, 'no'),
      status: '413',
      body: 'request body too large\n',
    },
    {
      what: 'a handler that throws is 500',
      method: 'GET',
      http: () => Promise.reject(new Error('secret')),
      status: '500',
      body: 'internal error\n',
    },
  ])('$what', async ({ method, http, status, body }) => {
    const browser = new Browser(http, { httpBodyBytesMax: 5 });
    browser.request(method, '/', method !== 'PUT');
    if (method === 'PUT') browser.data('abcdef', false);
    await browser.exchange();
    expect(browser.fields[0]).toBe(`:status: ${status}`);
    expect([browser.body, browser.ended]).toEqual([body, true]);
    if (method === 'PUT') browser.data('', true);
    await browser.exchange();
    expect(browser.server.openCalls).toBe(0);
  });

  it('that is answered before its end has a moment to see the answer', async () => {
    const browser = new Browser(async () => text(200, ''), { httpBodyBytesMax: 5 });
    browser.request('PUT', '/', false, [['content-length', '1000']]);
    browser.data('abcdef', false);
    await browser.exchange();
    expect([browser.fields[0], browser.ended, browser.reset]).toEqual([':status: 413', true, -1]);
    browser.data('more', false);
    await browser.exchange();
    expect(browser.reset).toBe(-1);
    browser.server.tick(1_000);
    await browser.exchange();
    expect(browser.reset).toBe(ErrorCode.NoError);
    expect([browser.server.openCalls, browser.server.pinnedBytes]).toEqual([0, 0]);
  });

  it('whose length is not what it said is malformed, answered or not', async () => {
    const browser = new Browser(async () => text(200, ''), { httpBodyBytesMax: 5 });
    browser.request('PUT', '/', false, [['content-length', '1000']]);
    browser.data('abcdef', false);
    await browser.exchange();
    browser.data('', true);
    await browser.exchange();
    expect([browser.ended, browser.reset]).toEqual([true, ErrorCode.ProtocolError]);
  });

  it('whose body breaks off in the answer is reset', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
      throw new Error('disk');
    }
    const browser = new Browser(async () => text(200, broken()));
    browser.request('GET', '/', true);
    await browser.exchange();
    expect([browser.body, browser.ended, browser.reset]).toEqual(['half', false, ErrorCode.InternalError]);
  });

  it('is refused with 415 where only gRPC is spoken', async () => {
    const browser = new Browser(null);
    browser.request('GET', '/health', true, [['content-type', 'text/html']]);
    await browser.exchange();
    expect(browser.fields).toContain(':status: 415');
    expect(browser.fields).toContain('grpc-message: invalid gRPC request content-type "text/html"');
  });

  it('that is sent too slowly is cancelled', async () => {
    const browser = new Browser(async () => text(200, ''));
    browser.request('PUT', '/', false);
    await browser.exchange();
    browser.server.onSettingsAck();
    browser.server.tick(60_000);
    await browser.exchange();
    expect(browser.reset).toBe(ErrorCode.Cancel);
    expect(browser.server.openCalls).toBe(0);
  });
});
