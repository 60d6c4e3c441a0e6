import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes, copyBytes, equalBytes, prefixEnd, utf8, utf8Text } from '../../src/base/bytes.ts';

describe('prefixEnd', () => {
  it.each([
    { prefix: [0x61], end: [0x62] },
    { prefix: [0x61, 0xff], end: [0x62] },
    { prefix: [0xff, 0xff], end: [0] },
    { prefix: [], end: [0] },
    { prefix: [0x61, 0x00], end: [0x61, 0x01] },
  ])('of $prefix is $end', ({ prefix, end }) => {
    expect([...prefixEnd(Uint8Array.from(prefix))]).toEqual(end);
  });

  it('is above every key with the prefix and not above any larger one', () => {
    const prefix = fc.uint8Array({ minLength: 1, maxLength: 4 }).filter((bytes) => bytes.some((byte) => byte < 0xff));
    fc.assert(
      fc.property(prefix, fc.uint8Array({ maxLength: 8 }), (start, key) => {
        const inRange = compareBytes(key, start) >= 0 && compareBytes(key, prefixEnd(start)) < 0;
        expect(inRange).toBe(equalBytes(key.subarray(0, start.length), start));
      }),
    );
  });
});

it('copies own their bytes', () => {
  const source = utf8('abc');
  const copy = copyBytes(source.subarray(1));
  source.fill(0);
  expect(utf8Text(copy)).toBe('bc');
});
