/** The Cluster service, as far as it is built: the list of members. */
import type { EtcdError } from '../../api/errors.ts';
import { MemberListResponse } from '../../api/gen/etcdserverpb/cluster.ts';
import { Cluster } from '../../api/methods.ts';
import type { UnaryHandler } from '../../wire/contract.ts';
import type { Reader } from '../requests.ts';
import type { Service } from './service.ts';
import type { UnaryCall } from './unary-call.ts';

class MemberList implements Reader {
  readonly #service: Service;
  readonly #call: UnaryCall;

  constructor(service: Service, call: UnaryCall) {
    this.#service = service;
    this.#call = call;
  }

  onReadable(): void {
    const { header, requests } = this.#service;
    // Answers about the cluster carry no revision (docs/etcd-facts.md, responses and headers).
    const response = { header: header.message(0), members: [...requests.state.members] };
    this.#call.reply(MemberListResponse.encode(response).finish());
  }

  onFailed(error: EtcdError): void {
    this.#call.fail(error);
  }
}

export function memberListHandler(service: Service): UnaryHandler {
  return service.handler(Cluster.MemberList, (call, { linearizable }) => {
    const list = new MemberList(service, call);
    if (linearizable) service.requests.readIndex(list);
    else list.onReadable();
  });
}
