/** Where transactions differ from their parts; the property test has the rest. */
import { describe, expect, it } from 'vitest';
import { emptyBytes, utf8 } from '../../../src/base/bytes.ts';
import { etcdErrors } from '../../../src/api/errors.ts';
import type { DeepPartial } from '../../../src/api/message.ts';
import type { Compare, RequestOp, TxnRequest } from '../../../src/api/gen/etcdserverpb/kv.ts';
import { KV } from '../../../src/api/methods.ts';
import { put } from './entries.ts';
import { Machine } from './machine.ts';

const a = utf8('a');
const putOp = (key: string, fields = {}): DeepPartial<RequestOp> => ({
  request: { $case: 'request_put', value: { key: utf8(key), value: utf8('new'), ...fields } },
});
const rangeOp = (key: string, revision = 0): DeepPartial<RequestOp> => ({
  request: { $case: 'request_range', value: { key: utf8(key), revision } },
});
const deleteOp = (key: string): DeepPartial<RequestOp> => ({
  request: { $case: 'request_delete_range', value: { key: utf8(key) } },
});
const txnOp = (txn: DeepPartial<TxnRequest>): DeepPartial<RequestOp> => ({
  request: { $case: 'request_txn', value: txn },
});

/** Key a at revisions 2 and 3, compacted at 2. */
function machineWithA(): Machine {
  const machine = new Machine();
  machine.apply(put('a', '1'));
  machine.apply(put('a', '2'));
  machine.apply({ compact: { revision: 2 } });
  return machine;
}

describe('a transaction', () => {
  it.each([
    { name: 'a range at a future revision', ops: [putOp('b'), rangeOp('a', 4)], error: etcdErrors.FUTURE_REV },
    { name: 'a range that is compacted', ops: [putOp('b'), rangeOp('a', 1)], error: etcdErrors.COMPACTED },
    { name: 'a range at a negative revision', ops: [putOp('b'), rangeOp('a', -1)], error: etcdErrors.COMPACTED },
    { name: 'an unknown lease', ops: [putOp('b'), putOp('c', { lease: 7n })], error: etcdErrors.LEASE_NOT_FOUND },
    {
      name: 'a value to keep that is not there, before an unknown lease',
      ops: [putOp('b'), putOp('c', { lease: 7n, ignore_value: true })],
      error: etcdErrors.KEY_NOT_FOUND,
    },
    {
      name: 'a put error before a range error',
      ops: [rangeOp('a', 9), putOp('c', { lease: 7n })],
      error: etcdErrors.LEASE_NOT_FOUND,
    },
    { name: 'nothing in an operation', ops: [putOp('b'), {}], error: etcdErrors.KEY_NOT_FOUND },
    { name: 'an empty key', ops: [putOp('b'), putOp('')], error: etcdErrors.EMPTY_KEY },
    {
      name: 'an error further in',
      ops: [putOp('b'), txnOp({ success: [rangeOp('a', 4)] })],
      error: etcdErrors.FUTURE_REV,
    },
  ])('with $name changes nothing', ({ ops, error }) => {
    const machine = machineWithA();
    expect(machine.apply({ txn: { success: ops } })).toEqual({ error, revision: 3, response: null });
    expect(machine.range().count).toBe(1);
    expect(machine.apply(put('b', '')).revision).toBe(4);
  });

  it('does not care for what is wrong in the branch that is not taken', () => {
    const machine = machineWithA();
    expect(machine.apply({ txn: { success: [putOp('b')], failure: [rangeOp('a', 99)] } }).error).toBe(null);
  });

  it('gives headers as etcd does: the new revision once it changes something, none inside', () => {
    const machine = machineWithA();
    const inner = { success: [rangeOp('b')] };
    const success = [rangeOp('a'), deleteOp('x'), putOp('b'), rangeOp('b'), deleteOp('x'), txnOp(inner)];
    const { response } = machine.apply({ txn: { success } });
    if (response?.kind !== 'txn') throw new Error('no transaction');
    const revisions = response.response.responses.map((each) => each.response!.value.header!.revision);
    expect(revisions).toEqual([3, 3, 4, 4, 4, 0]);
    expect(response.response.header!.revision).toBe(4);
  });

  it('decides compares further in on the state before it', () => {
    const machine = machineWithA();
    const isMissing: DeepPartial<Compare> = { key: utf8('b'), target: 0, target_union: { $case: 'version', value: 0 } };
    const inner = { compare: [isMissing], success: [putOp('c')], failure: [deleteOp('a')] };
    machine.apply({ txn: { success: [putOp('b'), txnOp(inner)] } });
    expect(machine.range().count).toBe(3);
  });

  it('numbers its changes in order of execution', async () => {
    const machine = machineWithA();
    machine.apply({ txn: { success: [putOp('c'), deleteOp('a'), putOp('b')] } });
    await machine.flush();
    expect(machine.storedChanges().slice(-3)).toEqual(['4 c new', '4 a deleted', '4 b new']);
  });

  it('survives what no server proposes: one key put, deleted and put again', async () => {
    const machine = machineWithA();
    machine.apply({ txn: { success: [putOp('b'), putOp('b'), deleteOp('b'), putOp('b', { ignore_lease: false })] } });
    expect(machine.range({ key: utf8('b'), rangeEnd: emptyBytes }).kvs[0]).toMatchObject({
      version: 1,
      create_revision: 4,
    });
    await machine.flush();
    expect(new Machine({}, machine.storage.crash(true)).range({ key: utf8('b') }).kvs[0]).toMatchObject({ version: 1 });
  });

  it.each([
    {
      name: 'an operand of another kind counts as 0',
      compare: { target: 0, result: 1, target_union: { $case: 'mod_revision', value: 99 } },
      succeeded: true,
    },
    { name: 'no operand counts as 0', compare: { target: 2, result: 1 }, succeeded: true },
    { name: 'no value is an empty one', compare: { target: 3, result: 1 }, succeeded: true },
    { name: 'an unknown target is equal', compare: { target: 9, result: 0 }, succeeded: true },
    { name: 'an unknown target is not more', compare: { target: 9, result: 1 }, succeeded: false },
    {
      name: 'an unknown result holds',
      compare: { target: 0, result: 9, target_union: { $case: 'version', value: 77 } },
      succeeded: true,
    },
  ] as { name: string; compare: object; succeeded: boolean }[])('compares so that $name', ({ compare, succeeded }) => {
    const { response } = machineWithA().apply({ txn: { compare: [{ key: a, ...compare }] } });
    expect(response).toMatchObject({ kind: 'txn', response: { succeeded, responses: [] } });
  });

  it('that only reads can be asked at once', () => {
    const machine = machineWithA();
    const read = (success: DeepPartial<RequestOp>[]) =>
      machine.state.mvcc.readTxn(KV.Txn.request.decode(KV.Txn.request.encode({ success })));
    expect(read([rangeOp('a')])).toMatchObject({ header: { revision: 3 }, succeeded: true });
    expect(read([rangeOp('a', 1)])).toBe(etcdErrors.COMPACTED);
  });
});
