import { expect, it } from 'vitest';
import { KV } from '../../../src/api/methods.ts';
import type { DeepPartial } from '../../../src/api/message.ts';
import type { RequestOp, TxnRequest } from '../../../src/api/gen/etcdserverpb/kv.ts';
import { putCostBytes, txnCostBytes } from '../../../src/node/state/request-cost.ts';

const put = (bytes: number): DeepPartial<RequestOp> => ({
  request: { $case: 'request_put', value: { key: new Uint8Array(10), value: new Uint8Array(bytes) } },
});
const nested: DeepPartial<RequestOp> = { request: { $case: 'request_txn', value: { success: [put(5)] } } };
const range: DeepPartial<RequestOp> = { request: { $case: 'request_range', value: { key: new Uint8Array(1) } } };

it.each([
  { txn: {}, cost: 0 },
  { txn: { success: [put(0)] }, cost: 266 },
  { txn: { success: [put(1), range, put(2)] }, cost: 535 },
  { txn: { success: [put(1)], failure: [put(90)] }, cost: 356 },
  { txn: { failure: [nested, {}] }, cost: 0 },
] as { txn: DeepPartial<TxnRequest>; cost: number }[])('a transaction costs $cost bytes', ({ txn, cost }) => {
  expect(txnCostBytes(KV.Txn.request.decode(KV.Txn.request.encode(txn)))).toBe(cost);
});

it('a put costs its bytes and an overhead', () => expect(putCostBytes(256, 1024)).toBe(1536));
