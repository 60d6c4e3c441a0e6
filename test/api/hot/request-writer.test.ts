import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareBytes,
  deleteRequestBytes,
  putRequestBytes,
  rangeRequestBytes,
  txnPutBytes,
  varintBytes,
  writeCompareHead,
  writeFixed,
  writeKeyHead,
  writeRangeEndHead,
  writeTxnPutHead,
  writeValueHead,
  writeVarint,
} from '../../../src/api/hot/request-writer.ts';
import { Compare } from '../../../src/api/gen/etcdserverpb/kv.ts';
import { KV } from '../../../src/api/methods.ts';

const key = fc.uint8Array({ minLength: 1, maxLength: 300 });
const value = fc.uint8Array({ maxLength: 20_000, size: 'large' });
/** Where writing begins: what stands before and after must stay. */
const offset = fc.nat(50);
const canary = 0xa5;

function buffer(at: number, bytes: number): Uint8Array {
  return new Uint8Array(at + bytes + 3).fill(canary);
}

/** The request alone, after checking that it has the size promised and nothing around it was touched. */
function requestIn(target: Uint8Array, at: number, end: number, bytes: number): Uint8Array {
  expect(end - at).toBe(bytes);
  expect(target.subarray(0, at).every((byte) => byte === canary)).toBe(true);
  expect([...target.subarray(end)]).toEqual([canary, canary, canary]);
  return target.subarray(at, end);
}

describe('varints', () => {
  it.each([0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455, 268_435_456, 2 ** 32 - 1])('%d', (n) => {
    const target = new Uint8Array(8);
    const end = writeVarint(target, 0, n);
    expect(end).toBe(varintBytes(n));
    let back = 0;
    for (let i = end - 1; i >= 0; i--) back = back * 128 + (target[i]! & 0x7f);
    expect(back).toBe(n);
  });
});

describe('requests for the load path', () => {
  it('put: byte for byte what the generated code writes', () => {
    fc.assert(
      fc.property(key, value, offset, (k, v, at) => {
        const bytes = putRequestBytes(k.length, v.length);
        const target = buffer(at, bytes);
        let end = writeFixed(target, writeKeyHead(target, at, k.length), k);
        end = writeFixed(target, writeValueHead(target, end, v.length), v);
        expect(requestIn(target, at, end, bytes)).toEqual(KV.Put.request.encode({ key: k, value: v }));
      }),
    );
  });

  it('range: the same message as the generated code, with a fixed part', () => {
    const options = fc.record({ limit: fc.nat(), serializable: fc.boolean(), count_only: fc.boolean() });
    fc.assert(
      fc.property(key, fc.uint8Array({ maxLength: 300 }), options, offset, (k, rangeEnd, rest, at) => {
        const fixed = KV.Range.request.encode(rest);
        const bytes = rangeRequestBytes(k.length, rangeEnd.length, fixed.length);
        const target = buffer(at, bytes);
        let end = writeFixed(target, writeKeyHead(target, at, k.length), k);
        end = writeFixed(target, writeRangeEndHead(target, end, rangeEnd.length), rangeEnd);
        end = writeFixed(target, end, fixed);
        expect(requestIn(target, at, end, bytes)).toEqual(
          KV.Range.request.encode({ key: k, range_end: rangeEnd, ...rest }),
        );
      }),
    );
  });

  it('delete: byte for byte what the generated code writes', () => {
    fc.assert(
      fc.property(key, fc.uint8Array({ maxLength: 300 }), offset, (k, rangeEnd, at) => {
        const bytes = deleteRequestBytes(k.length, rangeEnd.length);
        const target = buffer(at, bytes);
        let end = writeFixed(target, writeKeyHead(target, at, k.length), k);
        end = writeFixed(target, writeRangeEndHead(target, end, rangeEnd.length), rangeEnd);
        expect(requestIn(target, at, end, bytes)).toEqual(
          KV.DeleteRange.request.encode({ key: k, range_end: rangeEnd }),
        );
      }),
    );
  });

  it('txn: what the generated code reads is what was meant', () => {
    const condition = fc.record({ result: fc.constantFrom(0, 1, 2, 3), version: fc.integer({ min: -1 }) });
    const puts = fc.array(fc.tuple(key, value), { maxLength: 4 });
    fc.assert(
      fc.property(key, condition, puts, offset, (k, { result, version }, pairs, at) => {
        const target_union = { $case: 'version', value: version } as const;
        const meant = { result: result, target_union };
        const fixed = Compare.encode(Compare.fromPartial(meant)).finish();
        const bytes = pairs.reduce(
          (sum, [pk, pv]) => sum + txnPutBytes(pk.length, pv.length),
          compareBytes(k.length, fixed),
        );
        const target = buffer(at, bytes);
        let end = writeFixed(target, writeCompareHead(target, at, k.length, fixed), k);
        for (const [pk, pv] of pairs) {
          end = writeFixed(target, writeTxnPutHead(target, end, pk.length, pv.length), pk);
          end = writeFixed(target, writeValueHead(target, end, pv.length), pv);
        }
        const success = pairs.map(([pk, pv]) => ({
          request: { $case: 'request_put', value: { key: pk, value: pv } } as const,
        }));
        const written = KV.Txn.request.decode(requestIn(target, at, end, bytes));
        const expected = KV.Txn.request.encode({ compare: [{ key: k, ...meant }], success });
        expect(written).toEqual(KV.Txn.request.decode(expected));
      }),
    );
  });
});
