/**
 * Txn: checked, then proposed as it came. One that only reads is not proposed: it waits for leave to read, or not even
 * that when all of its ranges are serializable, as in etcd.
 */
import { type EtcdError, isError } from '../../api/errors.ts';
import { type TxnRequest, TxnResponse } from '../../api/gen/etcdserverpb/kv.ts';
import { KV } from '../../api/methods.ts';
import type { UnaryHandler } from '../../wire/contract.ts';
import { Code } from '../../wire/status.ts';
import type { Reader } from '../requests.ts';
import { ProposedCall } from './proposed-call.ts';
import { txnCostBytes } from '../state/request-cost.ts';
import type { Quota } from './quota.ts';
import { RaftField } from './raft-request.ts';
import type { Service } from './service.ts';
import type { Sliced, Slices } from './slices.ts';
import { isReadOnly, isSerializable, txnFault } from './txn-rules.ts';
import { damage, type UnaryCall } from './unary-call.ts';

type Encode = (response: TxnResponse, revision: number) => Uint8Array;

/** A transaction that only reads, waiting for leave to do so. */
class TxnReader implements Reader, Sliced {
  readonly #service: Service;
  readonly #call: UnaryCall;
  readonly #request: TxnRequest;
  readonly #parts: TxnParts;

  constructor(service: Service, call: UnaryCall, request: TxnRequest, parts: TxnParts) {
    this.#service = service;
    this.#call = call;
    this.#request = request;
    this.#parts = parts;
  }

  /** Not in this turn: a thousand may be readable at once. */
  onReadable(): void {
    this.#parts.slices.add(this);
  }

  slice(): boolean {
    if (this.#call.call.cancelled) this.#call.ended(Code.Canceled);
    else this.#answer();
    return false;
  }

  #answer(): void {
    const { mvcc } = this.#service.requests.state;
    try {
      const response = mvcc.readTxn(this.#request);
      if (isError(response)) this.#call.fail(response);
      else this.#call.reply(this.#parts.encode(response, mvcc.revision));
    } catch (thrown) {
      this.#call.fail(damage(thrown));
    }
  }

  onFailed(error: EtcdError): void {
    this.#call.fail(error);
  }
}

/** What all transactions that only read share. */
interface TxnParts {
  readonly encode: Encode;
  readonly slices: Slices;
}

export function txnHandler(service: Service, quota: Quota, slices: Slices): UnaryHandler {
  const { requests } = service;
  const encode: Encode = (response, revision) => {
    response.header = service.header.message(revision);
    return TxnResponse.encode(response).finish();
  };

  const parts: TxnParts = { encode, slices };

  return service.handler(KV.Txn, (call, request, bytes) => {
    if (!quota.allows(txnCostBytes(request))) return quota.refuse(call); // before it is looked at, as in etcd
    const fault = txnFault(request, service.options.maxTxnOps);
    if (fault !== null) return call.fail(fault);
    if (!isReadOnly(request)) {
      return requests.propose(service.frame.wrap(RaftField.txn, bytes), new ProposedCall(call, 'txn', encode));
    }
    const reader = new TxnReader(service, call, KV.Txn.request.decode(bytes), parts); // outlives `bytes`
    if (isSerializable(request)) reader.onReadable();
    else requests.readIndex(reader);
  });
}
