/**
 * Put: the hot path of writes. The request's own bytes go into the log as they came; the answer is the prepared header with
 * the new revision. One object per put, the call that waits.
 */
import { PutRequestReader } from '../../api/hot/put-request-reader.ts';
import type { EtcdError } from '../../api/errors.ts';
import { PutResponse } from '../../api/gen/etcdserverpb/kv.ts';
import { KV } from '../../api/methods.ts';
import type { UnaryHandler } from '../../wire/contract.ts';
import type { Proposer } from '../requests.ts';
import type { Applied } from '../state/state.ts';
import { responseOf } from './proposed-call.ts';
import { putCostBytes } from '../state/request-cost.ts';
import type { Quota } from './quota.ts';
import { putFault } from './request-rules.ts';
import { refuseMalformed, type Service } from './service.ts';
import { UnaryCall } from './unary-call.ts';

class PutCall extends UnaryCall implements Proposer {
  onApplied(applied: Applied): void {
    if (applied.error !== null) return this.fail(applied.error);
    const { header } = this.service;
    if (applied.response === null) return this.reply(header.alone(applied.revision));
    const response = responseOf(applied, 'put');
    response.header = header.message(applied.revision);
    this.reply(PutResponse.encode(response).finish());
  }

  onFailed(error: EtcdError): void {
    this.fail(error);
  }
}

export function putHandler(service: Service, quota: Quota): UnaryHandler {
  const reader = new PutRequestReader();
  const row = service.rowOf(KV.Put);
  return (call, bytes) => {
    try {
      reader.read(bytes);
    } catch (thrown) {
      return refuseMalformed(call, thrown);
    }
    if (!service.admits(call)) return;
    const put = new PutCall(service, row, call);
    if (!quota.allows(putCostBytes(reader.keyBytes, reader.valueBytes))) return quota.refuse(put); // etcd asks for room before it looks at the request
    const fault = putFault(reader);
    if (fault !== null) put.fail(fault);
    else service.requests.proposePut(bytes, put);
  };
}
