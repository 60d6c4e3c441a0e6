/** What all services share: the node behind them, the header in front of answers, the counters beside them. */
import { DecodeError } from '../../api/decode-error.ts';
import type { UnaryMethod } from '../../api/methods.ts';
import type { ServerCall, UnaryHandler } from '../../wire/contract.ts';
import { Code } from '../../wire/status.ts';
import type { Clock, Storage } from '../ports.ts';
import type { Requests } from '../requests.ts';
import type { Callers } from './callers.ts';
import type { MethodCounters } from './method-counters.ts';
import { RaftRequestFrame } from './raft-request.ts';
import { ReplyHeader } from './reply-header.ts';
import { UnaryCall } from './unary-call.ts';

export interface ServiceOptions {
  readonly requests: Requests;
  /** The backend's sizes: for the quota and for Status. */
  readonly storage: Pick<Storage, 'sizeBytes' | 'sizeInUseBytes'>;
  readonly clock: Clock;
  /** The etcd release that is answered as: clients choose their features by it. */
  readonly version: string;
  /** `--max-txn-ops`. */
  readonly maxTxnOps: number;
  /** `--quota-backend-bytes`; Infinity is none. */
  readonly quotaBackendBytes: number;
  readonly methods: MethodCounters;
  readonly callers: Callers;
}

/** A method of which each request becomes one object. */
type Serve<Q> = (call: UnaryCall, request: Q, bytes: Uint8Array) => void;

export class Service {
  readonly options: ServiceOptions;
  readonly requests: Requests;
  readonly header: ReplyHeader;
  readonly frame = new RaftRequestFrame();
  readonly #callers: Callers;

  constructor(options: ServiceOptions) {
    this.options = options;
    this.requests = options.requests;
    this.header = new ReplyHeader(options.requests.status);
    this.#callers = options.callers;
  }

  /** False: the call was refused, and answered. Comes after the request was decoded, as in etcd. */
  admits(call: ServerCall): boolean {
    const refusal = this.#callers.unaryRefusal(call.metadata, this.requests.status.leader !== 0n);
    if (refusal === null) return true;
    call.end(refusal.grpc, refusal.message);
    return false;
  }

  /** Which row of the counters a method has. */
  rowOf(method: { readonly path: string }): number {
    return this.options.methods.rowOf(method.path);
  }

  /** The handler of a method off the hot path. Byte fields of the request are views of `bytes`, valid during the call. */
  handler<Q, R>(method: UnaryMethod<Q, R>, serve: Serve<Q>): UnaryHandler {
    const row = this.rowOf(method);
    return (call, bytes) => {
      let request: Q;
      try {
        request = method.request.decodeView(bytes);
      } catch (thrown) {
        return refuseMalformed(call, thrown);
      }
      if (this.admits(call)) serve(new UnaryCall(this, row, call), request, bytes);
    };
  }
}

/** In grpc-go's words; what is not the request's fault goes on up. */
export function refuseMalformed(call: ServerCall, thrown: unknown): void {
  if (!(thrown instanceof DecodeError)) throw thrown;
  call.end(Code.Internal, `grpc: error unmarshalling request: ${thrown.message}`);
}
