import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SliceSort } from '../../../src/node/state/slice-sort.ts';

it('sorts as Array.sort does, equal ones in their order, in slices of any size', () => {
  const numbers = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 70 });
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 50 }), (all, budget) => {
      const sort = new SliceSort(all.length, (a, b) => all[a]! - all[b]!);
      let slices = 0;
      while (!sort.run(budget)) slices++;
      const expected = all.map((_, i) => i).sort((a, b) => all[a]! - all[b]!);
      expect([...sort.order]).toEqual(expected);
      expect(slices).toBeLessThanOrEqual((all.length * Math.ceil(Math.log2(all.length + 1))) / budget + 1);
    }),
  );
});
