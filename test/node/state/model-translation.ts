/** The model's commands as requests, and the machine's replies as the model's answers: so that the two can be compared. */
import type { DeepPartial } from '../../../src/api/message.ts';
import {
  Compare_CompareResult,
  Compare_CompareTarget,
  RangeRequest_SortOrder,
  RangeRequest_SortTarget,
  type Compare,
  type RangeRequest,
  type RequestOp,
  type ResponseOp,
  type TxnRequest,
} from '../../../src/api/gen/etcdserverpb/kv.ts';
import type { KeyValue } from '../../../src/api/gen/mvccpb/kv.ts';
import type { Applied, RangeQuery } from '../../../src/node/state/state.ts';
import type { Command } from './entries.ts';
import type {
  ModelAnswer,
  ModelCommand,
  ModelCompare,
  ModelDelete,
  ModelKeyValue,
  ModelOperation,
  ModelPut,
  ModelRange,
  ModelTxn,
} from './mvcc-model.ts';

export function latin1(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

function latin1Text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

export function commandOf(command: ModelCommand): Command {
  if ('put' in command) return { put: putOf(command.put) };
  if ('delete' in command) return { delete: deleteOf(command.delete) };
  if ('txn' in command) return { txn: txnOf(command.txn) };
  return { compact: { revision: command.compact } };
}

export function queryOf(range: ModelRange): RangeQuery {
  return { ...range, key: latin1(range.key), rangeEnd: latin1(range.rangeEnd) };
}

export function modelKeyValue(kv: KeyValue): ModelKeyValue {
  const { create_revision, mod_revision, version } = kv;
  return { key: latin1Text(kv.key), value: latin1Text(kv.value), create_revision, mod_revision, version };
}

/** Null when the reply says nothing but a revision. */
export function answerOf({ response }: Applied): ModelAnswer | null {
  switch (response?.kind) {
    case 'put':
      return responseAnswer({ $case: 'response_put', value: response.response });
    case 'delete':
      return responseAnswer({ $case: 'response_delete_range', value: response.response });
    case 'txn':
      return responseAnswer({ $case: 'response_txn', value: response.response });
    default:
      return null;
  }
}

function responseAnswer(response: NonNullable<ResponseOp['response']>): ModelAnswer {
  const revision = response.value.header!.revision;
  switch (response.$case) {
    case 'response_put':
      return { put: response.value.prev_kv === undefined ? null : modelKeyValue(response.value.prev_kv), revision };
    case 'response_delete_range':
      return { deleted: response.value.deleted, previous: response.value.prev_kvs.map(modelKeyValue), revision };
    case 'response_range': {
      const { count, more, kvs } = response.value;
      return { range: { count, more, kvs: kvs.map(modelKeyValue) }, revision };
    }
    case 'response_txn': {
      const responses = response.value.responses.map((each) => responseAnswer(each.response!));
      return { succeeded: response.value.succeeded, responses, revision };
    }
  }
}

function putOf(put: ModelPut) {
  return {
    key: latin1(put.key),
    value: latin1(put.value),
    lease: BigInt(put.lease),
    prev_kv: put.prevKv,
    ignore_value: put.ignoreValue,
    ignore_lease: put.ignoreLease,
  };
}

function deleteOf({ key, rangeEnd, prevKv }: ModelDelete) {
  return { key: latin1(key), range_end: latin1(rangeEnd), prev_kv: prevKv };
}

function txnOf({ compare, success, failure }: ModelTxn): DeepPartial<TxnRequest> {
  return { compare: compare.map(compareOf), success: success.map(operationOf), failure: failure.map(operationOf) };
}

function operationOf(operation: ModelOperation): DeepPartial<RequestOp> {
  if ('put' in operation) return { request: { $case: 'request_put', value: putOf(operation.put) } };
  if ('delete' in operation) return { request: { $case: 'request_delete_range', value: deleteOf(operation.delete) } };
  if ('range' in operation) return { request: { $case: 'request_range', value: rangeOf(operation.range) } };
  return { request: { $case: 'request_txn', value: txnOf(operation.txn) } };
}

function rangeOf(range: ModelRange): DeepPartial<RangeRequest> {
  return {
    key: latin1(range.key),
    range_end: latin1(range.rangeEnd),
    revision: range.revision,
    limit: range.limit,
    sort_order: RangeRequest_SortOrder[upper(range.sortOrder)],
    sort_target: RangeRequest_SortTarget[upper(range.sortTarget)],
    keys_only: range.keysOnly,
    count_only: range.countOnly,
    min_mod_revision: range.minModRevision,
    max_mod_revision: range.maxModRevision,
    min_create_revision: range.minCreateRevision,
    max_create_revision: range.maxCreateRevision,
  };
}

function compareOf({ key, rangeEnd, target, result, operand }: ModelCompare): DeepPartial<Compare> {
  return {
    key: latin1(key),
    range_end: latin1(rangeEnd),
    target: Compare_CompareTarget[upper(target)],
    result: result === 'notEqual' ? Compare_CompareResult.NOT_EQUAL : Compare_CompareResult[upper(result)],
    target_union: operandOf(target, operand),
  };
}

function operandOf(target: ModelCompare['target'], operand: number): NonNullable<Compare['target_union']> {
  switch (target) {
    case 'version':
      return { $case: 'version', value: operand };
    case 'create':
      return { $case: 'create_revision', value: operand };
    case 'mod':
      return { $case: 'mod_revision', value: operand };
    case 'lease':
      return { $case: 'lease', value: BigInt(operand) };
    case 'value':
      return { $case: 'value', value: latin1(String(operand)) };
  }
}

function upper<T extends string>(name: T): Uppercase<T> {
  return name.toUpperCase() as Uppercase<T>;
}
