/** What is refused before anything is done, with etcd's words; test/peers holds the same cases against a real etcd. */
import { describe, expect, it } from 'vitest';
import { etcdErrorOf } from '../../../src/api/errors.ts';
import { KV, type UnaryMethod } from '../../../src/api/methods.ts';
import { putCases, rangeCases, type RequestCase, txnCases } from './request-cases.ts';
import { RpcRig } from './rig.ts';

function holds<Q>(method: UnaryMethod<Q, unknown>, cases: readonly RequestCase<Q>[]): void {
  it.each(cases)('$says', ({ request, error }) => {
    const rig = new RpcRig();
    const { code, message } = rig.call(method, request);
    expect(message).toBe(error === '' ? '' : `etcdserver: ${error}`);
    expect(code).toBe(error === '' ? 0 : etcdErrorOf(message)?.grpc);
    const row = rig.methods.rowOf(method.path);
    expect([rig.methods.started[row], rig.methods.handled[row * 17 + code]]).toEqual([1, 1]);
  });
}

describe('Put', () => holds(KV.Put, putCases));
describe('Range', () => holds(KV.Range, rangeCases));
describe('Txn', () => holds(KV.Txn, txnCases));

describe('--max-txn-ops', () => {
  it.each([
    { operationsMax: 1, operations: 1, error: '' },
    { operationsMax: 1, operations: 2, error: 'etcdserver: too many operations in txn request' },
    { operationsMax: 10_000, operations: 10_000, error: '' },
  ])('$operationsMax: $operations operations', ({ operationsMax, operations, error }) => {
    const rig = new RpcRig({ maxTxnOps: operationsMax });
    const success = Array.from({ length: operations }, (_, i) => ({
      request: { $case: 'request_put', value: { key: Buffer.from(`k${i}`) } } as const,
    }));
    expect(rig.call(KV.Txn, { success }).message).toBe(error);
  });
});

describe('what is no request', () => {
  it.each<{ method: UnaryMethod<unknown, unknown>; bytes: number[] }>([
    { method: KV.Put, bytes: [0x0a, 5, 1] },
    { method: KV.Range, bytes: [0x0a, 5, 1] },
    { method: KV.Range, bytes: [0x0a, 1, 97, 0x12, 9] },
    { method: KV.Txn, bytes: [0x0a] },
    { method: KV.DeleteRange, bytes: [0] },
    { method: KV.Compact, bytes: [0x08, 0xff] },
  ])('$method.name of $bytes', ({ method, bytes }) => {
    const rig = new RpcRig();
    const { code, message } = rig.call(method, Uint8Array.from(bytes));
    expect([code, message]).toEqual([13, expect.stringMatching(/^grpc: error unmarshalling request: /)]);
    expect([...rig.methods.started]).toEqual(rig.methods.rows.map(() => 0)); // refused before the service, as in etcd
    expect(rig.call(KV.Put, { key: Buffer.from('a') }).code).toBe(0);
  });
});
