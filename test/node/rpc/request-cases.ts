/**
 * Requests that etcd refuses before it does anything, and some that it lets pass although they look alike: held against our
 * services here and against a real etcd in test/peers. `error` is the message without its prefix, '' when it is served.
 */
import type { DeepPartial } from '../../../src/api/message.ts';
import type { PutRequest, RangeRequest, RequestOp, TxnRequest } from '../../../src/api/gen/etcdserverpb/kv.ts';
import { utf8 } from '../../../src/base/bytes.ts';

type Op = DeepPartial<RequestOp>;

export interface RequestCase<Q> {
  readonly says: string;
  readonly request: DeepPartial<Q>;
  readonly error: string;
  /** Where 3.4 answers otherwise; '' when it serves it, null when it dies of it. */
  readonly errorIn34?: string | null;
}

const noOp: Op = {};

export function put(key: string, more: DeepPartial<PutRequest> = {}): Op {
  return { request: { $case: 'request_put', value: { key: utf8(key), value: utf8('v'), ...more } } };
}

export function range(key: string, more: DeepPartial<RangeRequest> = {}): Op {
  return { request: { $case: 'request_range', value: { key: utf8(key), ...more } } };
}

export function del(key: string, rangeEnd = ''): Op {
  return { request: { $case: 'request_delete_range', value: { key: utf8(key), range_end: utf8(rangeEnd) } } };
}

export function txn(success: readonly Op[], failure: readonly Op[] = []): Op {
  return { request: { $case: 'request_txn', value: { success, failure } } };
}

