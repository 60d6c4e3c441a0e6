/**
 * What etcd checks of single requests before it does anything with them, also inside transactions
 * (docs/etcd-facts.md, request checks).
 */
import { type EtcdError, etcdErrors } from '../../api/errors.ts';
import {
  type DeleteRangeRequest,
  type RangeRequest,
  RangeRequest_SortOrder,
  RangeRequest_SortTarget,
} from '../../api/gen/etcdserverpb/kv.ts';

/** What the rules look at in a put, however it was read. */
export interface PutShape {
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly hasLease: boolean;
  readonly ignoreValue: boolean;
  readonly ignoreLease: boolean;
}

const sortOrders: ReadonlySet<number> = new Set(Object.values(RangeRequest_SortOrder));
const sortTargets: ReadonlySet<number> = new Set(Object.values(RangeRequest_SortTarget));

export function rangeFault(request: RangeRequest): EtcdError | null {
  if (request.key.length === 0) return etcdErrors.EMPTY_KEY;
  const isSortable = sortOrders.has(request.sort_order) && sortTargets.has(request.sort_target);
  return isSortable ? null : etcdErrors.INVALID_SORT_OPTION;
}

export function putFault(put: PutShape): EtcdError | null {
  if (put.keyBytes === 0) return etcdErrors.EMPTY_KEY;
  if (put.ignoreValue && put.valueBytes > 0) return etcdErrors.VALUE_PROVIDED;
  return put.ignoreLease && put.hasLease ? etcdErrors.LEASE_PROVIDED : null;
}

export function deleteFault(request: DeleteRangeRequest): EtcdError | null {
  return request.key.length === 0 ? etcdErrors.EMPTY_KEY : null;
}
