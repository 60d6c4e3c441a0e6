/** The examples of RFC 7541 Appendix C, to the octet, in both directions. */
import { describe, expect, it } from 'vitest';
import type { Metadata } from '../../../src/wire/contract.ts';
import { HpackDecoder } from '../../../src/wire/hpack/decoder.ts';
import { huffmanDecode, huffmanDecodedBytesMax, huffmanEncode } from '../../../src/wire/hpack/huffman.ts';
import { readInteger, writeInteger } from '../../../src/wire/hpack/integer.ts';
import { fromHex, toHex } from './hex.ts';

const options = { tableBytesMax: 4_096, listBytesMax: 65_536, fieldCountMax: 100 };

describe('RFC 7541 C.1 integers', () => {
  it.each([
    { section: 'C.1.1', value: 10, prefixBits: 5, hex: '0a' },
    { section: 'C.1.2', value: 1337, prefixBits: 5, hex: '1f9a0a' },
    { section: 'C.1.3', value: 42, prefixBits: 8, hex: '2a' },
  ])('$section: $value with $prefixBits bits is $hex', ({ value, prefixBits, hex }) => {
    const bytes = fromHex(hex);
    expect(readInteger({ bytes, at: 0, end: bytes.length }, prefixBits)).toBe(value);
    const out = new Uint8Array(8);
    expect(toHex(out.subarray(0, writeInteger(out, 0, { pattern: 0, prefixBits }, value)))).toBe(hex);
  });
});

describe('RFC 7541 C.2 representations', () => {
  it.each<{ section: string; hex: string; headers: Metadata }>([
    {
      section: 'C.2.1 literal with indexing',
      hex: '400a637573746f6d2d6b65790d637573746f6d2d686561646572',
      headers: [['custom-key', 'custom-header']],
    },
    {
      section: 'C.2.2 literal without indexing',
      hex: '040c2f73616d706c652f70617468',
      headers: [[':path', '/sample/path']],
    },
    {
      section: 'C.2.3 literal never indexed',
      hex: '100870617373776f726406736563726574',
      headers: [['password', 'secret']],
    },
    { section: 'C.2.4 indexed', hex: '82', headers: [[':method', 'GET']] },
  ])('$section', ({ hex, headers }) => {
    const block = fromHex(hex);
    expect(new HpackDecoder(options).decode(block, 0, block.length).headers).toEqual(headers);
  });
});

const firstRequest: Metadata = [
  [':method', 'GET'],
  [':scheme', 'http'],
  [':path', '/'],
  [':authority', 'www.example.com'],
];
const secondRequest: Metadata = [...firstRequest, ['cache-control', 'no-cache']];
const thirdRequest: Metadata = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':path', '/index.html'],
  [':authority', 'www.example.com'],
  ['custom-key', 'custom-value'],
];
const firstResponse: Metadata = [
  [':status', '302'],
  ['cache-control', 'private'],
  ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'],
  ['location', 'https://www.example.com'],
];
const secondResponse: Metadata = [[':status', '307'], ...firstResponse.slice(1)];
const thirdResponse: Metadata = [
  [':status', '200'],
  ['cache-control', 'private'],
  ['date', 'Mon, 21 Oct 2013 20:13:22 GMT'],
  ['location', 'https://www.example.com'],
  ['content-encoding', 'gzip'],
  ['set-cookie', 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'],
];

describe('RFC 7541 C.3 to C.6 conversations', () => {
  it.each<{ section: string; tableBytesMax: number; blocks: string[]; lists: Metadata[] }>([
    {
      section: 'C.3 requests without Huffman',
      tableBytesMax: 4_096,
      blocks: [
        '828684410f7777772e6578616d706c652e636f6d',
        '828684be58086e6f2d6361636865',
        '828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565',
      ],
      lists: [firstRequest, secondRequest, thirdRequest],
    },
    {
      section: 'C.4 requests with Huffman',
      tableBytesMax: 4_096,
      blocks: [
        '828684418cf1e3c2e5f23a6ba0ab90f4ff',
        '828684be5886a8eb10649cbf',
        '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf',
      ],
      lists: [firstRequest, secondRequest, thirdRequest],
    },
    {
      section: 'C.5 responses without Huffman, a table of 256 octets',
      tableBytesMax: 256,
      blocks: [
        '4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e17687474' +
          '70733a2f2f7777772e6578616d706c652e636f6d',
        '4803333037c1c0bf',
        '88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a' +
          '4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31',
      ],
      lists: [firstResponse, secondResponse, thirdResponse],
    },
    {
      section: 'C.6 responses with Huffman, a table of 256 octets',
      tableBytesMax: 256,
      blocks: [
        '488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae' +
          '82ae43d3',
        '4883640effc1c0bf',
        '88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960' +
          'd5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007',
      ],
      lists: [firstResponse, secondResponse, thirdResponse],
    },
  ])('$section', ({ tableBytesMax, blocks, lists }) => {
    const decoder = new HpackDecoder({ ...options, tableBytesMax });
    const decoded = blocks.map(fromHex).map((block) => decoder.decode(block, 0, block.length).headers);
    expect(decoded).toEqual(lists);
  });
});

describe('RFC 7541 C.4 and C.6 Huffman strings', () => {
  it.each([
    { text: 'www.example.com', hex: 'f1e3c2e5f23a6ba0ab90f4ff' },
    { text: 'no-cache', hex: 'a8eb10649cbf' },
    { text: 'custom-key', hex: '25a849e95ba97d7f' },
    { text: 'custom-value', hex: '25a849e95bb8e8b4bf' },
    { text: '302', hex: '6402' },
    { text: 'private', hex: 'aec3771a4b' },
    { text: 'Mon, 21 Oct 2013 20:13:21 GMT', hex: 'd07abe941054d444a8200595040b8166e082a62d1bff' },
    { text: 'https://www.example.com', hex: '9d29ad171863c78f0b97c8e9ae82ae43d3' },
    { text: 'gzip', hex: '9bd9ab' },
    { text: '', hex: '' },
  ])('"$text"', ({ text, hex }) => {
    const out = new Uint8Array(64);
    expect(toHex(out.subarray(0, huffmanEncode(text, out, 0)))).toBe(hex);
    const coded = fromHex(hex);
    const decoded = Buffer.alloc(huffmanDecodedBytesMax(coded.length));
    expect(decoded.toString('latin1', 0, huffmanDecode(coded, 0, coded.length, decoded))).toBe(text);
  });
});
