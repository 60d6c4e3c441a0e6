/** Headers as far as the state can fill them: the other fields are the answering member's, and rpc's to set. */
import type { ResponseHeader } from '../../api/gen/etcdserverpb/header.ts';

export function revisionHeader(revision: number): ResponseHeader {
  return { cluster_id: 0n, member_id: 0n, revision, raft_term: 0 };
}
