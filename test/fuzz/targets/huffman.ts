/** Huffman strings (RFC 7541 5.2): decoding never runs past its room, and what it accepts codes back to the same octets. */
import { HpackError } from '../../../src/wire/hpack/decoder.ts';
import { huffmanDecode, huffmanDecodedBytesMax, huffmanEncode } from '../../../src/wire/hpack/huffman.ts';
import { check, fromHex, noise } from '../check.ts';
import type { FuzzTarget } from '../target.ts';

const guard = 0xa5;

export const huffman: FuzzTarget = {
  name: 'huffman',
  weight: 24,
  seeds: [fromHex('f1e3c2e5f23a6ba0ab90f4ff'), fromHex('a8eb10649cbf'), fromHex('18c631ff'), ...noise(4, 40)],
  dictionary: [fromHex('ffffffff'), fromHex('fffffffc'), fromHex('1f')],
  inputBytesMax: 256,
  run,
};

const decoded = Buffer.alloc(huffmanDecodedBytesMax(256) + 8);
const again = new Uint8Array(300);

function run(input: Uint8Array): string {
  const room = huffmanDecodedBytesMax(input.length);
  decoded.fill(guard, room, room + 8);
  try {
    const length = huffmanDecode(input, 0, input.length, decoded);
    check(length <= room, 'longer than its bound');
    const end = huffmanEncode(decoded.toString('latin1', 0, length), again, 0);
    check(Buffer.compare(again.subarray(0, end), input) === 0, 'the code is not one to one');
    return `ok ${length >> 3}`;
  } catch (thrown) {
    if (!(thrown instanceof HpackError)) throw thrown;
    return thrown.reason;
  } finally {
    for (let i = room; i < room + 8; i++) check(decoded[i] === guard, 'wrote past its room');
  }
}
