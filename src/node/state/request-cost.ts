/** What a request may add to the backend's file, as etcd estimates it for its quota (docs/etcd-facts.md, quota). */
import type { TxnRequest, RequestOp } from '../../api/gen/etcdserverpb/kv.ts';

/** What a key costs beside its own bytes and its value's. */
const overheadBytes = 256;

export function putCostBytes(keyBytes: number, valueBytes: number): number {
  return overheadBytes + keyBytes + valueBytes;
}

/** Of the costlier branch. What transactions inside it put is not counted: etcd does not. */
export function txnCostBytes(request: TxnRequest): number {
  return Math.max(branchCostBytes(request.success), branchCostBytes(request.failure));
}

function branchCostBytes(operations: readonly RequestOp[]): number {
  let total = 0;
  for (const { request } of operations) {
    if (request?.$case === 'request_put') total += putCostBytes(request.value.key.length, request.value.value.length);
  }
  return total;
}
