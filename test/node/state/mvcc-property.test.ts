/** Everything that a store answers, against a model that is too plain to be wrong in the same way. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArenaKeyIndex } from '../../../src/node/state/key-index/arena-key-index.ts';
import { Machine } from './machine.ts';
import { command, range } from './model-commands.ts';
import { answerOf, commandOf, modelKeyValue, queryOf } from './model-translation.ts';
import { MvccModel, Refused, type ModelAnswer, type ModelCommand, type ModelRange } from './mvcc-model.ts';
import { NaiveKeyIndex } from './naive-key-index.ts';
import { SlicedKeyIndex } from './sliced-key-index.ts';

/** What comes out, or the text of the error that does. */
function outcome<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof Refused) return error.text;
    throw error;
  }
}

function rangeOutcome(machine: Machine, query: ModelRange): object | string {
  try {
    const { count, more, kvs } = machine.range(queryOf(query));
    return { count, more, kvs: kvs.map(modelKeyValue) };
  } catch (error) {
    return (error as Error).message;
  }
}

/** Both apply it; they must agree on everything. */
function applyToBoth(machine: Machine, model: MvccModel, each: ModelCommand): void {
  const expected = outcome(() => model.apply(each));
  const applied = machine.apply(commandOf(each));
  expect(applied.revision).toBe(model.revision);
  if (typeof expected === 'string') return expect(applied.error?.message).toBe(expected);
  expect(applied.error).toBe(null);
  expect(answerOf(applied)).toEqual(withoutNothing(each, expected));
}

/** A put without prev_kv answers nothing but its revision. */
function withoutNothing(each: ModelCommand, expected: ModelAnswer | null): ModelAnswer | null {
  return 'put' in each && !each.put.prevKv ? null : expected;
}

describe.each([
  { name: 'the index', newIndex: () => new ArenaKeyIndex() },
  { name: 'a naive index', newIndex: () => new NaiveKeyIndex() },
])('a store over $name', ({ newIndex }) => {
  it('answers every command and every range as the model does', () => {
    fc.assert(
      fc.property(
        fc.array(command, { maxLength: 40 }),
        fc.array(range, { minLength: 10, maxLength: 20 }),
        (all, ranges) => {
          const machine = new Machine({ newIndex });
          const model = new MvccModel();
          for (const each of all) applyToBoth(machine, model, each);
          for (const each of ranges) expect(rangeOutcome(machine, each)).toEqual(outcome(() => model.range(each)));
        },
      ),
      { numRuns: 200 },
    );
  });
});

type Step = { readonly command: ModelCommand } | 'flush' | 'finish' | 'work' | 'crash' | 'crashAfterCommit';

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ command }) },
    { weight: 6, arbitrary: fc.constantFrom<Step>('flush', 'finish', 'work', 'crash', 'crashAfterCommit') },
  ),
  { maxLength: 80 },
);

describe('a store whose process is killed', () => {
  it('is after the replay of its log what it would have been', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.array(range, { minLength: 5, maxLength: 5 }), async (all, ranges) => {
        let machine = Machine.manual({ newIndex: () => new SlicedKeyIndex(2) });
        const model = new MvccModel();
        for (const step of all) {
          if (typeof step !== 'string') applyToBoth(machine, model, step.command);
          else if (step === 'flush') machine.beginFlush();
          else if (step === 'finish') machine.endFlush();
          else if (step === 'work') machine.state.work();
          else machine = machine.restarted(step === 'crashAfterCommit');
        }
        for (const each of ranges) expect(rangeOutcome(machine, each)).toEqual(outcome(() => model.range(each)));
        machine.endFlush();
        await machine.settle();
        expect(machine.storedChanges()).toEqual(model.kept);
        const last = new Machine({}, machine.storage.crash(false));
        expect(last.state.mvcc.revision).toBe(model.revision);
        expect(last.state.mvcc.compactedRevision).toBe(model.compacted);
        for (const each of ranges) expect(rangeOutcome(last, each)).toEqual(outcome(() => model.range(each)));
      }),
      { numRuns: 200 },
    );
  });
});
