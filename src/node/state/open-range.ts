/** Where every Range begins: its revision is checked, and what its options ask for decides how it is served. */
import { etcdErrors, type EtcdError } from '../../api/errors.ts';
import { CollectedRange } from './collected-range.ts';
import { OrderedRange } from './ordered-range.ts';
import type { Pins } from './pins.ts';
import { hasFilter } from './range-query.ts';
import type { RevisionStore } from './revision-store.ts';
import type { RangeCursor, RangeQuery } from './state.ts';

/**
 * Inside an entry the current revision is the one that the entry is making. An order by something else than the key that is
 * only implied (sort_order NONE) orders what the limit has let through, and one more; etcd 3.4.23 observed.
 */
export function openRange(store: RevisionStore, pins: Pins, query: RangeQuery): RangeCursor | EtcdError {
  const current = store.readRevision;
  const revision = query.revision > 0 ? query.revision : current;
  if (revision > current) return etcdErrors.FUTURE_REV;
  if (revision < store.compactedRevision) return etcdErrors.COMPACTED;
  const isInKeyOrder = query.sortTarget === 'key' && query.sortOrder !== 'descend';
  const isWhole = hasFilter(query) || query.sortOrder !== 'none' || query.limit <= 0;
  if (query.countOnly || (isInKeyOrder && !hasFilter(query))) return new OrderedRange(store, pins, query, revision);
  return new CollectedRange(store, pins, query, revision, isWhole ? Infinity : query.limit + 1);
}
