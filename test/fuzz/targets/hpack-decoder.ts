/** Header blocks, several to a decoder: an input is blocks behind one length octet each, so that tables carry over. */
import type { Random } from '../../../src/base/random.ts';
import type { Metadata } from '../../../src/wire/contract.ts';
import { HpackDecoder, HpackError } from '../../../src/wire/hpack/decoder.ts';
import { encodedBoundBytes, HpackEncoder } from '../../../src/wire/hpack/encoder.ts';
import { check, fromHex } from '../check.ts';
import { splice } from '../mutate.ts';
import type { FuzzTarget } from '../target.ts';

const limits = { tableBytesMax: 4_096, listBytesMax: 2_000, fieldCountMax: 20 };

const requests: readonly Metadata[] = [
  [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', '/etcdserverpb.KV/Put'],
    ['te', 'trailers'],
    ['token', 'secret'],
  ],
  [
    [':status', '200'],
    ['content-type', 'application/grpc'],
    ['grpc-message', 'a%20b'],
    ['x', '\u00ff\u0000'],
  ],
  [['x-long', 'v'.repeat(180)]],
];

export const hpackDecoder: FuzzTarget = {
  name: 'hpack-decoder',
  weight: 24,
  seeds: [
    blocks(new HpackEncoder(), requests),
    blocks(new HpackEncoder(), [requests[0]!, requests[0]!, requests[1]!, requests[0]!]),
    blocks(new HpackEncoder({ tableBytesMax: 100 }), requests),
  ],
  dictionary: ['20', '3fe11f', 'be', 'bf', '7e', '40', '10', '1f', 'ff', '8f', '3f45'].map((hex) => fromHex(hex)),
  mutate: swapBlock,
  run,
};

function run(input: Uint8Array): string {
  const decoder = new HpackDecoder(limits);
  let fields = 0;
  let cut = 0;
  try {
    for (const [start, end] of spans(input)) {
      if (start === end) decoder.setTableBytesMax(fields % 3 === 0 ? 64 : 4_096);
      const first = decoder.decode(input, start, end);
      check(first.headers.length <= limits.fieldCountMax, 'too many fields kept');
      check(first.tooLarge || first.listBytes <= limits.listBytesMax, 'too many bytes kept');
      check(first.listBytes <= listBytesPossible(end - start), 'more than the block can mean');
      fields += first.headers.length;
      if (first.tooLarge) cut++;
    }
  } catch (thrown) {
    if (!(thrown instanceof HpackError)) throw thrown;
    return `${thrown.reason} after ${Math.min(fields, 6)}`;
  }
  return `${Math.min(fields, 30)} fields, ${Math.min(cut, 3)} cut`;
}

/** One octet can stand for the largest table entry; a table entry counts at most the table. */
function listBytesPossible(blockBytes: number): number {
  return blockBytes * (limits.tableBytesMax + 32);
}

function* spans(input: Uint8Array): Generator<[start: number, end: number]> {
  for (let at = 0; at < input.length;) {
    const start = at + 1;
    at = Math.min(start + input[at]!, input.length);
    yield [start, at];
  }
}

function blocks(encoder: HpackEncoder, lists: readonly Metadata[]): Uint8Array {
  const parts = lists.map((list) => {
    const out = new Uint8Array(encodedBoundBytes(list));
    const block = out.slice(0, encoder.encode(list, out, 0));
    return Buffer.concat([Uint8Array.of(block.length), block]);
  });
  return new Uint8Array(Buffer.concat(parts));
}

/** Repeats one whole block somewhere else, or changes an octet inside a block and leaves the lengths alone. */
function swapBlock(input: Uint8Array, random: Random): Uint8Array {
  const all = [...spans(input)];
  if (all.length === 0) return blocks(new HpackEncoder(), [requests[random.below(3)]!]);
  const [start, end] = all[random.below(all.length)]!;
  if (random.below(2) === 0) {
    const at = all[random.below(all.length)]![0] - 1;
    return splice(input, at, at, input.slice(start - 1, end));
  }
  const result = input.slice();
  if (end > start) result[start + random.below(end - start)] = random.below(256);
  return result;
}
