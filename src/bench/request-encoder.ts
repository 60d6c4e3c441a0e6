/** From a planned request to the bytes of its message: one reusable buffer, one request at a time. */
import { KV } from '../api/methods.ts';
import { prefixEnd } from '../base/bytes.ts';
import { operationKinds } from './operation-mix.ts';
import type { Plan } from './plan.ts';
import type { MixEntry } from './workload.ts';

export class RequestEncoder {
  /** Of the request encoded last: the method's path, the index of its kind, how many keys it puts. */
  method = '';
  kind = 0;
  puts = 0;
  readonly #plan: Plan;
  readonly #prefix: Uint8Array;

  constructor(plan: Plan, prefix: Uint8Array) {
    this.#plan = plan;
    this.#prefix = prefix;
  }

  /** The message of request `index`, valid until the next call. */
  encode(index: number): Uint8Array {
    const entry = this.#plan.operation(index);
    this.kind = operationKinds.indexOf(entry.op);
    this.puts = entry.op === 'put' ? 1 : entry.op === 'txn' ? entry.puts : 0;
    return this.#encode(entry, index);
  }

  /** The kind of request `index`, without its bytes. */
  kindOf(index: number): number {
    return operationKinds.indexOf(this.#plan.operation(index).op);
  }

  #encode(entry: MixEntry, index: number): Uint8Array {
    switch (entry.op) {
      case 'put':
        this.method = KV.Put.path;
        return KV.Put.request.encode({ key: this.#key(index, 0), value: this.#value(index, 0) });
      case 'range':
        this.method = KV.Range.path;
        return this.#range(entry, index);
      case 'delete':
        this.method = KV.DeleteRange.path;
        return KV.DeleteRange.request.encode({ key: this.#key(index, 0) });
      case 'txn':
        this.method = KV.Txn.path;
        return this.#txn(entry.puts, index);
    }
  }

  #range(entry: Extract<MixEntry, { op: 'range' }>, index: number): Uint8Array {
    const { serializable, limit } = entry;
    if (entry.span === 'key') return KV.Range.request.encode({ key: this.#key(index, 0), serializable, limit });
    return KV.Range.request.encode({ key: this.#prefix, range_end: prefixEnd(this.#prefix), serializable, limit });
  }

  #txn(puts: number, index: number): Uint8Array {
    const success = [];
    for (let sub = 0; sub < puts; sub++) {
      const value = { key: this.#key(index, sub), value: this.#value(index, sub) };
      success.push({ request: { $case: 'request_put' as const, value } });
    }
    const compare = { result: 1 as const, target: 0 as const, key: this.#key(index, 0) };
    const target_union = { $case: 'version' as const, value: -1 };
    return KV.Txn.request.encode({ compare: [{ ...compare, target_union }], success });
  }

  #key(index: number, sub: number): Uint8Array {
    const key = new Uint8Array(this.#plan.keys.bytesMax);
    return key.subarray(0, this.#plan.keys.write(key, 0, this.#plan.keyNumber(index, sub)));
  }

  #value(index: number, sub: number): Uint8Array {
    const value = new Uint8Array(this.#plan.valueBytes(index, sub));
    this.#plan.writeValue(value, 0, index, sub);
    return value;
  }
}
