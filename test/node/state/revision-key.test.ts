import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes, copyBytes, utf8 } from '../../../src/base/bytes.ts';
import { readBigEndian64, RevisionKey } from '../../../src/node/state/revision-key.ts';

const revision = fc.tuple(fc.maxSafeNat(), fc.nat(2 ** 32 - 1), fc.boolean());

describe('the key of a revision', () => {
  it('is read back as it was written, and ordered as revisions are', () => {
    const key = new RevisionKey();
    fc.assert(
      fc.property(revision, revision, (a, b) => {
        const [first, second] = [copyBytes(key.write(...a)), copyBytes(key.write(...b))];
        expect(key.read(first)).toBe(true);
        expect([key.main, key.sub, key.isTombstone]).toEqual(a);
        if (a[0] !== b[0] || a[1] !== b[1]) {
          expect(Math.sign(compareBytes(first, second))).toBe(Math.sign(a[0] - b[0] || a[1] - b[1]));
        }
      }),
    );
  });

  it('is etcd’s: 8 bytes, an underscore, 8 bytes, and t for a tombstone', () => {
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
    expect(hex(new RevisionKey().write(0x0102_0304_0506, 7, false))).toBe('00000102030405065f0000000000000007');
    expect(hex(new RevisionKey().write(2, 0, true))).toBe('00000000000000025f000000000000000074');
  });

  it.each(['', '0123456789abcdefg', '01234567_01234567x', '01234567_01234567tt'])('is not %j', (text) => {
    expect(new RevisionKey().read(utf8(text))).toBe(false);
  });

  it('beyond 2^53 breaks an invariant', () => {
    expect(() => readBigEndian64(new Uint8Array(8).fill(255), 0)).toThrow('below 2^53');
  });
});
