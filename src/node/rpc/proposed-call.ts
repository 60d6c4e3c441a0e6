/** A call off the hot path that waits for its entry: answered from what applying it said. */
import type { EtcdError } from '../../api/errors.ts';
import { assert } from '../../base/assert.ts';
import type { Applied, AppliedResponse } from '../state/state.ts';
import type { Proposer } from '../requests.ts';
import type { UnaryCall } from './unary-call.ts';

type Answers = { [R in AppliedResponse as R['kind']]: R['response'] };

/** Makes the answer's bytes; `revision` is the store's after the entry. */
export type EncodeAnswer<K extends keyof Answers> = (response: Answers[K], revision: number) => Uint8Array;

export class ProposedCall<K extends keyof Answers> implements Proposer {
  readonly #call: UnaryCall;
  readonly #kind: K;
  readonly #encode: EncodeAnswer<K>;

  constructor(call: UnaryCall, kind: K, encode: EncodeAnswer<K>) {
    this.#call = call;
    this.#kind = kind;
    this.#encode = encode;
  }

  onApplied(applied: Applied): void {
    if (applied.error !== null) return this.#call.fail(applied.error);
    this.#call.reply(this.#encode(responseOf(applied, this.#kind), applied.revision));
  }

  onFailed(error: EtcdError): void {
    this.#call.fail(error);
  }
}

/** The answer of an entry that went well; what it must be is known from what was proposed. */
export function responseOf<K extends keyof Answers>(applied: Applied, kind: K): Answers[K] {
  assert(applied.response !== null && applied.response.kind === kind, 'an entry is answered in its own kind');
  return applied.response.response as Answers[K];
}
