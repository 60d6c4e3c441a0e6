import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8, utf8Text } from '../../src/base/bytes.ts';
import { KeySource } from '../../src/bench/key-space.ts';
import type { KeySpace } from '../../src/bench/workload.ts';

const numbered: KeySpace = { sizeBytes: { kind: 'fixed', bytes: 16 }, count: 1000, order: 'uniform', zipfTheta: 0.99 };
const seeds = { seed: 5, spaceSeed: 6 };
const prefix = utf8('/p/');

function keyOf(source: KeySource, index: number, sub = 0): string {
  const target = new Uint8Array(source.bytesMax);
  return utf8Text(target.subarray(0, source.write(target, 0, source.numberOf(index, sub))));
}

describe('numbered keys', () => {
  it.each([
    { order: 'sequential' as const, numbers: [0, 1, 2, 999, 0] },
    { order: 'uniform' as const, numbers: null },
    { order: 'zipfian' as const, numbers: null },
  ])('$order: every number is in range, the same each time', ({ order, numbers }) => {
    const source = new KeySource({ ...numbered, order }, prefix, seeds);
    const again = new KeySource({ ...numbered, order }, prefix, seeds);
    fc.assert(
      fc.property(fc.nat(), fc.nat(127), (index, sub) => {
        const number = source.numberOf(index, sub);
        expect(number).toBe(again.numberOf(index, sub));
        expect(number).toBeGreaterThanOrEqual(0);
        expect(number).toBeLessThan(1000);
      }),
    );
    if (numbers !== null) expect([0, 1, 2, 999, 1000].map((i) => source.numberOf(i, 0))).toEqual(numbers);
  });

  it('carry prefix and number, are printable, and depend on nothing but the number', () => {
    const uniform = new KeySource(numbered, prefix, { seed: 5, spaceSeed: 6 });
    const sequential = new KeySource({ ...numbered, order: 'sequential' }, prefix, { seed: 77, spaceSeed: 6 });
    for (let index = 0; index < 500; index++) {
      const number = uniform.numberOf(index, 0);
      const key = keyOf(uniform, index);
      expect(key).toMatch(/^\/p\/[0-9]{3}[0-o]{13}$/);
      expect(Number(key.slice(3, 6))).toBe(number);
      expect(key).toBe(keyOf(sequential, number));
    }
  });

  it('are all different, also when each has a size of its own', () => {
    const sized = {
      ...numbered,
      sizeBytes: { kind: 'uniform', minBytes: 3, maxBytes: 40 },
      order: 'sequential',
    } as const;
    const source = new KeySource(sized, prefix, seeds);
    const keys = Array.from({ length: 1000 }, (_, i) => keyOf(source, i));
    expect(new Set(keys).size).toBe(1000);
    expect(new Set(keys.map((key) => key.length)).size).toBe(38);
    keys.forEach((key, i) => expect(key.length).toBe(source.bytesOf(i)));
  });

  it('of one transaction are different', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('sequential' as const, 'uniform' as const, 'zipfian' as const),
        fc.nat(),
        (order, i) => {
          const source = new KeySource({ ...numbered, count: 128, order }, prefix, seeds);
          expect(new Set(Array.from({ length: 128 }, (_, sub) => source.numberOf(i, sub))).size).toBe(128);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('in uniform order are asked for equally often', () => {
    const source = new KeySource({ ...numbered, count: 10 }, prefix, seeds);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) counts[source.numberOf(i, 0)]!++;
    for (const count of counts) expect(count / 10_000).toBeCloseTo(1, 1);
  });
});

describe('random keys', () => {
  const random: KeySpace = { ...numbered, sizeBytes: { kind: 'fixed', bytes: 12 }, count: null };

  it('are new for every index and every key of a transaction', () => {
    const source = new KeySource(random, prefix, seeds);
    const keys = new Set<string>();
    for (let i = 0; i < 100_000; i++) keys.add(keyOf(source, i));
    for (let sub = 1; sub < 100; sub++) for (let i = 0; i < 100; i++) keys.add(keyOf(source, i, sub));
    expect(keys.size).toBe(109_900);
  });

  it('are printable, and others with another seed', () => {
    const key = keyOf(new KeySource(random, prefix, seeds), 3);
    expect(key).toMatch(/^\/p\/[0-o]{12}$/);
    expect(keyOf(new KeySource(random, prefix, { ...seeds, seed: 8 }), 3)).not.toBe(key);
  });
});
