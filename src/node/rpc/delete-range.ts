/** DeleteRange: proposed as it came; etcd has no quota for it, as it makes room. */
import { DeleteRangeResponse } from '../../api/gen/etcdserverpb/kv.ts';
import { KV } from '../../api/methods.ts';
import type { UnaryHandler } from '../../wire/contract.ts';
import { ProposedCall } from './proposed-call.ts';
import { RaftField } from './raft-request.ts';
import { deleteFault } from './request-rules.ts';
import type { Service } from './service.ts';

export function deleteRangeHandler(service: Service): UnaryHandler {
  const encode = (response: DeleteRangeResponse, revision: number): Uint8Array => {
    response.header = service.header.message(revision);
    return DeleteRangeResponse.encode(response).finish();
  };
  return service.handler(KV.DeleteRange, (call, request, bytes) => {
    const fault = deleteFault(request);
    if (fault !== null) return call.fail(fault);
    service.requests.propose(
      service.frame.wrap(RaftField.deleteRange, bytes),
      new ProposedCall(call, 'delete', encode),
    );
  });
}
