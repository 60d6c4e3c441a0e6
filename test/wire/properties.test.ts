/** What holds for every conversation and every codec of the room, over random inputs (HPACK has its own file). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteAccount, ByteBudget } from '../../src/wire/byte-budget.ts';
import type { ReplySink, StreamHandler, UnaryHandler } from '../../src/wire/contract.ts';
import { FrameWriter } from '../../src/wire/frame-writer.ts';
import { formatTimeout, parseTimeout } from '../../src/wire/grpc-timeout.ts';
import type { WireLimits } from '../../src/wire/limits.ts';
import { MessageReader, Read } from '../../src/wire/message-reader.ts';
import { binBytes, binValue } from '../../src/wire/metadata.ts';
import { percentDecode, percentEncode } from '../../src/wire/percent.ts';
import { TokenBucket } from '../../src/wire/token-bucket.ts';
import { concat, FrameReader, message } from './frames.ts';
import { Loopback, noRoutes, plain } from './loopback.ts';

/** Windows and frames so small that everything has to be cut and waited for. */
const limits: fc.Arbitrary<Partial<WireLimits>> = fc.record({
  streamWindowBytes: fc.constantFrom(50, 777, 5_000, 1_048_576),
  connectionWindowBytes: fc.constantFrom(1, 65_535, 200_000),
  frameBytesMax: fc.constantFrom(16_384, 70_000),
  headerTableBytesMax: fc.constantFrom(0, 64, 4_096),
  concurrentStreamsMax: fc.constantFrom(1, 2, 1_000),
  outputHighBytes: fc.constantFrom(100, 20_000, 1_048_576),
  streamHighBytes: fc.constantFrom(50, 10_000),
});

const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 60_000 })), {
  maxLength: 6,
});

const conversation = fc.record({
  client: limits,
  server: limits,
  chunkBytes: fc.constantFrom(0, 1, 13, 1_000),
  unary: sizes,
  chat: sizes,
});

/** `size` bytes that no other message has. */
const payloadOf = (size: number, salt: number) => Uint8Array.from({ length: size }, (_, i) => i * 31 + salt);

const echo: UnaryHandler = (call, request) => call.reply(request);
const routes = {
  unary: new Map([['/p.P/Echo', echo]]),
  streaming: new Map([
    [
      '/p.P/Chat',
      (call: Parameters<UnaryHandler>[0]) => ({
        onMessage: (payload: Uint8Array) => void call.send(payload),
        onHalfClose: () => call.end(0, ''),
        onCancel: () => {},
      }),
    ],
  ]),
};

describe('a conversation', () => {
  it('gives every call its own answer, whatever the windows, and leaves nothing behind', () => {
    fc.assert(
      fc.property(conversation, ({ client, server, chunkBytes, unary, chat }) => {
        const loop = new Loopback({
          chunkBytes,
          client: { limits: { ...client, tinyDataBytes: 0 } },
          server: { routes: { ...noRoutes, ...routes }, limits: { ...server, tinyDataBytes: 0, windowUpdates } },
        });
        const replies = new Map<number, string>();
        const sink: ReplySink = {
          onReply: (token, code, _message, payload) => {
            expect(replies.has(token)).toBe(false);
            replies.set(token, `${code} ${Buffer.from(payload).toString('hex')}`);
          },
        };
        const heard: string[] = [];
        const ends: number[] = [];
        const handler: StreamHandler = {
          onMessage: (payload) => void heard.push(Buffer.from(payload).toString('hex')),
          onEnd: (code) => void ends.push(code),
        };
        const stream = loop.client.openStream('/p.P/Chat', plain, handler, loop.nowMs);
        for (const [i, size] of chat.entries()) stream.send(payloadOf(size, i + 100));
        stream.end();
        for (const [i, size] of unary.entries()) {
          loop.client.unary('/p.P/Echo', payloadOf(size, i), plain, i, sink, loop.nowMs);
        }
        loop.pump();
        const hex = (size: number, salt: number) => Buffer.from(payloadOf(size, salt)).toString('hex');
        expect([...replies].sort((a, b) => a[0] - b[0])).toEqual(unary.map((size, i) => [i, `0 ${hex(size, i)}`]));
        expect(heard).toEqual(chat.map((size, i) => hex(size, i + 100)));
        expect(ends).toEqual([0]);
        for (const side of [loop.client, loop.server]) expect([side.openCalls, side.pinnedBytes]).toEqual([0, 0]);
      }),
      { numRuns: 30 },
    );
  }, 60_000);
});

