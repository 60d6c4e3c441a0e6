/** A process that is killed in the middle of a compaction, with whatever of it was flushed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8, utf8Text } from '../../../src/base/bytes.ts';
import { put, type Command } from './entries.ts';
import { Machine, readable } from './machine.ts';
import { SlicedKeyIndex } from './sliced-key-index.ts';

/** `removeFrom` is of that key and all behind it. */
type Step = { readonly put: string } | { readonly removeFrom: string } | { readonly compactBack: number } | Turn;
type Turn = 'work' | 'beginFlush' | 'endFlush' | 'crash' | 'crashAfterCommit';

const key = fc.constantFrom('a', 'b', 'c');
const change: fc.Arbitrary<Step> = fc.oneof(fc.record({ put: key }), fc.record({ removeFrom: key }));
const compact: fc.Arbitrary<Step> = fc.record({ compactBack: fc.nat(3) });
const turn = fc.constantFrom<Step>('work', 'beginFlush', 'endFlush', 'crash', 'crashAfterCommit');
/** Slices of a compaction that are flushed, and no more of it. */
const cut = fc
  .nat(6)
  .map((slices) => [...Array<Step>(slices).fill('work'), 'beginFlush', 'crashAfterCommit'] as Step[]);
const anything = fc.array(fc.oneof(turn, change, compact), { maxLength: 8 });
const round = fc.tuple(
  fc.array(change, { maxLength: 8 }),
  compact.map((step) => [step]),
  fc.oneof(cut, anything),
);
const steps = fc.array(round, { maxLength: 6 }).map((rounds) => rounds.flat(2));

function commandOf(step: Exclude<Step, Turn>, revision: number): Command {
  if ('put' in step) return put(step.put, `of ${revision}`);
  if ('removeFrom' in step) return { delete: { key: utf8(step.removeFrom), range_end: Uint8Array.of(0) } };
  return { compact: { revision: revision - step.compactBack } };
}

/** Answers the machine that lives on. */
function take(machine: Machine, turn: Turn): Machine {
  if (turn === 'crash' || turn === 'crashAfterCommit') return machine.restarted(turn === 'crashAfterCommit');
  if (turn === 'work') machine.state.work();
  else machine[turn]();
  return machine;
}

describe('a compaction that is cut short by a crash', () => {
  it('reads, and ends, as one that is not, wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 3 }), async (all, budget) => {
        let machine = Machine.manual({ newIndex: () => new SlicedKeyIndex(budget) });
        const spared = new Machine();
        for (const step of all) {
          if (typeof step !== 'string') {
            const command = commandOf(step, spared.state.mvcc.revision);
            expect(machine.apply(command)).toMatchObject({ revision: spared.apply(command).revision });
          } else {
            machine = take(machine, step);
            if (step.startsWith('crash')) expect(readable(machine.state)).toEqual(readable(spared.state));
          }
        }
        machine.endFlush();
        await machine.settle();
        await spared.settle();
        expect(machine.storage.dump()).toBe(spared.storage.dump());
        expect(readable(machine.restarted(false).state)).toEqual(readable(spared.state));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    { versions: 1, slicesPerFlush: 1 },
    { versions: 3_999, slicesPerFlush: 1 },
    { versions: 4_000, slicesPerFlush: 1 },
    { versions: 9_000, slicesPerFlush: 1 },
    { versions: 9_999, slicesPerFlush: 4 },
    { versions: 12_000, slicesPerFlush: 4 },
  ])('of $versions versions and a deletion, $slicesPerFlush slices a flush, leaves the key deleted', async (shape) => {
    let machine = Machine.manual();
    for (let i = 0; i < shape.versions; i++) machine.apply(put('a', `${i}`));
    machine.apply({ delete: { key: utf8('a') } });
    const { revision } = machine.apply(put('b', 'x'));
    machine.apply({ compact: { revision } });
    for (let kill = 0; kill < 4; kill++) {
      for (let slice = 0; slice < shape.slicesPerFlush; slice++) machine.state.work();
      await machine.flush();
      machine = machine.restarted(false);
      expect(machine.range().kvs.map((kv) => utf8Text(kv.key))).toEqual(['b']);
    }
    expect(machine.storedChanges()).toEqual([`${revision} b x`]);
  });
});
