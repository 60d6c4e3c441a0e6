/**
 * What etcd checks of a transaction before it proposes it, in its order: numbers of operations and their fields from the
 * outside in, then keys that one branch would change twice (docs/etcd-facts.md, transaction checks).
 */
import { type EtcdError, etcdErrors } from '../../api/errors.ts';
import type { DeleteRangeRequest, PutRequest, RequestOp, TxnRequest } from '../../api/gen/etcdserverpb/kv.ts';
import { KeyIntervals } from './key-intervals.ts';
import { deleteFault, putFault, type PutShape, rangeFault } from './request-rules.ts';

/** Null: it may be proposed. `operationsMax` is --max-txn-ops. */
export function txnFault(request: TxnRequest, operationsMax: number): EtcdError | null {
  return fieldFault(request, operationsMax) ?? branchFault(request.success) ?? branchFault(request.failure);
}

/** Only ranges in both branches: answered without the log. */
export function isReadOnly(request: TxnRequest): boolean {
  return request.success.every(isRange) && request.failure.every(isRange);
}

/** A read-only one of which no range asks for the newest state. */
export function isSerializable(request: TxnRequest): boolean {
  return request.success.every(isSerializableRange) && request.failure.every(isSerializableRange);
}

function isRange(operation: RequestOp): boolean {
  return operation.request?.$case === 'request_range';
}

function isSerializableRange(operation: RequestOp): boolean {
  return operation.request?.$case === 'request_range' && operation.request.value.serializable;
}

function fieldFault(request: TxnRequest, operationsMax: number): EtcdError | null {
  const operations = Math.max(request.compare.length, request.success.length, request.failure.length);
  if (operations > operationsMax) return etcdErrors.TOO_MANY_OPS;
  for (const compare of request.compare) if (compare.key.length === 0) return etcdErrors.EMPTY_KEY;
  const left = operationsMax - operations;
  return firstOperationFault(request.success, left) ?? firstOperationFault(request.failure, left);
}

function firstOperationFault(operations: readonly RequestOp[], operationsLeft: number): EtcdError | null {
  for (const operation of operations) {
    const fault = operationFault(operation, operationsLeft);
    if (fault !== null) return fault;
  }
  return null;
}

function operationFault({ request }: RequestOp, operationsLeft: number): EtcdError | null {
  switch (request?.$case) {
    case 'request_range':
      return rangeFault(request.value);
    case 'request_put':
      return putFault(shapeOf(request.value));
    case 'request_delete_range':
      return deleteFault(request.value);
    case 'request_txn':
      return fieldFault(request.value, operationsLeft);
    case undefined:
      return etcdErrors.KEY_NOT_FOUND; // etcd's answer to an operation that is empty
  }
}

function shapeOf(put: PutRequest): PutShape {
  return {
    keyBytes: put.key.length,
    valueBytes: put.value.length,
    hasLease: put.lease !== 0n,
    ignoreValue: put.ignore_value,
    ignoreLease: put.ignore_lease,
  };
}

/** What a branch changes, nested transactions included. */
class Changes {
  readonly puts = new Set<string>();
  readonly deletes = new KeyIntervals();
}

function branchFault(operations: readonly RequestOp[]): EtcdError | null {
  return changesOf(operations) === null ? etcdErrors.DUPLICATE_KEY : null;
}

/** Null when a key would be changed twice. The order of the steps is etcd's, and so is what it overlooks. */
function changesOf(operations: readonly RequestOp[]): Changes | null {
  const changes = new Changes();
  for (const { request } of operations) {
    if (request?.$case === 'request_delete_range') addDelete(changes.deletes, request.value);
  }
  for (const { request } of operations) {
    if (request?.$case === 'request_txn' && !addNested(changes, request.value)) return null;
  }
  for (const { request } of operations) {
    if (request?.$case === 'request_put' && !addPut(changes, textOf(request.value.key))) return null;
  }
  return changes;
}

/** `\0` is not the end of all keys here, as it is when the range is deleted: etcd finds no key before it. */
function addDelete(deletes: KeyIntervals, { key, range_end }: DeleteRangeRequest): void {
  if (range_end.length === 0) deletes.addKey(textOf(key));
  else deletes.add(textOf(key), textOf(range_end));
}

/** Only one of the two branches will run, so both may put the same key. */
function addNested(changes: Changes, { success, failure }: TxnRequest): boolean {
  const then = changesOf(success);
  const otherwise = then === null ? null : changesOf(failure);
  if (then === null || otherwise === null) return false;
  for (const key of then.puts) if (!addPut(changes, key)) return false;
  for (const key of otherwise.puts) {
    if (changes.deletes.covers(key) || (changes.puts.has(key) && !then.puts.has(key))) return false;
    changes.puts.add(key);
  }
  changes.deletes.addAll(then.deletes);
  changes.deletes.addAll(otherwise.deletes);
  return true;
}

function addPut(changes: Changes, key: string): boolean {
  if (changes.puts.has(key) || changes.deletes.covers(key)) return false;
  changes.puts.add(key);
  return true;
}

function textOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
}
