/** What a decoder must refuse, by section of RFC 7541 (and RFC 9113 4.3.1), and what it must not. */
import { describe, expect, it } from 'vitest';
import type { Metadata } from '../../../src/wire/contract.ts';
import { HpackDecoder, HpackError } from '../../../src/wire/hpack/decoder.ts';
import { fromHex } from './hex.ts';

const options = { tableBytesMax: 4_096, listBytesMax: 65_536, fieldCountMax: 100 };
const decode = (hex: string, decoder = new HpackDecoder(options)) => {
  const block = fromHex(hex);
  return decoder.decode(block, 0, block.length);
};

describe('refused', () => {
  it.each([
    { section: '2.3.3', says: 'index beyond both tables', hex: 'be', reason: 'index beyond the tables' },
    { section: '2.3.3', says: 'index far beyond', hex: 'ffffff03', reason: 'index beyond the tables' },
    { section: '2.3.3', says: 'name index beyond both tables', hex: '7e0161', reason: 'index beyond the tables' },
    { section: '2.3.3', says: 'name index of a plain literal', hex: '0f2f0161', reason: 'index beyond the tables' },
    { section: '2.3.3', says: 'name index of a secret literal', hex: '1f2f0161', reason: 'index beyond the tables' },
    { section: '4.2', says: 'size update after a field', hex: '8220', reason: 'table size update after a field' },
    { section: '5.1', says: 'integer without its end', hex: 'ff', reason: 'integer is cut off' },
    { section: '5.1', says: 'integer cut in its continuation', hex: 'ff80', reason: 'integer is cut off' },
    { section: '5.1', says: 'integer of five continuations', hex: 'ff8080808001', reason: 'integer is too large' },
    { section: '5.1', says: 'integer padded with zeros', hex: 'ff808080808000', reason: 'integer is too large' },
    { section: '5.1', says: 'integer of 2^28 and more', hex: 'ffffffff7f', reason: 'integer is too large' },
    { section: '5.1', says: 'integer that never ends', hex: 'ff' + 'ff'.repeat(64), reason: 'integer is too large' },
    { section: '5.2', says: 'string longer than the block', hex: '000561', reason: 'string is cut off' },
    { section: '5.2', says: 'value longer than the block', hex: '0001610561', reason: 'string is cut off' },
    { section: '5.2', says: 'value missing', hex: '000161', reason: 'string is cut off' },
    { section: '5.2', says: 'name missing', hex: '40', reason: 'string is cut off' },
    { section: '5.2', says: 'length missing its end', hex: '007f', reason: 'integer is cut off' },
    { section: '5.2', says: 'huge length', hex: '007fffffff7e', reason: 'string is cut off' },
    { section: '5.2', says: 'EOS inside', hex: '0084ffffffff00', reason: 'Huffman string contains EOS' },
    {
      section: '5.2',
      says: 'EOS ended by the first half of an octet',
      hex: '008553ffffffff00',
      reason: 'Huffman string contains EOS',
    },
    { section: '5.2', says: 'EOS across a symbol', hex: '00851fffffffff00', reason: 'Huffman string contains EOS' },
    { section: '5.2', says: 'padding of eight ones', hex: '0081ff00', reason: 'Huffman padding is wrong' },
    {
      section: '5.2',
      says: 'padding of an octet after a symbol',
      hex: '00821fff00',
      reason: 'Huffman padding is wrong',
    },
    { section: '5.2', says: 'padding with a zero', hex: '00811e00', reason: 'Huffman padding is wrong' },
    { section: '5.2', says: 'padding of zeros', hex: '00811800', reason: 'Huffman padding is wrong' },
    { section: '6.1', says: 'index 0', hex: '80', reason: 'index 0' },
    { section: '6.3', says: 'table above the limit', hex: '3fe21f', reason: 'table size update is above the limit' },
  ])('$section $says', ({ hex, reason }) => {
    expect(() => decode(hex)).toThrow(new HpackError(reason));
  });

  it('9113 4.3.1 a block without the update that our smaller table calls for', () => {
    const decoder = new HpackDecoder(options);
    decoder.setTableBytesMax(100);
    expect(() => decode('82', decoder)).toThrow(new HpackError('table size update is missing'));
  });

  it('9113 4.3.1 the same block from the cache', () => {
    const decoder = new HpackDecoder(options);
    decode('82', decoder);
    decode('82', decoder);
    decoder.setTableBytesMax(100);
    expect(() => decode('82', decoder)).toThrow(new HpackError('table size update is missing'));
  });

  it('4.2 an update to more than the smallest of two changes', () => {
    const decoder = new HpackDecoder(options);
    decoder.setTableBytesMax(0);
    decoder.setTableBytesMax(4_096);
    expect(() => decode('3fe11f82', decoder)).toThrow(new HpackError('table size update is missing'));
  });
});

describe('accepted', () => {
  it.each<{ section: string; says: string; hex: string; headers: Metadata }>([
    { section: '3.1', says: 'the empty block', hex: '', headers: [] },
    { section: '4.2', says: 'two size updates at the beginning', hex: '203fe11f82', headers: [[':method', 'GET']] },
    { section: '4.4', says: 'an entry larger than the table', hex: '204001610162', headers: [['a', 'b']] },
    {
      section: '5.1',
      says: 'zeros before the end of an integer',
      hex: '3f9f808000' + '82',
      headers: [[':method', 'GET']],
    },
    { section: '5.2', says: 'padding of seven ones', hex: '008418c631ff00', headers: [['aaaaa', '']] },
    { section: '5.2', says: 'empty name and value, coded', hex: '008080', headers: [['', '']] },
    {
      section: '6.2.1',
      says: 'a name from the entry that this insert evicts',
      hex: '3f0340016101627e0163',
      headers: [
        ['a', 'b'],
        ['a', 'c'],
      ],
    },
  ])('$section $says', ({ hex, headers }) => {
    expect(decode(hex).headers).toEqual(headers);
  });

  it('4.3 a smaller table evicts the oldest, so that their indexes are gone', () => {
    const decoder = new HpackDecoder(options);
    decode('4001610162' + '4001630164', decoder); // a: b, then c: d, of 34 octets each
    expect(decode('3f03' + 'be', decoder).headers).toEqual([['c', 'd']]);
    expect(() => decode('bf', decoder)).toThrow(new HpackError('index beyond the tables'));
  });

  it('9113 4.3.1 no update when the table in use is small enough already', () => {
    const decoder = new HpackDecoder(options);
    decode('3f03', decoder);
    decoder.setTableBytesMax(100);
    expect(decode('82', decoder).headers).toEqual([[':method', 'GET']]);
  });

  it('4.2 the smallest of two changes, then the last', () => {
    const decoder = new HpackDecoder(options);
    decoder.setTableBytesMax(0);
    decoder.setTableBytesMax(4_096);
    expect(decode('203fe11f82', decoder).headers).toEqual([[':method', 'GET']]);
  });
});
