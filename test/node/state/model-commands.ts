/** Commands drawn for property tests: few keys, so that they meet; revisions around those that there are. */
import fc from 'fast-check';
import type { ModelCommand, ModelCompare, ModelOperation, ModelRange, ModelTxn } from './mvcc-model.ts';

const key = fc.constantFrom('a', 'b', 'aa', 'b\0', 'ab', '\xff', '\xff\xff', 'b\xff');
const rangeEnd = fc.oneof({ weight: 2, arbitrary: fc.constant('') }, { weight: 2, arbitrary: fc.constant('\0') }, key);
const value = fc.oneof(
  fc.constantFrom('', '1', '2', 'same first six, then 1', 'same first six, then 2'),
  fc.string({ unit: 'binary-ascii' }),
);
const revision = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: -2, max: 40 }));
const bound = fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.integer({ min: -1, max: 30 }));
const rarely = fc.integer({ min: 0, max: 5 }).map((n) => n === 0);

const put = fc.record({
  key,
  value,
  prevKv: fc.boolean(),
  ignoreValue: rarely,
  ignoreLease: rarely,
  lease: fc.integer({ min: 0, max: 9 }).map((n) => (n === 9 ? 7 : 0)),
});
const remove = fc.record({ key, rangeEnd, prevKv: fc.boolean() });

export const range: fc.Arbitrary<ModelRange> = fc.record({
  key: fc.oneof(fc.constant('\0'), key),
  rangeEnd,
  revision,
  limit: fc.integer({ min: -1, max: 4 }),
  sortOrder: fc.constantFrom('none', 'none', 'ascend', 'descend'),
  sortTarget: fc.constantFrom('key', 'key', 'version', 'create', 'mod', 'value'),
  keysOnly: rarely,
  countOnly: rarely,
  minModRevision: bound,
  maxModRevision: bound,
  minCreateRevision: bound,
  maxCreateRevision: bound,
});

const compare: fc.Arbitrary<ModelCompare> = fc.record({
  key,
  rangeEnd,
  target: fc.constantFrom('version', 'create', 'mod', 'value', 'lease'),
  result: fc.constantFrom('equal', 'greater', 'less', 'notEqual'),
  operand: fc.integer({ min: -1, max: 10 }),
});

const { txn } = fc.letrec<{ txn: ModelTxn; operation: ModelOperation }>((tie) => ({
  operation: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    { weight: 3, arbitrary: fc.record({ put }) },
    { weight: 2, arbitrary: fc.record({ delete: remove }) },
    { weight: 2, arbitrary: fc.record({ range }) },
    { weight: 1, arbitrary: fc.record({ txn: tie('txn') }) },
  ),
  txn: fc.record({
    compare: fc.array(compare, { maxLength: 2 }),
    success: fc.array(tie('operation'), { maxLength: 4 }),
    failure: fc.array(tie('operation'), { maxLength: 2 }),
  }),
}));

export const command: fc.Arbitrary<ModelCommand> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ put }) },
  { weight: 2, arbitrary: fc.record({ delete: remove }) },
  { weight: 3, arbitrary: fc.record({ txn }) },
  { weight: 1, arbitrary: fc.record({ compact: revision }) },
);
