import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteAccount, ByteBudget } from '../../src/wire/byte-budget.ts';
import { errorCodeName, statusOfReset } from '../../src/wire/error-code.ts';
import { formatTimeout, parseTimeout } from '../../src/wire/grpc-timeout.ts';
import { codeOfHttpStatus } from '../../src/wire/http-status.ts';
import { MessageReader, Read } from '../../src/wire/message-reader.ts';
import { binBytes, binValue, metadataFault, metadataValue } from '../../src/wire/metadata.ts';
import { percentDecode, percentEncode } from '../../src/wire/percent.ts';
import { Code } from '../../src/wire/status.ts';
import { TokenBucket } from '../../src/wire/token-bucket.ts';

describe('grpc-timeout', () => {
  it.each([
    { text: '90m', ms: 90 },
    { text: '2S', ms: 2_000 },
    { text: '3M', ms: 180_000 },
    { text: '1H', ms: 3_600_000 },
    { text: '1500u', ms: 1.5 },
    { text: '0m', ms: 0 },
    { text: '99999999H', ms: 99_999_999 * 3_600_000 },
    { text: '100000000m', ms: NaN },
    { text: 'm', ms: NaN },
    { text: '', ms: NaN },
    { text: '1', ms: NaN },
    { text: '-1m', ms: NaN },
    { text: '1 m', ms: NaN },
    { text: '1.5S', ms: NaN },
    { text: '1s', ms: NaN },
  ])('$text is $ms ms', ({ text, ms }) => expect(parseTimeout(text)).toBe(ms));

  it('is formatted in eight digits, never shorter than asked for', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e12, noNaN: true }), (ms) => {
        const text = formatTimeout(ms);
        expect(text).toMatch(/^\d{1,8}[HMSmun]$/);
        expect(parseTimeout(text)).toBeGreaterThanOrEqual(ms * (1 - 1e-9));
      }),
    );
  });
});

describe('grpc-message', () => {
  it.each([
    { plain: 'all fine', coded: 'all fine' },
    { plain: '100%', coded: '100%25' },
    { plain: 'a\nb', coded: 'a%0Ab' },
    { plain: 'é☃', coded: '%C3%A9%E2%98%83' },
  ])('$plain', ({ plain, coded }) => {
    expect(percentEncode(plain)).toBe(coded);
    expect(percentDecode(coded)).toBe(plain);
  });

  it('comes back as it was, and decoding never fails', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => percentDecode(percentEncode(text)) === text));
    fc.assert(fc.property(fc.string(), (text) => typeof percentDecode(text) === 'string'));
    expect(percentDecode('%zz%4')).toBe('%zz%4');
  });
});

describe('metadata', () => {
  it('carries bytes in -bin values', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(binValue(bytes)).not.toContain('=');
        expect(Buffer.compare(binBytes(binValue(bytes)), bytes)).toBe(0);
      }),
    );
    expect([...binBytes('AQI=')]).toEqual([1, 2]);
    expect([...binBytes('AQI,Aw')]).toEqual([1, 2]);
  });

  it('is found by name', () => {
    expect(
      metadataValue(
        [
          ['a', '1'],
          ['b', '2'],
          ['b', '3'],
        ],
        'b',
      ),
    ).toBe('2');
    expect(metadataValue([], 'b')).toBe(null);
  });

  it.each([
    { name: 'x-ok', value: 'fine', sound: true },
    { name: 'X-Capital', value: '', sound: false },
    { name: ':path', value: '/', sound: false },
    { name: 'grpc-status', value: '0', sound: false },
    { name: 'te', value: 'trailers', sound: false },
    { name: 'x', value: 'a\r\nb: c', sound: false },
    { name: 'x', value: ' blank', sound: false },
    { name: 'x', value: 'é', sound: false },
  ])('$name: $value', ({ name, value, sound }) => expect(metadataFault([[name, value]]) === '').toBe(sound));
});

