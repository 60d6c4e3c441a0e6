/** DeleteRange: a tombstone for every key of the range that exists. */
import type { DeleteRangeRequest, DeleteRangeResponse } from '../../api/gen/etcdserverpb/kv.ts';
import type { KeyValue } from '../../api/gen/mvccpb/kv.ts';
import { KeyWalk } from './key-walk.ts';
import { revisionHeader } from './revision-header.ts';
import type { RevisionStore } from './revision-store.ts';

/** Its header has the revision after it: what it was when nothing matched and nothing changed before in the same entry. */
export function deleteRange(store: RevisionStore, request: DeleteRangeRequest): DeleteRangeResponse {
  const walk = new KeyWalk(store.index, request.key, request.range_end, store.readRevision);
  const previous: KeyValue[] = [];
  let deleted = 0;
  for (; walk.next(); deleted++) {
    if (request.prev_kv) previous.push(store.keyValue(walk.record));
    store.remove(walk.slot);
  }
  return { header: revisionHeader(store.readRevision), deleted, prev_kvs: previous };
}
