/**
 * Txn: checked, then proposed as it came. One that only reads is not proposed: it waits for leave to read, or not even
 * that when all of its ranges are serializable, as in etcd.
 */
import type { EtcdError } from '../../api/errors.ts';
import { type TxnRequest, TxnResponse } from '../../api/gen/etcdserverpb/kv.ts';
import { KV } from '../../api/methods.ts';
import type { UnaryHandler } from '../../wire/contract.ts';
import type { Reader } from '../requests.ts';
import { ProposedCall } from './proposed-call.ts';
import { txnCostBytes } from '../state/request-cost.ts';
import type { Quota } from './quota.ts';
import { RaftField } from './raft-request.ts';
import { isError, type Service } from './service.ts';
import { isReadOnly, isSerializable, txnFault } from './txn-rules.ts';
import { damage, type UnaryCall } from './unary-call.ts';

type Encode = (response: TxnResponse, revision: number) => Uint8Array;

/** A transaction that only reads, waiting for leave to do so. */
class TxnReader implements Reader {
  readonly #service: Service;
  readonly #call: UnaryCall;
  readonly #request: TxnRequest;
  readonly #encode: Encode;

  constructor(service: Service, call: UnaryCall, request: TxnRequest, encode: Encode) {
    this.#service = service;
    this.#call = call;
    this.#request = request;
    this.#encode = encode;
  }

  onReadable(): void {
    const { mvcc } = this.#service.requests.state;
    try {
      const response = mvcc.readTxn(this.#request);
      if (isError(response)) this.#call.fail(response);
      else this.#call.reply(this.#encode(response, mvcc.revision));
    } catch (thrown) {
      this.#call.fail(damage(thrown));
    }
  }

  onFailed(error: EtcdError): void {
    this.#call.fail(error);
  }
}

export function txnHandler(service: Service, quota: Quota): UnaryHandler {
  const { requests } = service;
  const encode: Encode = (response, revision) => {
    response.header = service.header.message(revision);
    return TxnResponse.encode(response).finish();
  };

  function read(call: UnaryCall, request: TxnRequest, bytes: Uint8Array): void {
    if (isSerializable(request)) return new TxnReader(service, call, request, encode).onReadable();
    requests.readIndex(new TxnReader(service, call, KV.Txn.request.decode(bytes), encode)); // outlives `bytes`
  }

  return service.handler(KV.Txn, (call, request, bytes) => {
    if (!quota.allows(txnCostBytes(request))) return quota.refuse(call); // before it is looked at, as in etcd
    const fault = txnFault(request, service.options.maxTxnOps);
    if (fault !== null) return call.fail(fault);
    if (isReadOnly(request)) return read(call, request, bytes);
    requests.propose(service.frame.wrap(RaftField.txn, bytes), new ProposedCall(call, 'txn', encode));
  });
}
