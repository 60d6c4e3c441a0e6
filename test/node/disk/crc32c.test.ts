import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { crc32c, crc32cByTable, crc32cOfRange, nativeCrc32c } from '../../../src/node/disk/crc32c.ts';

/** RFC 3720, appendix B.4. */
const vectors = [
  { what: '32 zeros', bytes: new Uint8Array(32), crc: 0x8a9136aa },
  { what: '32 times 0xff', bytes: new Uint8Array(32).fill(0xff), crc: 0x62a8ab43 },
  { what: '0 to 31', bytes: Uint8Array.from({ length: 32 }, (_, i) => i), crc: 0x46dd794e },
  { what: '31 to 0', bytes: Uint8Array.from({ length: 32 }, (_, i) => 31 - i), crc: 0x113fdb5c },
  { what: 'the usual digits', bytes: utf8('123456789'), crc: 0xe3069283 },
  { what: 'nothing', bytes: new Uint8Array(0), crc: 0 },
];

describe('CRC-32C', () => {
  it.each(vectors)('of $what', ({ bytes, crc }) => {
    expect(crc32c(bytes)).toBe(crc);
    expect(crc32cByTable(bytes, 0, bytes.length, 0)).toBe(crc);
    expect(nativeCrc32c()?.(bytes, 0)).toBe(crc);
  });

  it('is the same by table, natively, and continued at any place', () => {
    const native = nativeCrc32c()!;
    const running = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), running, fc.nat(300), (bytes, before, at) => {
        const cut = Math.min(at, bytes.length);
        const expected = crc32cByTable(bytes, 0, bytes.length, before);
        expect(native(bytes, before)).toBe(expected);
        expect(crc32c(bytes, before)).toBe(expected);
        expect(crc32cOfRange(bytes, cut, bytes.length, crc32cOfRange(bytes, 0, cut, before))).toBe(expected);
      }),
    );
  });

  it('falls back where there is no binary', () => {
    const missing = () => {
      throw new Error('Cannot find native binding');
    };
    expect(nativeCrc32c(missing)).toBeNull();
  });
});
