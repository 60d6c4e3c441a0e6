/**
 * Blocks recorded from nghttp2's encoder (libnghttp2 1.52, `nghttp2_hd_deflate_hd`): every octet through its Huffman
 * code, evictions, size updates, entries larger than the table.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Metadata } from '../../../src/wire/contract.ts';
import { HpackDecoder } from '../../../src/wire/hpack/decoder.ts';
import { encodedBoundBytes, HpackEncoder } from '../../../src/wire/hpack/encoder.ts';
import { fromHex } from './hex.ts';

interface Conversation {
  readonly name: string;
  readonly blocks: readonly { readonly headers: Metadata; readonly hex: string }[];
}

const file = join(import.meta.dirname, 'golden/nghttp2.json');
const conversations = JSON.parse(readFileSync(file, 'utf8')) as Conversation[];
const options = { tableBytesMax: 4_096, listBytesMax: 65_536, fieldCountMax: 100 };

describe('blocks recorded from nghttp2', () => {
  it.each(conversations)('decode: $name', ({ blocks }) => {
    const decoder = new HpackDecoder(options);
    for (const { headers, hex } of blocks) {
      const block = fromHex(hex);
      expect(decoder.decode(block, 0, block.length).headers).toEqual(headers);
    }
  });

  it.each(conversations)('our own encoding is no longer by more than a fifth: $name', ({ blocks }) => {
    const encoder = new HpackEncoder();
    let ours = 0;
    let theirs = 0;
    for (const { headers, hex } of blocks) {
      ours += encoder.encode(headers, new Uint8Array(encodedBoundBytes(headers)), 0);
      theirs += hex.length / 2;
    }
    expect(ours).toBeLessThan(theirs * 1.2);
  });
});
