/** Compact: answered when it is decided, or with `physical` when what it removes has left the backend. */
import type { EtcdError } from '../../api/errors.ts';
import { CompactionResponse } from '../../api/gen/etcdserverpb/kv.ts';
import { KV } from '../../api/methods.ts';
import type { UnaryHandler } from '../../wire/contract.ts';
import type { Proposer } from '../requests.ts';
import type { Applied } from '../state/state.ts';
import { RaftField } from './raft-request.ts';
import type { Service } from './service.ts';
import type { UnaryCall } from './unary-call.ts';

class Compaction implements Proposer {
  readonly #service: Service;
  readonly #call: UnaryCall;
  readonly #isPhysical: boolean;

  constructor(service: Service, call: UnaryCall, isPhysical: boolean) {
    this.#service = service;
    this.#call = call;
    this.#isPhysical = isPhysical;
  }

  onApplied({ error, response }: Applied): void {
    if (error !== null) return this.#call.fail(error);
    if (this.#isPhysical && response?.kind === 'compaction') response.physical.whenDone(() => this.#answer());
    else this.#answer();
  }

  onFailed(error: EtcdError): void {
    this.#call.fail(error);
  }

  /** With the revision of now, which writes may have moved since. */
  #answer(): void {
    const { header, requests } = this.#service;
    const response = { header: header.message(requests.state.mvcc.revision) };
    this.#call.reply(CompactionResponse.encode(response).finish());
  }
}

export function compactHandler(service: Service): UnaryHandler {
  return service.handler(KV.Compact, (call, request, bytes) => {
    const compaction = new Compaction(service, call, request.physical);
    service.requests.propose(service.frame.wrap(RaftField.compaction, bytes), compaction);
  });
}
