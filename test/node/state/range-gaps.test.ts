/** Ranges whose slices lie turns apart, with anything applied, swept and flushed in between. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RangeResponse } from '../../../src/api/gen/etcdserverpb/kv.ts';
import { concatBytes, utf8, utf8Text } from '../../../src/base/bytes.ts';
import type { RangeCursor, RangeQuery } from '../../../src/node/state/state.ts';
import { put } from './entries.ts';
import { everything, Machine } from './machine.ts';
import { SlicedKeyIndex } from './sliced-key-index.ts';

type Step = { readonly put: string } | { readonly remove: string } | { readonly sweepBack: number } | Turn;
type Turn = 'work' | 'beginFlush' | 'endFlush';

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ put: key }) },
  { weight: 3, arbitrary: fc.record({ remove: key }) },
  { weight: 2, arbitrary: fc.record({ sweepBack: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.constantFrom<Step>('work', 'beginFlush', 'endFlush') },
);
const query: fc.Arbitrary<Partial<RangeQuery>> = fc.record({
  key: key.map(utf8),
  rangeEnd: fc.constantFrom('\0', 'c', 'e', '').map(utf8),
  limit: fc.constantFrom(0, 0, 1, 2),
  sortOrder: fc.constantFrom('none', 'none', 'descend'),
  sortTarget: fc.constantFrom('key', 'key', 'mod', 'value'),
});

function take(machine: Machine, step: Step): void {
  const { revision } = machine.state.mvcc;
  if (step === 'work') machine.state.work();
  else if (typeof step === 'string') machine[step]();
  else if ('put' in step) machine.apply(put(step.put, `of ${revision}`));
  else if ('remove' in step) machine.apply({ delete: { key: utf8(step.remove) } });
  else {
    machine.apply({ compact: { revision: revision - step.sweepBack } });
    while (machine.state.work());
  }
}

function open(machine: Machine, asked: Partial<RangeQuery>): RangeCursor {
  const cursor = machine.state.mvcc.openRange({ ...everything, ...asked });
  if ('grpc' in cursor) throw new Error(cursor.message);
  return cursor;
}

/** Everything of it, in slices and parts as small as they can be. */
function read(cursor: RangeCursor, between: () => void): string[] {
  do between();
  while (!cursor.prepare(1));
  const parts: Uint8Array[] = [];
  for (let end = 0; end >= 0;) {
    between();
    const buffer = new Uint8Array(9);
    end = cursor.write(buffer, 0);
    parts.push(buffer.subarray(0, Math.max(0, end)));
  }
  cursor.close();
  const { kvs } = RangeResponse.decode(concatBytes(parts));
  return kvs.map((kv) => `${utf8Text(kv.key)} ${utf8Text(kv.value)} ${kv.mod_revision} ${kv.version}`);
}

it('a range is of one revision, whatever comes between any two of its slices', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 20 }),
      query,
      fc.array(step, { maxLength: 20 }),
      fc.array(fc.nat(6), { minLength: 1, maxLength: 6 }),
      (before, asked, meanwhile, gaps) => {
        const machine = Machine.manual({ newIndex: () => new SlicedKeyIndex(2) });
        for (const each of before) take(machine, each);
        const expected = read(open(machine, asked), () => undefined);
        const left = [...meanwhile];
        let gap = 0;
        const between = (): void => {
          for (const each of left.splice(0, gaps[gap++ % gaps.length])) take(machine, each);
        };
        expect(read(open(machine, asked), between)).toEqual(expected);
      },
    ),
    { numRuns: 4_000 },
  );
});
