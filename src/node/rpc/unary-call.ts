/** One unary call that is being served: it is counted when it begins, and once when it is answered. */
import { Failure } from '../../base/failure.ts';
import type { EtcdError } from '../../api/errors.ts';
import type { ServerCall } from '../../wire/contract.ts';
import { Code } from '../../wire/status.ts';
import type { Service } from './service.ts';

/** What a read throws when the storage is damaged, as an answer; anything else goes on up. */
export function damage(thrown: unknown): Pick<EtcdError, 'grpc' | 'message'> {
  if (!(thrown instanceof Failure)) throw thrown;
  return { grpc: Code.DataLoss, message: thrown.message };
}

export class UnaryCall {
  readonly call: ServerCall;
  protected readonly service: Service;
  readonly #row: number;
  /** 0 when latencies are not wanted. */
  readonly #startedMs: number;

  constructor(service: Service, row: number, call: ServerCall) {
    this.service = service;
    this.call = call;
    this.#row = row;
    this.#startedMs = service.options.methods.unaryStarted(row);
  }

  /** `payload` is copied. */
  reply(payload: Uint8Array): void {
    this.ended(Code.OK);
    this.call.reply(payload);
  }

  fail(error: Pick<EtcdError, 'grpc' | 'message'>): void {
    this.ended(error.grpc);
    this.call.end(error.grpc, error.message);
  }

  /** Counts the end. Whoever went away before counts as gone, whatever the answer would have been. */
  ended(code: number): void {
    const counted = this.call.cancelled ? this.#codeOfGone() : code;
    this.service.options.methods.unaryEnded(this.#row, counted, this.#startedMs);
  }

  #codeOfGone(): number {
    const isLate = this.service.options.clock.nowMs() >= this.call.deadlineMs;
    return isLate ? Code.DeadlineExceeded : Code.Canceled;
  }
}
