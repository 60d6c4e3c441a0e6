/** A Range as the store takes it: from the message, and what of it decides how it is served. */
import { RangeRequest_SortOrder, RangeRequest_SortTarget, type RangeRequest } from '../../api/gen/etcdserverpb/kv.ts';
import type { KeyIndex } from './key-index.ts';
import type { RangeQuery } from './state.ts';

const orders: Readonly<Record<number, RangeQuery['sortOrder']>> = {
  [RangeRequest_SortOrder.NONE]: 'none',
  [RangeRequest_SortOrder.ASCEND]: 'ascend',
  [RangeRequest_SortOrder.DESCEND]: 'descend',
};

const targets: Readonly<Record<number, RangeQuery['sortTarget']>> = {
  [RangeRequest_SortTarget.KEY]: 'key',
  [RangeRequest_SortTarget.VERSION]: 'version',
  [RangeRequest_SortTarget.CREATE]: 'create',
  [RangeRequest_SortTarget.MOD]: 'mod',
  [RangeRequest_SortTarget.VALUE]: 'value',
};

/** Numbers that the API does not define, which older releases let pass, sort nothing. */
export function rangeQueryOf(request: RangeRequest): RangeQuery {
  return {
    key: request.key,
    rangeEnd: request.range_end,
    revision: request.revision,
    limit: request.limit,
    sortOrder: orders[request.sort_order] ?? 'none',
    sortTarget: targets[request.sort_target] ?? 'key',
    keysOnly: request.keys_only,
    countOnly: request.count_only,
    minModRevision: request.min_mod_revision,
    maxModRevision: request.max_mod_revision,
    minCreateRevision: request.min_create_revision,
    maxCreateRevision: request.max_create_revision,
  };
}

/** Whether any filter is on: 0 is off, and a negative maximum lets nothing through. */
export function hasFilter(query: RangeQuery): boolean {
  return (
    query.minModRevision !== 0 ||
    query.maxModRevision !== 0 ||
    query.minCreateRevision !== 0 ||
    query.maxCreateRevision !== 0
  );
}

export function passesFilters(query: RangeQuery, index: KeyIndex, record: number): boolean {
  const mod = index.main(record);
  const create = index.createRevision(record);
  return (
    (query.minModRevision === 0 || mod >= query.minModRevision) &&
    (query.maxModRevision === 0 || mod <= query.maxModRevision) &&
    (query.minCreateRevision === 0 || create >= query.minCreateRevision) &&
    (query.maxCreateRevision === 0 || create <= query.maxCreateRevision)
  );
}
