/** Round trips over random lists, table sizes and table changes; both ends stay in step. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Metadata } from '../../../src/wire/contract.ts';
import { HpackDecoder, HpackError } from '../../../src/wire/hpack/decoder.ts';
import { encodedBoundBytes, HpackEncoder } from '../../../src/wire/hpack/encoder.ts';
import { huffmanBytes, huffmanDecode, huffmanDecodedBytesMax, huffmanEncode } from '../../../src/wire/hpack/huffman.ts';
import { integerMax, readInteger, writeInteger } from '../../../src/wire/hpack/integer.ts';

const latin1 = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
const name = fc.oneof(
  fc.constantFrom(':path', ':method', 'token', 'grpc-timeout', 'content-type', 'x-a', 'x-b'),
  latin1,
);
const value = fc.oneof(fc.constantFrom('', 'POST', '/', 'application/grpc', 'v'.repeat(500)), latin1);
const headers: fc.Arbitrary<Metadata> = fc.array(fc.tuple(name, value), { maxLength: 12 });
const turn = fc.record({
  headers,
  tableBytes: fc.option(fc.constantFrom(0, 40, 100, 1_000, 4_096, 65_536), { freq: 4 }),
});

describe('properties', () => {
  it('decode(encode(headers)) is headers, whatever the table does between blocks', () => {
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 20 }), (turns) => {
        const encoder = new HpackEncoder();
        const decoder = new HpackDecoder({ tableBytesMax: 4_096, listBytesMax: 1e6, fieldCountMax: 1e3 });
        for (const { headers: list, tableBytes } of turns) {
          if (tableBytes !== null) {
            encoder.setPeerTableBytes(tableBytes);
            decoder.setTableBytesMax(tableBytes);
          }
          const out = new Uint8Array(encodedBoundBytes(list) + 3);
          const end = encoder.encode(list, out, 3);
          expect(end).toBeLessThanOrEqual(out.length);
          const block = decoder.decode(out, 3, end);
          expect(block.headers).toEqual(list);
          expect(block.listBytes).toBe(list.reduce((sum, [n, v]) => sum + n.length + v.length + 32, 0));
        }
      }),
    );
  });

  it('a block that inserted nothing may be sent again while the generation stands', () => {
    fc.assert(
      fc.property(fc.array(headers, { minLength: 1, maxLength: 10 }), (lists) => {
        const encoder = new HpackEncoder();
        const decoder = new HpackDecoder({ tableBytesMax: 4_096, listBytesMax: 1e6, fieldCountMax: 1e3 });
        const kept: { block: Uint8Array; list: Metadata; generation: number }[] = [];
        for (const list of lists) {
          const out = new Uint8Array(encodedBoundBytes(list));
          const before = encoder.generation;
          const block = out.slice(0, encoder.encode(list, out, 0));
          decoder.decode(block, 0, block.length);
          if (encoder.generation === before) kept.push({ block, list, generation: before });
          for (const entry of kept) {
            if (entry.generation !== encoder.generation) continue;
            expect(decoder.decode(entry.block, 0, entry.block.length).headers).toEqual(entry.list);
          }
        }
      }),
    );
  });

  it('any octets decode or are refused with an HpackError, and within the limits', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }), (blocks) => {
        const decoder = new HpackDecoder({ tableBytesMax: 4_096, listBytesMax: 500, fieldCountMax: 5 });
        try {
          for (const block of blocks) {
            const { headers: list, tooLarge, listBytes } = decoder.decode(block, 0, block.length);
            expect(list.length).toBeLessThanOrEqual(5);
            if (!tooLarge) expect(listBytes).toBeLessThanOrEqual(500);
          }
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(HpackError);
        }
      }),
    );
  });

  it('Huffman coding has the length announced and comes back', () => {
    fc.assert(
      fc.property(latin1, (text) => {
        const out = Buffer.alloc(text.length * 4 + 1);
        const end = huffmanEncode(text, out, 0);
        expect(end).toBe(huffmanBytes(text));
        const decoded = Buffer.alloc(huffmanDecodedBytesMax(end));
        expect(decoded.toString('latin1', 0, huffmanDecode(out, 0, end, decoded))).toBe(text);
      }),
    );
  });

  it('what Huffman decodes, coded again, is what was decoded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (coded) => {
        const decoded = Buffer.alloc(huffmanDecodedBytesMax(coded.length));
        let length: number;
        try {
          length = huffmanDecode(coded, 0, coded.length, decoded);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(HpackError);
          return;
        }
        const again = new Uint8Array(coded.length + 4);
        const end = huffmanEncode(decoded.toString('latin1', 0, length), again, 0);
        expect(again.slice(0, end)).toEqual(coded);
      }),
      { numRuns: 1_000 },
    );
  });

  it('integers come back in every prefix', () => {
    const integer = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: integerMax }));
    fc.assert(
      fc.property(integer, fc.integer({ min: 4, max: 8 }), (number, prefixBits) => {
        const out = new Uint8Array(8);
        const end = writeInteger(out, 0, { pattern: 0, prefixBits }, number);
        const cursor = { bytes: out, at: 0, end };
        expect(readInteger(cursor, prefixBits)).toBe(number);
        expect(cursor.at).toBe(end);
      }),
    );
  });
});
