import { HpackDecoder } from '../../build/wire/hpack/decoder.js';
import { encodedBoundBytes, HpackEncoder } from '../../build/wire/hpack/encoder.js';

const put = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/etcdserverpb.KV/Put'],
  [':authority', '127.0.0.1:2379'],
  ['content-type', 'application/grpc'],
  ['user-agent', 'quorumbench'],
  ['te', 'trailers'],
];
const out = new Uint8Array(encodedBoundBytes(put) + 64);

function repeatedBlock() {
  const encoder = new HpackEncoder();
  const first = out.slice(0, encoder.encode(put, out, 0));
  const repeat = out.slice(0, encoder.encode(put, out, 0));
  return { encoder, first, repeat };
}

const { encoder, first, repeat } = repeatedBlock();
const options = { tableBytesMax: 4096, listBytesMax: 65_536, fieldCountMax: 128 };
const warm = new HpackDecoder(options);
warm.decode(first, 0, first.length);

function times(action) {
  return (count) => {
    for (let i = 0; i < count; i++) action(i);
  };
}

export const hpackCases = [
  { name: 'hpack: encode 7 known fields', body: times(() => encoder.encode(put, out, 0)) },
  { name: 'hpack: decode a block that repeats', body: times(() => warm.decode(repeat, 0, repeat.length)) },
  {
    name: 'hpack: new decoder, decode 7 literal Huffman fields',
    body: times(() => new HpackDecoder(options).decode(first, 0, first.length)),
  },
];