describe('codes', () => {
  it.each([
    [400, Code.Internal],
    [401, Code.Unauthenticated],
    [403, Code.PermissionDenied],
    [404, Code.Unimplemented],
    [429, Code.Unavailable],
    [503, Code.Unavailable],
    [200, Code.Unknown],
    [500, Code.Unknown],
  ])('HTTP %i is %i', (status, code) => expect(codeOfHttpStatus(status)).toBe(code));

  it.each([
    ['NO_ERROR', 0, Code.Internal],
    ['STREAM_CLOSED', 5, Code.Unknown],
    ['REFUSED_STREAM', 7, Code.Unavailable],
    ['CANCEL', 8, Code.Canceled],
    ['ENHANCE_YOUR_CALM', 11, Code.ResourceExhausted],
    ['INADEQUATE_SECURITY', 12, Code.PermissionDenied],
    ['0x63', 99, Code.Internal],
  ])('%s', (name, code, status) => {
    expect(errorCodeName(code)).toBe(name);
    expect(statusOfReset(code)).toBe(status);
  });
});

describe('a token bucket', () => {
  it('gives its burst, then its rate, and never more than both', () => {
    const bucket = new TokenBucket({ perSec: 10, burst: 3 }, 0);
    const spent = (nowMs: number, tries: number): number => {
      let count = 0;
      for (let i = 0; i < tries; i++) if (bucket.spend(nowMs)) count++;
      return count;
    };
    expect(spent(60_000, 10)).toBe(3);
    expect(spent(60_050, 10)).toBe(0);
    expect(spent(60_100, 10)).toBe(1);
    expect(spent(120_000, 10)).toBe(3);
    bucket.give(100);
    expect(spent(120_000, 10)).toBe(3);
  });
});

describe('a message reader', () => {
  const reader = (bytesMax = 100_000, account = new ByteAccount(1e9, new ByteBudget(1e9))) => ({
    account,
    reader: new MessageReader(bytesMax, account),
  });
  const framed = (message: Uint8Array, flag = 0): Buffer => {
    const prefix = Buffer.alloc(5);
    prefix[0] = flag;
    prefix.writeUInt32BE(message.length, 1);
    return Buffer.concat([prefix, message]);
  };

  it('finds the same messages however the bytes are cut', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 });
    fc.assert(
      fc.property(messages, fc.integer({ min: 1, max: 50 }), (wanted, step) => {
        const { reader: messageReader, account } = reader();
        const bytes = Buffer.concat(wanted.map((message) => framed(message)));
        const found: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += step) {
          messageReader.feed(bytes, at, Math.min(at + step, bytes.length));
          while (messageReader.next() === Read.Message) found.push(Buffer.from(messageReader.message));
        }
        expect(found).toEqual(wanted.map((message) => Buffer.from(message)));
        expect(messageReader.midMessage).toBe(false);
        expect(account.usedBytes).toBe(0);
      }),
    );
  });

  it.each([
    { what: 'too large', bytes: framed(Buffer.alloc(11)).subarray(0, 5), found: Read.TooLarge },
    { what: 'compressed', bytes: framed(Buffer.alloc(3), 1), found: Read.Compressed },
    { what: 'malformed by its first byte', bytes: Buffer.of(2), found: Read.Malformed },
    { what: 'incomplete', bytes: framed(Buffer.alloc(10)).subarray(0, 14), found: Read.More },
  ])('says when a message is $what', ({ bytes, found }) => {
    const { reader: messageReader } = reader(10);
    messageReader.feed(bytes, 0, bytes.length);
    expect(messageReader.next()).toBe(found);
  });

  it('holds what has come, not what was announced', () => {
    const { reader: messageReader, account } = reader(2 ** 31);
    const start = Buffer.concat([Buffer.of(0, 0x7f, 0, 0, 0), Buffer.alloc(100)]);
    messageReader.feed(start, 0, start.length);
    expect(messageReader.next()).toBe(Read.More);
    expect(account.usedBytes).toBeLessThanOrEqual(16 * 1024);
    messageReader.close();
    expect(account.usedBytes).toBe(0);
  });

  it('stops growing when the account is exhausted', () => {
    const { reader: messageReader } = reader(100_000, new ByteAccount(20_000, new ByteBudget(1e9)));
    const bytes = framed(Buffer.alloc(90_000));
    let found: Read = Read.More;
    for (let at = 0; at < bytes.length && found === Read.More; at += 1_000) {
      messageReader.feed(bytes, at, at + 1_000);
      found = messageReader.next();
    }
    expect(found).toBe(Read.NoMemory);
  });
});
