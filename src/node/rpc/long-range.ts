/**
 * A Range under way: prepared in slices, then answered in one piece or, when it is long, in parts that leave as fast as its
 * reader takes them. Promises: all of it is of one revision; what is held for it is one part and what the connection
 * buffers; the revision is given back whichever way it ends.
 *
 *   preparing -> short: one reply
 *             -> begun: header, parts of kvs …, tail -> ended      a full connection waits for onDrain
 */
import type { PartSource } from '../../wire/contract.ts';
import { Code } from '../../wire/status.ts';
import type { RangeCursor } from '../state/state.ts';
import { type RangeReply, tailBytes } from './range-reply.ts';
import type { Sliced, Slices } from './slices.ts';
import { damage, type UnaryCall } from './unary-call.ts';

/** Keys looked at in one slice: about 0.3 ms. */
const keysPerSlice = 1_000;

export class LongRange implements Sliced, PartSource {
  readonly #call: UnaryCall;
  readonly #cursor: RangeCursor;
  readonly #reply: RangeReply;
  readonly #revision: number;
  readonly #slices: Slices;
  #begun = false;
  #over = false;

  constructor(call: UnaryCall, cursor: RangeCursor, reply: RangeReply, revision: number, slices: Slices) {
    this.#call = call;
    this.#cursor = cursor;
    this.#reply = reply;
    this.#revision = revision;
    this.#slices = slices;
  }

  slice(): boolean {
    if (this.#over) return false;
    if (this.#call.call.cancelled) return this.#end(Code.Canceled);
    try {
      return this.#begun ? this.#sendPart() : this.#prepare();
    } catch (thrown) {
      return this.#fail(thrown);
    }
  }

  onDrain(): void {
    if (!this.#over) this.#slices.add(this);
  }

  onCancel(): void {
    this.#end(Code.Canceled);
  }

  #prepare(): boolean {
    if (!this.#cursor.prepare(keysPerSlice)) return true;
    const whole = this.#reply.whole(this.#revision, this.#cursor);
    if (whole === null) return this.#begin();
    this.#over = true;
    this.#cursor.close();
    this.#call.reply(whole);
    return false;
  }

  #begin(): boolean {
    this.#begun = true;
    const { call } = this.#call;
    const head = this.#reply.head(this.#revision);
    call.beginMessage(head.length + this.#cursor.encodedBytes + tailBytes(this.#cursor), this);
    return call.sendPart(head);
  }

  #sendPart(): boolean {
    const part = this.#reply.part(this.#cursor);
    return part === null ? this.#finish() : this.#call.call.sendPart(part);
  }

  #finish(): boolean {
    const { call } = this.#call;
    call.sendPart(this.#reply.tail(this.#cursor));
    this.#end(Code.OK);
    call.end(Code.OK, '');
    return false;
  }

  /** What was sent is cut short, so that nobody takes it for an answer. */
  #fail(thrown: unknown): boolean {
    const error = damage(thrown);
    this.#end(error.grpc);
    this.#call.call.end(error.grpc, error.message);
    return false;
  }

  #end(code: number): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#cursor.close();
    this.#call.ended(code);
    return false;
  }
}
