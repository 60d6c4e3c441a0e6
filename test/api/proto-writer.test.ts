import { describe, expect, it } from 'vitest';
import { AssertionFailure } from '../../src/base/assert.ts';
import { KV } from '../../src/api/methods.ts';
import { ProtoWriter } from '../../src/api/proto-writer.ts';

const hex = (writer: ProtoWriter): string => Buffer.from(writer.finish()).toString('hex');

describe('a writer', () => {
  it.each([
    { write: (w: ProtoWriter) => w.uint32(0), bytes: '00' },
    { write: (w: ProtoWriter) => w.uint32(300), bytes: 'ac02' },
    { write: (w: ProtoWriter) => w.uint32(0xffff_ffff), bytes: 'ffffffff0f' },
    { write: (w: ProtoWriter) => w.int32(-1), bytes: 'ffffffffffffffffff01' },
    { write: (w: ProtoWriter) => w.int64(-1), bytes: 'ffffffffffffffffff01' },
    { write: (w: ProtoWriter) => w.int64(-1n), bytes: 'ffffffffffffffffff01' },
    { write: (w: ProtoWriter) => w.int64(-(2n ** 63n)), bytes: '80808080808080808001' },
    { write: (w: ProtoWriter) => w.int64(Number.MAX_SAFE_INTEGER), bytes: 'ffffffffffffff0f' },
    {
      write: (w: ProtoWriter) => w.int64(Number.MIN_SAFE_INTEGER),
      bytes: '81808080808080f0ff01',
    },
    { write: (w: ProtoWriter) => w.int64(2 ** 32), bytes: '8080808010' },
    { write: (w: ProtoWriter) => w.uint64(2n ** 64n - 1n), bytes: 'ffffffffffffffffff01' },
    { write: (w: ProtoWriter) => w.bool(true).bool(false), bytes: '0100' },
    { write: (w: ProtoWriter) => w.string('é\ud800'), bytes: '05c3a9efbfbd' },
    { write: (w: ProtoWriter) => w.fork().uint32(1).fork().join().join(), bytes: '020100' },
  ])('$bytes', ({ write, bytes }) => expect(hex(write(new ProtoWriter()))).toBe(bytes));

  it.each([127, 128, 16_383, 16_384, 2_097_151, 2_097_152])(
    'writes lengths in front of messages of %d bytes',
    (length) => {
      const content = new Uint8Array(length).fill(0x61);
      const flat = hex(new ProtoWriter().bytes(content).uint32(5));
      const inner = new ProtoWriter().fork();
      for (const byte of content.subarray(0, 1000)) inner.uint32(byte);
      for (let at = 1000; at < length; at++) inner.uint32(0x61);
      expect(hex(inner.join().uint32(5))).toBe(flat);
    },
  );

  it.each([
    (w: ProtoWriter) => w.int64(0.5),
    (w: ProtoWriter) => w.int64(NaN),
    (w: ProtoWriter) => w.int64(2 ** 53),
    (w: ProtoWriter) => w.int64(2n ** 63n),
    (w: ProtoWriter) => w.uint64(-1),
    (w: ProtoWriter) => w.uint64(-1n),
    (w: ProtoWriter) => w.uint64(2n ** 64n),
    (w: ProtoWriter) => w.uint32(-1),
    (w: ProtoWriter) => w.uint32(2 ** 32),
    (w: ProtoWriter) => w.int32(2 ** 31),
    (w: ProtoWriter) => w.join(),
    (w: ProtoWriter) => w.fork().finish(),
  ])('refuses what a field cannot hold: %s', (write) => {
    expect(() => write(new ProtoWriter())).toThrow(AssertionFailure);
  });

  it('hands out bytes that the next message does not change', () => {
    const first = KV.Put.request.encode({ key: new Uint8Array(100).fill(1) });
    const copy = Uint8Array.from(first);
    KV.Put.request.encode({ key: new Uint8Array(100).fill(2) });
    expect(first).toEqual(copy);
  });

  it('does not mix two messages written at the same time, nor remember one that was given up', () => {
    const abandoned = new ProtoWriter().uint32(99);
    const one = new ProtoWriter().uint32(1);
    const two = new ProtoWriter().uint32(2);
    expect([hex(one.uint32(3)), hex(two.uint32(4)), hex(abandoned)]).toEqual(['0103', '0204', '63']);
  });

  it('writes messages larger than any buffer it keeps', () => {
    const value = new Uint8Array(9_000_000).fill(7);
    const bytes = KV.Put.request.encode({ value });
    expect(bytes.length).toBe(9_000_005);
    expect(Buffer.compare(KV.Put.request.decodeView(bytes).value, value)).toBe(0);
  });
});
