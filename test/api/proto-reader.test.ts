import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../src/base/bytes.ts';
import { DecodeError } from '../../src/api/decode-error.ts';
import { clampInt64, clampUint64 } from '../../src/api/int64.ts';
import { KV, Maintenance, Watch } from '../../src/api/methods.ts';
import { messageDepthMax, ProtoReader } from '../../src/api/proto-reader.ts';

const nines = (count: number) => Array<number>(count).fill(0xff);

describe('what is no message', () => {
  it.each([
    { what: 'field 0', bytes: [0x00], message: 'illegal tag at byte 1' },
    { what: 'field 0 with a length', bytes: [0x02, 0x00], message: 'illegal tag at byte 1' },
    { what: 'a tag of 36 bits', bytes: [0x88, 0x80, 0x80, 0x80, 0x80, 0x01, 0], message: 'illegal tag at byte 6' },
    { what: 'wire type 6', bytes: [0x0e], message: 'illegal wire type 6 at byte 1' },
    { what: 'wire type 7', bytes: [0x0f], message: 'illegal wire type 7 at byte 1' },
    { what: 'an end without a group', bytes: [0x7c], message: 'illegal wire type 4 at byte 1' },
    { what: 'the end of another group', bytes: [0x7b, 0x74], message: 'end of another group at byte 2' },
    { what: 'a group without an end', bytes: [0x7b, 0x08, 0x01], message: 'message ends inside a number at byte 3' },
    { what: 'a number cut short', bytes: [0x18, 0x80], message: 'message ends inside a number at byte 2' },
    {
      what: 'a number of eleven bytes',
      bytes: [0x18, ...nines(10), 1],
      message: 'number longer than 64 bits at byte 1',
    },
    { what: 'a number of 65 bits', bytes: [0x18, ...nines(9), 2], message: 'number longer than 64 bits at byte 1' },
    { what: 'a length beyond the end', bytes: [0x0a, 2, 1], message: 'length goes beyond the end at byte 2' },
    {
      what: 'a length of 2^32',
      bytes: [0x0a, ...[0x80, 0x80, 0x80, 0x80, 0x10]],
      message: 'length goes beyond the end at byte 6',
    },
    { what: 'a length of 2^64-1', bytes: [0x0a, ...nines(9), 1], message: 'length goes beyond the end at byte 11' },
    { what: '64 bits cut short', bytes: [0x79, 1, 2, 3, 4, 5, 6, 7], message: 'length goes beyond the end at byte 1' },
    { what: '32 bits cut short', bytes: [0x7d, 1, 2, 3], message: 'length goes beyond the end at byte 1' },
  ])('$what', ({ bytes, message }) => {
    const decode = () => KV.Put.request.decode(Uint8Array.from(bytes));
    expect(decode).toThrow(DecodeError);
    expect(decode).toThrow(message);
  });

  it('a message of 2^32 bytes, which is not one of none', () => {
    const bytes = Uint8Array.from([0x0a, 0x80, 0x80, 0x80, 0x80, 0x10]);
    expect(() => KV.Put.response.decode(bytes)).toThrow('length goes beyond the end');
  });

  it('a message that claims more than the message around it has', () => {
    const inner = [0x0a, 0x04, 0x18, 0x01]; // a header of 4 bytes, of which 2 are there
    const bytes = Uint8Array.from([...inner, 0x10, 0x01]); // the bytes after it are another field's
    expect(() => KV.RangeStream.response.decode(Uint8Array.from([0x0a, 4, ...bytes]))).toThrow('beyond the end');
  });

  it('a field that runs over the end of its message', () => {
    const bytes = Uint8Array.from([0x0a, 0x02, 0x18, 0x80, 0x01]); // header of 2 bytes, its number has 2 itself
    expect(() => KV.Put.response.decode(bytes)).toThrow('message ends inside a number');
  });

  it('packed numbers that run over their end', () => {
    const filters = [0x2a, 0x01, 0x80, 0x01];
    const request = Uint8Array.from([0x0a, filters.length, ...filters]);
    expect(() => Watch.Watch.request.decode(request)).toThrow('message ends inside a number');
  });

  it('text that is not UTF-8', () => {
    const status = (bytes: number[]) =>
      Maintenance.Status.response.decode(Uint8Array.from([0x12, bytes.length, ...bytes]));
    expect(status([0xef, 0xbb, 0xbf, 0x61]).version).toBe('\ufeffa'); // a byte-order mark is text
    for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0x61, 0xe2, 0x82]])
      expect(() => status(bytes)).toThrow(/^invalid UTF-8/);
  });
});

