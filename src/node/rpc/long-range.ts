/**
 * A Range under way: prepared in slices, then answered in one piece or, when it is long, in parts that leave as fast as its
 * reader takes them. Promises: all of it is of one revision; what is held for it is one part and what the connection
 * buffers, and the order of what is sorted or filtered, for a bounded number at a time; the revision is given back
 * whichever way it ends.
 *
 *   waiting -> open -> prepared -> short: one reply
 *                               -> begun: header, parts of kvs …, tail -> ended     a full connection waits for onDrain
 */
import type { PartSource } from '../../wire/contract.ts';
import { Code } from '../../wire/status.ts';
import { etcdErrors, type EtcdError, isError } from '../../api/errors.ts';
import type { Clock } from '../ports.ts';
import { hasFilter } from '../state/range-query.ts';
import type { MvccView, RangeCursor, RangeQuery } from '../state/state.ts';
import { type RangeReply, tailBytes } from './range-reply.ts';
import type { Sliced, Slices } from './slices.ts';
import { type Guest, Turnstile } from './turnstile.ts';
import { damage, type UnaryCall } from './unary-call.ts';

/** Keys looked at in one slice: about 0.3 ms. */
const keysPerSlice = 1_000;

/**
 * How long a reader may take over a list that a compaction has passed: what it still sees cannot be removed, and a reader that
 * takes a little now and then would fill the quota. As long as apiservers let pass between two compactions.
 */
const heldUpMsMax = 300_000;

/** Ranges that are sorted or filtered at one time: each remembers 8 to 16 bytes for each of its keys. */
const collectingMax = 64;

/** What all ranges share. */
export class Ranges {
  readonly reply: RangeReply;
  readonly slices: Slices;
  readonly clock: Clock;
  readonly collecting = new Turnstile(collectingMax);

  constructor(reply: RangeReply, slices: Slices, clock: Clock) {
    this.reply = reply;
    this.slices = slices;
    this.clock = clock;
  }
}

export class LongRange implements Sliced, Guest, PartSource {
  readonly #call: UnaryCall;
  readonly #mvcc: MvccView;
  readonly #query: RangeQuery;
  readonly #ranges: Ranges;
  readonly #collects: boolean;
  #admitted: boolean;
  #cursor: RangeCursor | null = null;
  #revision = 0;
  #begun = false;
  #beganMs = 0;
  #over = false;

  constructor(call: UnaryCall, mvcc: MvccView, query: RangeQuery, ranges: Ranges) {
    this.#call = call;
    this.#mvcc = mvcc;
    this.#query = query;
    this.#ranges = ranges;
    this.#collects = collects(query);
    this.#admitted = !this.#collects;
  }

  slice(): boolean {
    if (this.#over) return false;
    if (this.#call.call.cancelled) return this.#end(Code.Canceled);
    try {
      return this.#step();
    } catch (thrown) {
      return this.#cut(damage(thrown));
    }
  }

  onAdmitted(): void {
    this.#admitted = true;
    this.#ranges.slices.add(this);
  }

  dropIfGone(): boolean {
    if (this.#call.call.cancelled) this.#end(Code.Canceled);
    return this.#over;
  }

  onDrain(): void {
    if (!this.#over) this.#ranges.slices.add(this);
  }

  onCancel(): void {
    this.#end(Code.Canceled);
  }

  #step(): boolean {
    if (this.#cursor !== null) return this.#begun ? this.#sendPart(this.#cursor) : this.#prepare(this.#cursor);
    if (!this.#admitted && !this.#ranges.collecting.enter(this)) return false;
    this.#admitted = true;
    return this.#open();
  }

  #open(): boolean {
    const cursor = this.#mvcc.openRange(this.#query);
    if (isError(cursor)) return this.#refuse(cursor);
    this.#cursor = cursor;
    this.#revision = this.#mvcc.revision;
    return this.#prepare(cursor);
  }

  #prepare(cursor: RangeCursor): boolean {
    if (!cursor.prepare(keysPerSlice)) return true;
    const whole = this.#ranges.reply.whole(this.#revision, cursor);
    if (whole === null) return this.#begin(cursor);
    this.#leave();
    this.#call.reply(whole);
    return false;
  }

  #begin(cursor: RangeCursor): boolean {
    this.#begun = true;
    this.#beganMs = this.#ranges.clock.nowMs();
    const { call } = this.#call;
    const head = this.#ranges.reply.head(this.#revision);
    call.beginMessage(head.length + cursor.encodedBytes + tailBytes(cursor), this);
    return call.sendPart(head);
  }

  #sendPart(cursor: RangeCursor): boolean {
    if (this.#holdsUpCompaction()) return this.#cut(etcdErrors.COMPACTED);
    const part = this.#ranges.reply.part(cursor);
    return part === null ? this.#finish(cursor) : this.#call.call.sendPart(part);
  }

  #finish(cursor: RangeCursor): boolean {
    const { call } = this.#call;
    call.sendPart(this.#ranges.reply.tail(cursor));
    this.#end(Code.OK);
    call.end(Code.OK, '');
    return false;
  }

  #refuse(error: EtcdError): boolean {
    this.#leave();
    this.#call.fail(error);
    return false;
  }

  #holdsUpCompaction(): boolean {
    const revision = this.#query.revision > 0 ? this.#query.revision : this.#revision;
    return revision < this.#mvcc.compactedRevision && this.#ranges.clock.nowMs() - this.#beganMs > heldUpMsMax;
  }

  /** What was sent is cut short, so that nobody takes it for an answer. */
  #cut(error: Pick<EtcdError, 'grpc' | 'message'>): boolean {
    this.#end(error.grpc);
    this.#call.call.end(error.grpc, error.message);
    return false;
  }

  #end(code: number): boolean {
    if (this.#over) return false;
    this.#leave();
    this.#call.ended(code);
    return false;
  }

  /** What was held is given back. */
  #leave(): void {
    this.#over = true;
    this.#cursor?.close();
    if (this.#collects && this.#admitted) this.#ranges.collecting.leave();
  }
}

/** Whether more than a place in the order of keys has to be remembered. */
function collects(query: RangeQuery): boolean {
  if (query.countOnly) return false;
  return query.sortOrder !== 'none' || query.sortTarget !== 'key' || hasFilter(query);
}