/** Windows of one octet need as many updates as octets. */
const windowUpdates = { perSec: 1e9, burst: 1e9 };

describe('codecs', () => {
  it('grpc-timeout comes back no shorter, and longer by no more than its unit', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e12, noNaN: true }), (ms) => {
        const back = parseTimeout(formatTimeout(ms));
        expect(back).toBeGreaterThanOrEqual(ms * (1 - 1e-9));
        expect(back).toBeLessThanOrEqual(ms + Math.max(1, ms < 1e8 ? 1 : ms < 1e11 ? 1_000 : 3_600_000));
      }),
    );
  });

  it('grpc-message comes back, in printable ASCII', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(percentEncode(text)).toMatch(/^[ -~]*$/);
        expect(percentDecode(percentEncode(text))).toBe(text);
      }),
    );
  });

  it('percentDecode fails for nothing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(typeof percentDecode(text)).toBe('string');
      }),
    );
  });

  it('-bin values come back, with padding or without', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(new Uint8Array(binBytes(binValue(bytes)))).toEqual(bytes);
        expect(new Uint8Array(binBytes(Buffer.from(bytes).toString('base64')))).toEqual(bytes);
      }),
    );
  });

  it('messages come back, however their frames are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 400 })), fc.integer({ min: 1, max: 500 }), (payloads, cut) => {
        const account = new ByteAccount(1e6, new ByteBudget(1e6));
        const reader = new MessageReader(400, account);
        const whole = concat(...payloads.map((payload) => message(payload)));
        const found: string[] = [];
        for (let at = 0; at < whole.length; at += cut) {
          reader.feed(whole, at, Math.min(at + cut, whole.length));
          while (reader.next() === Read.Message) found.push(Buffer.from(reader.message).toString('hex'));
        }
        expect(found).toEqual(payloads.map((payload) => Buffer.from(payload).toString('hex')));
        reader.close();
        expect(account.usedBytes).toBe(0);
      }),
    );
  });

  it('frames that are written are frames that are read', () => {
    const settings = fc.array(fc.tuple(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0, max: 0xffffffff })));
    const streamId = fc.integer({ min: 0, max: 0x7fffffff });
    fc.assert(
      fc.property(
        settings,
        streamId,
        fc.uint8Array({ minLength: 8, maxLength: 8 }),
        fc.uint8Array(),
        (pairs, id, opaque, debug) => {
          const out = new FrameWriter();
          out.settings(pairs);
          out.settingsAck();
          out.ping(opaque, 0, true);
          out.resetStream(id, 8);
          out.windowUpdate(id, 77);
          out.goaway(id, 11, debug);
          const seen = new FrameReader(false).push(out.take()!);
          expect(seen.map(({ name }) => name)).toEqual([
            'SETTINGS',
            'SETTINGS',
            'PING',
            'RST_STREAM',
            'WINDOW_UPDATE',
            'GOAWAY',
          ]);
          expect(seen[0]!.payload.length).toBe(6 * pairs.length);
          expect(seen[2]!.payload).toEqual(opaque);
          expect([seen[3]!.streamId, seen[3]!.code, seen[4]!.streamId]).toEqual([id, 'CANCEL', id]);
          expect([seen[5]!.lastStreamId, seen[5]!.debug]).toEqual([id, Buffer.from(debug).toString('latin1')]);
        },
      ),
    );
  });

  it('a token bucket lets through its burst and what time has earned, and no more', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 30 })));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 50 }), steps, (perSec, burst, turns) => {
        const bucket = new TokenBucket({ perSec, burst }, 0);
        let nowMs = 0;
        let spent = 0;
        for (const [waitMs, tries] of turns) {
          nowMs += waitMs;
          for (let i = 0; i < tries; i++) if (bucket.spend(nowMs)) spent++;
          expect(spent).toBeLessThanOrEqual(burst + (perSec * nowMs) / 1_000 + 1e-6);
        }
      }),
    );
  });
});
