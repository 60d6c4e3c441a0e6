import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalBytes } from '../../src/base/bytes.ts';
import { ProtoReader } from '../../src/api/proto-reader.ts';
import { RequestIds } from '../../src/node/request-ids.ts';
import { RequestSlab } from '../../src/node/request-slab.ts';

const member = 0x8e9e05c52164694dn;

function idOf({ low, high }: RequestIds): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}

describe('request ids', () => {
  it("have etcd's layout", () => {
    const ids = new RequestIds(member, 0x12_3456_789a);
    expect(idOf(ids)).toBe(0x694d_12_3456_789a_00n);
  });

  it.each([
    { name: 'into the high half', startMs: 0x00_00ff_ffff, steps: 256, id: 0x694d_00_0100_0000_00n },
    { name: 'and never into the member', startMs: 0xff_ffff_ffff, steps: 256, id: 0x694d_00_0000_0000_00n },
    { name: 'from a clock of any length', startMs: 2 ** 41 + 5, steps: 1, id: 0x694d_00_0000_0005_01n },
  ])('carry $name', ({ startMs, steps, id }) => {
    const ids = new RequestIds(member, startMs);
    for (let i = 0; i < steps; i++) ids.advance();
    expect(idOf(ids)).toBe(id);
  });
});

interface Parsed {
  readonly put: Uint8Array | null;
  readonly id: bigint;
}

function parsed(data: Uint8Array): Parsed {
  const reader = new ProtoReader(data);
  let put: Uint8Array | null = null;
  let id = 0n;
  while (reader.pos < data.length) {
    const tag = reader.tag();
    if (tag === 4 * 8 + 2) put = reader.bytes();
    else if (tag === 100 * 8 + 2) {
      reader.length();
      expect(reader.tag()).toBe(8);
      id = reader.uint64();
    } else reader.skip(tag);
  }
  return { put, id };
}

describe('the slab', () => {
  const sizes = fc.oneof(fc.nat(300), fc.constantFrom(0, 127, 128, 16_383, 16_384, 65_000, 66_000, 1_100_000));

  it('writes requests that read back, whatever their sizes, and never over one another', () => {
    fc.assert(
      fc.property(fc.array(sizes, { maxLength: 40 }), fc.bigInt({ min: 0n, max: 0xffffn }), (lengths, prefix) => {
        const slab = new RequestSlab();
        const ids = new RequestIds(prefix, 1_700_000_000_000);
        const written = lengths.map((length, i) => {
          const put = new Uint8Array(length).fill(i + 1);
          ids.advance();
          return { put, id: idOf(ids), data: slab.encodePut(put, ids) };
        });
        for (const { put, id, data } of written) {
          const found = parsed(data);
          expect(found.id).toBe(id);
          expect(equalBytes(found.put!, put)).toBe(true); // `toEqual` takes seconds for a megabyte
        }
      }),
      { numRuns: 30 },
    );
  });

  it('keeps the fields of other requests as they are', () => {
    const request = Uint8Array.of(0x3a, 2, 8, 7); // compaction {revision: 7}
    const data = new RequestSlab().encode(request, new RequestIds(member, 1));
    expect(data.subarray(0, 4)).toEqual(request);
    expect(parsed(data).id).toBe(0x694d_00_0000_0001_00n);
  });

  it('uses memory again behind the oldest request that is in use, and nothing after it', () => {
    const live = fc.array(fc.tuple(fc.integer({ min: 1, max: 70_000 }), fc.nat(60)), { maxLength: 120 });
    fc.assert(
      fc.property(live, (list) => {
        const slab = new RequestSlab();
        const ids = new RequestIds(member, 1);
        const kept: { data: Uint8Array; mark: number }[] = [];
        list.forEach(([length, drop], i) => {
          ids.advance();
          kept.push({ data: slab.encodePut(new Uint8Array(length).fill(i + 1), ids), mark: i + 1 });
          kept.splice(0, drop % 20 === 0 ? Math.min(drop, kept.length - 1) : 0);
          slab.releaseBefore(kept[0]!.data);
          for (const { data, mark } of kept) if (data.length > 30) expect(data[10]).toBe(mark);
        });
      }),
      { numRuns: 30 },
    );
  });

  it('holds no more memory than what is in use takes', () => {
    const slab = new RequestSlab();
    const ids = new RequestIds(member, 1);
    const put = new Uint8Array(1_300);
    const kept: Uint8Array[] = [];
    const memories = new Set<ArrayBufferLike>();
    for (let i = 0; i < 20_000; i++) {
      ids.advance();
      kept.push(slab.encodePut(put, ids));
      memories.add(kept.at(-1)!.buffer);
      if (kept.length > 5_500) slab.releaseBefore(kept.splice(0, 500)[499]!);
    }
    expect(memories.size).toBeLessThan(12); // 5,500 requests take 7
  });
});
