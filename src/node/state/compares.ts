/**
 * The compares of a transaction: all must hold, for every key of their ranges, before anything changes. A range without keys
 * is one key that does not exist: its numbers are 0, and it has no value, so that no comparison of values holds.
 */
import { compareBytes, emptyBytes } from '../../base/bytes.ts';
import { Compare_CompareResult, Compare_CompareTarget, type Compare } from '../../api/gen/etcdserverpb/kv.ts';
import { KeyWalk } from './key-walk.ts';
import type { RevisionStore } from './revision-store.ts';
import { StoredRecordReader } from './stored-record.ts';

const reader = new StoredRecordReader();

export function holds(store: RevisionStore, compare: Compare): boolean {
  const walk = new KeyWalk(store.index, compare.key, compare.range_end, store.readRevision);
  if (!walk.next()) {
    return compare.target !== Compare_CompareTarget.VALUE && matches(compare.result, orderOfNothing(compare));
  }
  do {
    if (!matches(compare.result, orderOf(store, compare, walk.record))) return false;
  } while (walk.next());
  return true;
}

/** A result that the API does not define asks for nothing. */
function matches(result: Compare['result'], order: number): boolean {
  switch (result) {
    case Compare_CompareResult.EQUAL:
      return order === 0;
    case Compare_CompareResult.NOT_EQUAL:
      return order !== 0;
    case Compare_CompareResult.GREATER:
      return order > 0;
    case Compare_CompareResult.LESS:
      return order < 0;
    default:
      return true;
  }
}

/** Sign of what is there against what the compare names. A target that the API does not define is equal to anything. */
function orderOf(store: RevisionStore, compare: Compare, record: number): number {
  const { index } = store;
  switch (compare.target) {
    case Compare_CompareTarget.VERSION:
      return index.version(record) - operandNumber(compare, 'version');
    case Compare_CompareTarget.CREATE:
      return index.createRevision(record) - operandNumber(compare, 'create_revision');
    case Compare_CompareTarget.MOD:
      return index.main(record) - operandNumber(compare, 'mod_revision');
    case Compare_CompareTarget.VALUE:
      return compareBytes(valueOf(store, record), operandValue(compare));
    case Compare_CompareTarget.LEASE:
      return Number(leaseOf(store, record) - operandLease(compare));
    default:
      return 0;
  }
}

function orderOfNothing(compare: Compare): number {
  switch (compare.target) {
    case Compare_CompareTarget.VERSION:
      return -operandNumber(compare, 'version');
    case Compare_CompareTarget.CREATE:
      return -operandNumber(compare, 'create_revision');
    case Compare_CompareTarget.MOD:
      return -operandNumber(compare, 'mod_revision');
    case Compare_CompareTarget.LEASE:
      return Number(-operandLease(compare));
    default:
      return 0;
  }
}

/** An operand of another kind than the target counts as the target's default, as the getters of etcd's messages have it. */
function operandNumber(compare: Compare, kind: 'version' | 'create_revision' | 'mod_revision'): number {
  const operand = compare.target_union;
  return operand?.$case === kind ? operand.value : 0;
}

function operandValue(compare: Compare): Uint8Array {
  return compare.target_union?.$case === 'value' ? compare.target_union.value : emptyBytes;
}

function operandLease(compare: Compare): bigint {
  return compare.target_union?.$case === 'lease' ? compare.target_union.value : 0n;
}

function valueOf(store: RevisionStore, record: number): Uint8Array {
  const bytes = store.stored(record);
  reader.read(bytes);
  return bytes.subarray(reader.valueStart, reader.valueEnd);
}

function leaseOf(store: RevisionStore, record: number): bigint {
  reader.read(store.stored(record));
  return BigInt.asIntN(64, (BigInt(reader.leaseHigh) << 32n) | BigInt(reader.leaseLow));
}
