import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../../src/api/decode-error.ts';
import { PutRequestReader } from '../../../src/api/hot/put-request-reader.ts';
import { KV } from '../../../src/api/methods.ts';

const reader = new PutRequestReader();

/** The request as the reader saw it, for comparison with the generated decoder's. */
function seen(bytes: Uint8Array): object {
  reader.read(bytes);
  return {
    key: bytes.slice(reader.keyStart, reader.keyEnd),
    value: bytes.slice(reader.valueStart, reader.valueEnd),
    lease: (BigInt(reader.leaseHigh) << 32n) | BigInt(reader.leaseLow >>> 0),
    prev_kv: reader.prevKv,
    ignore_value: reader.ignoreValue,
    ignore_lease: reader.ignoreLease,
  };
}

describe('a put request reader', () => {
  it('sees what the generated decoder sees', () => {
    const request = fc.record({
      key: fc.uint8Array({ maxLength: 300 }),
      value: fc.uint8Array({ maxLength: 300 }),
      lease: fc.oneof(fc.constant(0n), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
      prev_kv: fc.boolean(),
      ignore_value: fc.boolean(),
      ignore_lease: fc.boolean(),
    });
    fc.assert(
      fc.property(request, (fields) => {
        expect(seen(KV.Put.request.encode(fields))).toEqual(fields);
        expect(reader.hasLease).toBe(fields.lease !== 0n);
      }),
    );
  });

  it('agrees with the generated decoder on any bytes, also about what is no message', () => {
    const soup = fc.array(fc.constantFrom(0x0a, 0x12, 0x18, 0x20, 0x28, 0x30, 0x3a, 0, 1, 2, 0x80, 0xff), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(soup, (numbers) => {
        const bytes = Uint8Array.from(numbers);
        let expected: object | null = null;
        try {
          expected = KV.Put.request.decode(bytes);
        } catch {
          expect(() => reader.read(bytes)).toThrow(DecodeError);
        }
        if (expected !== null) expect(seen(bytes)).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('reads a request inside other bytes, and never beyond its end', () => {
    const request = KV.Put.request.encode({ key: Uint8Array.of(1, 2), value: Uint8Array.of(3), prev_kv: true });
    const around = Uint8Array.from([0xff, 0x0a, ...request, 0x0a, 0x01, 0x07]);
    reader.read(around, 2, 2 + request.length);
    expect(around.slice(reader.keyStart, reader.keyEnd)).toEqual(Uint8Array.of(1, 2));
    expect(around.slice(reader.valueStart, reader.valueEnd)).toEqual(Uint8Array.of(3));
    expect(reader.prevKv).toBe(true);
    for (let end = 3; end < 2 + request.length; end++) {
      if (end !== 6 && end !== 9) expect(() => reader.read(around, 2, end)).toThrow(DecodeError);
    }
  });
});