function times(count: number, make: (i: number) => Op): Op[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

const emptyKey = 'key is not provided';
const duplicate = 'duplicate key given in txn request';
const tooMany = 'too many operations in txn request';
const badSort = 'invalid sort option';
const compare = { key: utf8('k'), result: 0, target: 0 } as const;

export const putCases: readonly RequestCase<PutRequest>[] = [
  { says: 'no key', request: { value: utf8('v') }, error: emptyKey },
  { says: 'nothing at all', request: {}, error: emptyKey },
  { says: 'no value', request: { key: utf8('a') }, error: '' },
  {
    says: 'no key and ignore_value with a value',
    request: { value: utf8('v'), ignore_value: true },
    error: emptyKey,
  },
  {
    says: 'ignore_value with a value',
    request: { key: utf8('a'), value: utf8('v'), ignore_value: true, ignore_lease: true, lease: 1n },
    error: 'value is provided',
  },
  {
    says: 'ignore_lease with a lease',
    request: { key: utf8('a'), ignore_lease: true, lease: 1n },
    error: 'lease is provided',
  },
  {
    says: 'ignore_lease with a lease of -1',
    request: { key: utf8('a'), ignore_lease: true, lease: -1n },
    error: 'lease is provided',
  },
  { says: 'a lease nobody granted', request: { key: utf8('a'), lease: 1n }, error: 'requested lease not found' },
  {
    says: 'ignore_value of a key nobody put',
    request: { key: utf8('none'), ignore_value: true },
    error: 'key not found',
  },
  {
    says: 'ignore_lease of a key nobody put',
    request: { key: utf8('none'), ignore_lease: true },
    error: 'key not found',
  },
];

export const rangeCases: readonly RequestCase<RangeRequest>[] = [
  { says: 'no key', request: {}, error: emptyKey },
  { says: 'no key, serializable', request: { serializable: true }, error: emptyKey },
  { says: 'no key but an end', request: { range_end: utf8('b') }, error: emptyKey },
  { says: 'an end before the key', request: { key: utf8('b'), range_end: utf8('a') }, error: '' },
  { says: 'an order of 3', request: { key: utf8('a'), sort_order: 3 as 0 }, error: badSort, errorIn34: '' },
  { says: 'a target of 5', request: { key: utf8('a'), sort_target: 5 as 0 }, error: badSort, errorIn34: null },
  { says: 'a target of -1', request: { key: utf8('a'), sort_target: -1 as 0 }, error: badSort, errorIn34: null },
  { says: 'no key and a target of 5', request: { sort_target: 5 as 0 }, error: emptyKey },
  {
    says: 'a revision to come',
    request: { key: utf8('a'), revision: 1_000_000 },
    error: 'mvcc: required revision is a future revision',
  },
  {
    says: 'the largest revision',
    request: { key: utf8('a'), revision: Number.MAX_SAFE_INTEGER, serializable: true },
    error: 'mvcc: required revision is a future revision',
  },
  { says: 'a negative revision', request: { key: utf8('a'), revision: -1 }, error: '' },
  { says: 'a negative limit', request: { key: utf8('a'), range_end: utf8('b'), limit: -1 }, error: '' },
];

/** With --max-txn-ops at its default of 128. */
export const txnCases: readonly RequestCase<TxnRequest>[] = [
  { says: 'nothing at all', request: {}, error: '' },
  { says: '128 operations', request: { success: times(128, (i) => put(`k${i}`)) }, error: '' },
  { says: '129 operations', request: { success: times(129, (i) => put(`k${i}`)) }, error: tooMany },
  { says: '129 compares', request: { compare: Array.from({ length: 129 }, () => compare) }, error: tooMany },
  { says: '129 operations in the other branch', request: { failure: times(129, () => range('a')) }, error: tooMany },
  {
    says: 'too many operations and an empty key',
    request: { compare: [{}], success: times(129, () => put('')) },
    error: tooMany,
  },
  {
    says: 'a nested transaction with what is left',
    request: { success: [txn(times(127, (i) => put(`k${i}`)))] },
    error: '',
  },
  {
    says: 'a nested transaction with one more',
    request: { success: [txn(times(128, (i) => put(`k${i}`)))] },
    error: tooMany,
  },
  {
    says: 'the larger branch counts for nested ones in the smaller',
    request: { success: [txn(times(4, (i) => put(`k${i}`)))], failure: times(125, () => range('a')) },
    error: tooMany,
  },
  { says: 'a compare without key', request: { compare: [{}], success: [put('')] }, error: emptyKey },
  { says: 'a put without key', request: { success: [put('')] }, error: emptyKey },
  { says: 'a range without key', request: { success: [range('')] }, error: emptyKey },
  { says: 'a delete without key', request: { failure: [del('')] }, error: emptyKey },
  { says: 'an operation without request', request: { success: [noOp] }, error: 'key not found' },
  { says: 'an operation without request, nested', request: { success: [txn([noOp])] }, error: 'key not found' },
  { says: 'success is looked at first', request: { success: [noOp], failure: [put('')] }, error: 'key not found' },
  {
    says: 'ignore_value with a value',
    request: { success: [put('a', { ignore_value: true })] },
    error: 'value is provided',
  },
  {
    says: 'ignore_lease with a lease',
    request: { success: [put('a', { ignore_lease: true, lease: 1n })] },
    error: 'lease is provided',
  },
  {
    says: 'an order of 3 in a range',
    request: { success: [range('a', { sort_order: 3 as 0 })] },
    error: badSort,
    errorIn34: '',
  },
  { says: 'fields before duplicates', request: { success: [put('a'), put('a'), put('')] }, error: emptyKey },
  { says: 'a key put twice', request: { success: [put('a'), put('a')] }, error: duplicate },
  { says: 'a key put twice in the other branch', request: { failure: [put('a'), put('a')] }, error: duplicate },
  { says: 'a key put in both branches', request: { success: [put('a')], failure: [put('a')] }, error: '' },
  { says: 'a key put and deleted', request: { success: [put('a'), del('a')] }, error: duplicate },
  { says: 'a key deleted and put', request: { success: [del('a'), put('a')] }, error: duplicate },
  { says: 'a key put in a range that is deleted', request: { success: [put('b'), del('a', 'c')] }, error: duplicate },
  {
    says: 'a key put at the end of a range that is deleted',
    request: { success: [put('c'), del('a', 'c')] },
    error: '',
  },
  { says: 'a key put at the start of one', request: { success: [put('a'), del('a', 'c')] }, error: duplicate },
  { says: 'a key put before one', request: { success: [put('A'), del('a', 'c')] }, error: '' },
  { says: 'a key longer than the one deleted', request: { success: [put('a\0'), del('a')] }, error: '' },
  { says: 'a range deleted backwards', request: { success: [put('b'), del('c', 'a')] }, error: '' },
  { says: 'everything after a key deleted', request: { success: [put('b'), del('a', '\0')] }, error: '' },
  { says: 'ranges that overlap deleted', request: { success: [del('a', 'c'), del('b', 'd'), del('a')] }, error: '' },
  {
    says: 'a key between two ranges',
    request: { success: [del('a', 'c'), del('d', 'f'), put('c'), put('f')] },
    error: '',
  },
  {
    says: 'a key in the second of two ranges',
    request: { success: [del('a', 'c'), del('d', 'f'), put('e')] },
    error: duplicate,
  },
  { says: 'a key put here and in a nested one', request: { success: [put('a'), txn([put('a')])] }, error: duplicate },
  {
    says: 'a key put in both branches of a nested one',
    request: { success: [txn([put('a')], [put('a')])] },
    error: '',
  },
  {
    says: 'a key put in both branches of a nested one, and here',
    request: { success: [txn([put('a')], [put('a')]), put('a')] },
    error: duplicate,
  },
  { says: 'a key put in two nested ones', request: { success: [txn([put('a')]), txn([put('a')])] }, error: duplicate },
  {
    says: 'a key put in the other branch of a second nested one',
    request: { success: [txn([put('a')]), txn([], [put('a')])] },
    error: duplicate,
  },
  {
    says: 'a key deleted here and put in a nested one',
    request: { success: [txn([put('a')]), del('a')] },
    error: duplicate,
  },
  {
    says: 'a key deleted here and put in the other branch of a nested one',
    request: { success: [txn([], [put('a')]), del('a')] },
    error: duplicate,
  },
  {
    says: 'a key put here and deleted in a nested one',
    request: { success: [txn([del('a')]), put('a')] },
    error: duplicate,
  },
  {
    says: 'a key deleted in a nested one and put in a later one',
    request: { success: [txn([del('a')]), txn([put('a')])] },
    error: duplicate,
  },
  {
    says: 'a key put in a nested one and deleted in a later one',
    request: { success: [txn([put('a')]), txn([del('a')])] },
    error: '',
  },
  {
    says: 'a key deleted and put in one branch of a nested one',
    request: { success: [txn([put('a'), del('a')])] },
    error: duplicate,
  },
  {
    says: 'a key deleted in one branch of a nested one and put in the other',
    request: { success: [txn([put('a')], [del('a')])] },
    error: '',
  },
  {
    says: 'a range of a revision to come',
    request: { success: [put('a'), range('a', { revision: 1_000_000 })] },
    error: 'mvcc: required revision is a future revision',
  },
  {
    says: 'a range of a revision to come in the branch that is not taken',
    request: { success: [put('a')], failure: [range('a', { revision: 1_000_000 })] },
    error: '',
  },
  {
    says: 'a put of a lease nobody granted',
    request: { success: [put('a', { lease: 7n })] },
    error: 'requested lease not found',
  },
  {
    says: 'a read-only one of a revision to come',
    request: { success: [range('a', { revision: 1_000_000 })] },
    error: 'mvcc: required revision is a future revision',
  },
];
