/** What an encoder puts into the table and what it must not, and how it follows the peer's table size. */
import { describe, expect, it } from 'vitest';
import type { Metadata } from '../../../src/wire/contract.ts';
import { encodedBoundBytes, HpackEncoder } from '../../../src/wire/hpack/encoder.ts';
import { toHex } from './hex.ts';

function encode(encoder: HpackEncoder, headers: Metadata): string {
  const out = new Uint8Array(encodedBoundBytes(headers));
  return toHex(out.subarray(0, encoder.encode(headers, out, 0)));
}

describe('HpackEncoder', () => {
  it.each([
    { what: 'a static field', field: [':method', 'POST'], hex: '83' },
    { what: 'a name of the static table', field: [':path', 'x'], hex: '440178' },
    { what: 'a new name', field: ['x', 'y'], hex: '4001780179' },
    { what: 'a string that is shorter when coded', field: ['x', 'aaaaa'], hex: '400178' + '8418c631ff' },
    { what: 'an empty value', field: ['x', ''], hex: '40017800' },
    { what: 'a secret with a static name (7.1.3)', field: ['authorization', 'y'], hex: '1f080179' },
    { what: 'a code unit beyond latin1', field: ['x', '\u010a'], hex: '400178013f' },
    { what: 'a value that rarely comes twice', field: ['content-length', '7'], hex: '0f0d0137' },
  ] as const)('$what', ({ field, hex }) => {
    expect(encode(new HpackEncoder(), [field])).toBe(hex);
  });

  it.each(['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'token'])(
    'never indexes %s, however often it comes (RFC 7541 7.1.3)',
    (name) => {
      const encoder = new HpackEncoder();
      const first = encode(encoder, [[name, 'secret']]);
      expect(Number.parseInt(first.slice(0, 1), 16)).toBe(1);
      expect(encode(encoder, [[name, 'secret']])).toBe(first);
      expect(encoder.generation).toBe(0);
    },
  );

  it('indexes what repeats and then leaves the table alone', () => {
    const encoder = new HpackEncoder();
    const call: Metadata = [
      [':path', '/a/B'],
      ['te', 'trailers'],
      ['grpc-timeout', '1S'],
    ];
    encode(encoder, call);
    const { generation } = encoder;
    expect(generation).toBe(2);
    expect(encode(encoder, call)).toBe(encode(encoder, call));
    expect(encoder.generation).toBe(generation);
  });

  it('fills the table once and never evicts by itself', () => {
    const encoder = new HpackEncoder();
    encode(encoder, [['first', 'entry']]);
    for (let i = 0; i < 1_000; i++) encode(encoder, [['x-request-id', String(i)]]);
    const { generation } = encoder;
    expect(generation).toBeLessThan(4_096 / 32);
    expect(encode(encoder, [['first', 'entry']]).length).toBeLessThanOrEqual(4);
    encode(encoder, [['x-request-id', 'new']]);
    expect(encoder.generation).toBe(generation);
  });

  it.each([
    { what: 'nothing for the table as it is', sizes: [4_096], hex: '82' },
    { what: 'nothing for more than we use', sizes: [65_536], hex: '82' },
    { what: 'a smaller one', sizes: [100], hex: '3f45' + '82' },
    { what: 'the smallest, then the final one', sizes: [100, 0, 200], hex: '20' + '3fa901' + '82' },
    { what: 'both when it ends where it began', sizes: [0, 4_096], hex: '20' + '3fe11f' + '82' },
  ])('announces $what (RFC 7541 4.2)', ({ sizes, hex }) => {
    const encoder = new HpackEncoder();
    for (const bytes of sizes) encoder.setPeerTableBytes(bytes);
    const before = encoder.generation;
    expect(encode(encoder, [[':method', 'GET']])).toBe(hex);
    expect(encoder.generation !== before).toBe(hex !== '82');
    expect(encode(encoder, [[':method', 'GET']])).toBe('82');
  });

  it('announces a table of its own choice', () => {
    expect(encode(new HpackEncoder({ tableBytesMax: 0 }), [['x', 'y']])).toBe('20' + '0001780179');
  });

  it('forgets what a smaller table evicts', () => {
    const encoder = new HpackEncoder();
    encode(encoder, [['x', 'y']]);
    encoder.setPeerTableBytes(0);
    encoder.setPeerTableBytes(4_096);
    expect(encode(encoder, [['x', 'y']])).toBe('20' + '3fe11f' + '4001780179');
  });
});
