/**
 * Range. One key as it is now, the hot path of reads, is answered from its stored bytes in one piece. Every other range is
 * served in slices and, when it is long, sent in parts (long-range.ts).
 */
import type { EtcdError } from '../../api/errors.ts';
import { GetRequestReader } from '../../api/hot/get-request-reader.ts';
import type { RangeRequest } from '../../api/gen/etcdserverpb/kv.ts';
import { KV } from '../../api/methods.ts';
import type { ServerCall, UnaryHandler } from '../../wire/contract.ts';
import type { Reader } from '../requests.ts';
import { rangeQueryOf } from '../state/range-query.ts';
import { KeyArena } from './key-arena.ts';
import { LongRange, Ranges } from './long-range.ts';
import { RangeReply } from './range-reply.ts';
import { rangeFault } from './request-rules.ts';
import { refuseMalformed, type Service } from './service.ts';
import type { Slices } from './slices.ts';
import { damage, UnaryCall } from './unary-call.ts';

/** One key, waiting for leave to read. */
class GetCall extends UnaryCall implements Reader {
  readonly #reply: RangeReply;
  readonly #block: Uint8Array;
  readonly #keyStart: number;
  readonly #keyEnd: number;

  /** Asks for the key that `keys` was given last. */
  constructor(service: Service, row: number, call: ServerCall, reply: RangeReply, keys: KeyArena) {
    super(service, row, call);
    this.#reply = reply;
    this.#block = keys.block;
    this.#keyStart = keys.start;
    this.#keyEnd = keys.end;
  }

  onReadable(): void {
    const { mvcc } = this.service.requests.state;
    try {
      const found = mvcc.newest(this.#block, this.#keyStart, this.#keyEnd);
      this.reply(this.#reply.one(mvcc.revision, found));
    } catch (thrown) {
      this.fail(damage(thrown));
    }
  }

  onFailed(error: EtcdError): void {
    this.fail(error);
  }
}

class RangeCall extends UnaryCall implements Reader {
  readonly #request: RangeRequest;
  readonly #ranges: Ranges;

  constructor(service: Service, row: number, call: ServerCall, ranges: Ranges, request: RangeRequest) {
    super(service, row, call);
    this.#ranges = ranges;
    this.#request = request;
  }

  /** Not in this turn: a thousand may be readable at once. */
  onReadable(): void {
    const { mvcc } = this.service.requests.state;
    this.#ranges.slices.add(new LongRange(this, mvcc, rangeQueryOf(this.#request), this.#ranges));
  }

  onFailed(error: EtcdError): void {
    this.fail(error);
  }
}

export function rangeHandler(service: Service, slices: Slices): UnaryHandler {
  const reader = new GetRequestReader();
  const keys = new KeyArena();
  const ranges = new Ranges(new RangeReply(service.header), slices, service.options.clock);
  const row = service.rowOf(KV.Range);
  const { requests } = service;

  function serveRange(call: ServerCall, bytes: Uint8Array): void {
    const request = KV.Range.request.decode(bytes);
    if (!service.admits(call)) return;
    const range = new RangeCall(service, row, call, ranges, request);
    const fault = rangeFault(request);
    if (fault !== null) range.fail(fault);
    else if (request.serializable) range.onReadable();
    else requests.readIndex(range);
  }

  return (call, bytes) => {
    try {
      reader.read(bytes);
      if (!reader.isPlain || reader.keyEnd === reader.keyStart) return serveRange(call, bytes);
    } catch (thrown) {
      return refuseMalformed(call, thrown);
    }
    if (!service.admits(call)) return;
    keys.keep(bytes, reader.keyStart, reader.keyEnd);
    const get = new GetCall(service, row, call, ranges.reply, keys);
    if (reader.serializable) get.onReadable();
    else requests.readIndex(get);
  };
}
