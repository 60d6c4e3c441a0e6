/** What a decoder keeps and does stays bounded, whatever it is fed; what repeats is not decoded again. */
import { describe, expect, it } from 'vitest';
import { HpackDecoder } from '../../../src/wire/hpack/decoder.ts';
import { DynamicTable } from '../../../src/wire/hpack/dynamic-table.ts';
import { fromHex } from './hex.ts';

const options = { tableBytesMax: 4_096, listBytesMax: 8_192, fieldCountMax: 100 };
const decode = (decoder: HpackDecoder, hex: string) => {
  const block = fromHex(hex);
  return decoder.decode(block, 0, block.length);
};
/** A field of 4,063 octets with overhead, learned by one block: each later octet `be` stands for it. */
const learnLarge = '400178' + '7fbf1e' + '61'.repeat(4_030);

describe('listBytesMax (RFC 9113 6.5.2)', () => {
  it('cuts a bomb and still counts it', () => {
    const decoder = new HpackDecoder({ ...options, fieldCountMax: 100_000 });
    decode(decoder, learnLarge);
    const bomb = decode(decoder, 'be'.repeat(10_000));
    expect(bomb).toMatchObject({ tooLarge: true, listBytes: 10_000 * (1 + 4_030 + 32) });
    expect(bomb.headers).toHaveLength(2);
  });

  it('allows exactly the limit and refuses one octet more', () => {
    const field = '0001610162'; // a: b counts 34
    const exact = new HpackDecoder({ ...options, listBytesMax: 68 });
    expect(decode(exact, field.repeat(2))).toMatchObject({ tooLarge: false, listBytes: 68 });
    const short = new HpackDecoder({ ...options, listBytesMax: 67 });
    expect(decode(short, field.repeat(2))).toMatchObject({ tooLarge: true, listBytes: 68 });
  });

  it('keeps the table right behind the cut', () => {
    const decoder = new HpackDecoder({ ...options, listBytesMax: 40 });
    const cut = decode(decoder, '82828282' + '4001610162');
    expect(cut).toMatchObject({ tooLarge: true, headers: [] });
    expect(decode(decoder, 'be')).toMatchObject({ tooLarge: false, headers: [['a', 'b']] });
  });
});

describe('fieldCountMax', () => {
  it('allows exactly the limit and cuts one field more', () => {
    const decoder = new HpackDecoder({ ...options, fieldCountMax: 3 });
    expect(decode(decoder, '828282')).toMatchObject({ tooLarge: false });
    const cut = decode(decoder, '82828282');
    expect(cut.tooLarge).toBe(true);
    expect(cut.headers).toHaveLength(3);
  });
});

describe('the dynamic table', () => {
  it('never exceeds its size and evicts the oldest', () => {
    const table = new DynamicTable(34 * 3);
    for (let i = 0; i < 100; i++) {
      table.insert(['n', String(i % 10)]);
      expect(table.bytes).toBeLessThanOrEqual(34 * 3);
    }
    expect([table.at(0), table.at(1), table.at(2)]).toEqual([
      ['n', '9'],
      ['n', '8'],
      ['n', '7'],
    ]);
    expect(table.length).toBe(3);
  });

  it('grows past its first ring in order', () => {
    const table = new DynamicTable(4_096);
    for (let i = 0; i < 200; i++) table.insert(['', String(i)]);
    const values = Array.from({ length: table.length }, (_, index) => Number(table.at(index)[1]));
    expect(values).toEqual(Array.from({ length: values.length }, (_, index) => 199 - index));
    expect(values.length).toBe(Math.floor(4_096 / 35));
  });

  it('starts at the 4,096 octets of the protocol, however much is allowed', () => {
    const decoder = new HpackDecoder({ ...options, tableBytesMax: 65_536, listBytesMax: 65_536 });
    decode(decoder, learnLarge);
    decode(decoder, '4001610162');
    expect(() => decode(decoder, 'bf')).toThrow('index beyond the tables');
  });
});

describe('repeated blocks', () => {
  it('yield the same object while the table stands', () => {
    const decoder = new HpackDecoder(options);
    const first = decode(decoder, '8286');
    expect(decode(decoder, '8286')).toBe(first);
    expect(decode(decoder, '8287')).not.toBe(first);
    expect(decode(decoder, '8286')).toBe(first);
  });

  it('are decoded anew once the table has changed', () => {
    const decoder = new HpackDecoder(options);
    decode(decoder, '4001610162');
    expect(decode(decoder, 'be').headers).toEqual([['a', 'b']]);
    decode(decoder, '4001630164');
    expect(decode(decoder, 'be').headers).toEqual([['c', 'd']]);
  });

  it('are not taken from the cache when they changed the table themselves', () => {
    const decoder = new HpackDecoder(options);
    decode(decoder, '4001610162');
    decode(decoder, '4001610162');
    expect(decode(decoder, 'bebf').headers).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  it('are told apart by every octet', () => {
    const decoder = new HpackDecoder(options);
    for (let round = 0; round < 2; round++) {
      for (let value = 0; value < 256; value++) {
        const hex = value.toString(16).padStart(2, '0');
        expect(decode(decoder, `00016101${hex}`).headers).toEqual([['a', String.fromCharCode(value)]]);
      }
    }
  });

  it('do not depend on where they stand in a chunk, nor on the chunk after the return', () => {
    const decoder = new HpackDecoder(options);
    const chunk = fromHex('ffff' + '0001610162' + 'ffff');
    const first = decoder.decode(chunk, 2, 7);
    chunk.fill(0);
    expect(first.headers).toEqual([['a', 'b']]);
    expect(decode(decoder, '0001610162')).toBe(first);
  });
});