describe('what is still a message', () => {
  it('a known field with another wire type, which is unknown then', () => {
    expect(KV.Put.request.decode(Uint8Array.of(0x08, 0x01, 0x1a, 0x01, 0x05)).key.length).toBe(0);
  });

  it('numbers longer than they need to be', () => {
    const bytes = Uint8Array.from([0x98, 0x80, 0x00, 0x85, 0x80, 0x80, 0x00]);
    expect(KV.Put.request.decode(bytes).lease).toBe(5n);
  });

  it('truth in any bit', () => {
    const put = (...value: number[]) => KV.Put.request.decode(Uint8Array.from([0x20, ...value])).prev_kv;
    expect([put(0), put(1), put(2), put(0x80, 0x00), put(0x80, 0x80, 0x80, 0x80, 0x80, 0x01)]).toEqual([
      false,
      true,
      true,
      false,
      true,
    ]);
  });

  it('numbers one by one where packed ones are expected', () => {
    const request = Uint8Array.from([0x0a, 7, 0x28, 0x01, 0x2a, 2, 0, 1, 0x28]);
    expect(() => Watch.Watch.request.decode(request)).toThrow(DecodeError);
    const whole = Uint8Array.from([0x0a, 6, 0x28, 0x01, 0x2a, 2, 0, 1]);
    expect(Watch.Watch.request.decode(whole).request_union?.value).toMatchObject({ filters: [1, 0, 1] });
  });

  it('the last member of a oneof', () => {
    const compare = [0x20, 0x05, 0x28, 0x06]; // version = 5, then create_revision = 6
    const txn = Uint8Array.from([0x0a, compare.length, ...compare]);
    expect(KV.Txn.request.decode(txn).compare[0]?.target_union).toEqual({ $case: 'create_revision', value: 6 });
  });
});

/** A transaction whose only operation is a transaction, and so on. */
function nestedTxn(levels: number): Uint8Array {
  let bytes: Uint8Array = new Uint8Array(0);
  for (let i = 1; i < levels; i++) {
    const operation = withHead(0x22, bytes);
    bytes = withHead(0x12, operation);
  }
  return bytes;
}

function withHead(tag: number, content: Uint8Array): Uint8Array {
  const length: number[] = [];
  let rest = content.length;
  for (; rest >= 0x80; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return concatBytes([Uint8Array.from([tag, ...length, rest]), content]);
}

describe('nesting', () => {
  it('of transactions as deep as etcd allows by default', () => {
    let txn = KV.Txn.request.decode(nestedTxn(128));
    let depth = 1;
    for (let next = txn.success[0]?.request; next?.$case === 'request_txn'; next = txn.success[0]?.request) {
      txn = next.value;
      depth++;
    }
    expect(depth).toBe(128);
  });

  it.each([messageDepthMax / 2 + 1, 3_000])('of %d transactions is refused', (levels) => {
    expect(() => KV.Txn.request.decode(nestedTxn(levels))).toThrow(/^messages nested too deeply/);
  });

  it('of groups costs no stack, and is refused', () => {
    const deep = new Uint8Array(2 * 1024 * 1024).fill(0x7b);
    expect(() => KV.Put.request.decode(deep)).toThrow(/^groups nested too deeply/);
  });
});

describe('clamping', () => {
  it.each([
    { low: 0, high: 0, signed: 0, unsigned: 0 },
    { low: -1, high: 0, signed: 2 ** 32 - 1, unsigned: 2 ** 32 - 1 },
    { low: 2 ** 32 - 1, high: 0, signed: 2 ** 32 - 1, unsigned: 2 ** 32 - 1 },
    { low: -1, high: -1, signed: -1, unsigned: Number.MAX_SAFE_INTEGER },
    { low: -1, high: 0x1f_ffff, signed: Number.MAX_SAFE_INTEGER, unsigned: Number.MAX_SAFE_INTEGER },
    { low: 0, high: 0x20_0000, signed: Number.MAX_SAFE_INTEGER, unsigned: Number.MAX_SAFE_INTEGER },
    { low: 0, high: -0x8000_0000, signed: Number.MIN_SAFE_INTEGER, unsigned: Number.MAX_SAFE_INTEGER },
    { low: 1, high: -0x20_0000, signed: Number.MIN_SAFE_INTEGER, unsigned: Number.MAX_SAFE_INTEGER },
  ])('$high:$low', ({ low, high, signed, unsigned }) => {
    expect(clampInt64(low, high)).toBe(signed);
    expect(clampUint64(low, high)).toBe(unsigned);
  });
});

it('a reader begins anew after an error', () => {
  const reader = new ProtoReader(Uint8Array.of(0x0a, 5));
  reader.begin(undefined);
  reader.tag();
  expect(() => reader.bytes()).toThrow(DecodeError);
  reader.reset(Uint8Array.of(7));
  expect(reader.uint32()).toBe(7);
  expect(() => reader.uint32()).toThrow('message ends inside a number at byte 1');
});
