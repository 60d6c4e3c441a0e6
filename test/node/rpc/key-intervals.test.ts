/** Which keys a list of deletions covers, against the plainest model: each interval asked for itself. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KeyIntervals } from '../../../src/node/rpc/key-intervals.ts';

const keys = ['a', 'a\0', 'a\0\0', 'b', 'b\0', 'c', 'd', 'e', 'f'];
const key = fc.constantFrom(...keys);
const intervals = fc.array(fc.record({ begin: key, end: fc.option(key), isSingle: fc.boolean() }), { maxLength: 8 });
type Added = typeof intervals extends fc.Arbitrary<readonly (infer One)[]> ? One : never;

function intervalsOf(added: readonly Added[]): KeyIntervals {
  const all = new KeyIntervals();
  for (const { begin, end, isSingle } of added) {
    if (isSingle) all.addKey(begin);
    else all.add(begin, end);
  }
  return all;
}

function isIn({ begin, end, isSingle }: Added, each: string): boolean {
  return isSingle ? each === begin : each >= begin && (end === null || each < end);
}

it('intervals cover what any of them covers', () => {
  fc.assert(
    fc.property(intervals, intervals, (first, second) => {
      const all = intervalsOf(first);
      all.addAll(intervalsOf(second));
      const expected = keys.filter((each) => [...first, ...second].some((one) => isIn(one, each)));
      expect(keys.filter((each) => all.covers(each))).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
});
