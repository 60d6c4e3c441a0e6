/**
 * From a planned request to the bytes of its message: written by hand-made writers into one reusable buffer, the key and
 * the value straight to where they belong. Nothing is allocated while requests keep their length.
 */
import {
  compareBytes,
  putRequestBytes,
  rangeRequestBytes,
  txnPutBytes,
  writeCompareHead,
  writeFixed,
  writeKeyHead,
  writeTxnPutHead,
  writeValueHead,
} from '../api/hot/request-writer.ts';
import { KV } from '../api/methods.ts';
import { prefixEnd } from '../base/bytes.ts';
import { operationKinds } from './operation-mix.ts';
import { largestBytes } from './planned-bytes.ts';
import type { Plan } from './plan.ts';
import type { MixEntry, Workload } from './workload.ts';

/** A transaction's condition: the version is above -1, so "0 or more", which holds for every key and costs a lookup. */
const anyVersion = {
  result: 1, // GREATER
  target: 0, // VERSION
  target_union: { $case: 'version', value: -1 },
} as const;

export class RequestEncoder {
  /** Of the request encoded last: the method's path, the index of its kind, how many keys it puts. */
  method = '';
  kind = 0;
  puts = 0;
  readonly #plan: Plan;
  readonly #rows: readonly Row[];
  readonly #condition: Uint8Array;
  readonly #buffer: Uint8Array;
  /** The view handed out last, as most requests are as long as the one before. */
  #view: Uint8Array;

  constructor(workload: Workload, plan: Plan, prefix: Uint8Array) {
    this.#plan = plan;
    this.#rows = plan.mix.entries.map((entry) => rowOf(entry, prefix));
    // The codec would encode a message; a Compare is only ever part of one: cut the transaction's tag and length off.
    this.#condition = KV.Txn.request.encode({ compare: [anyVersion] }).subarray(2);
    this.#buffer = new Uint8Array(largestRequestBytes(workload, plan, this.#condition, this.#rows));
    this.#view = this.#buffer;
  }

  /** The message of request `index`, valid until the next call. */
  encode(index: number): Uint8Array {
    const row = this.#rows[this.#plan.entry(index)]!;
    this.kind = row.kind;
    this.method = row.method;
    this.puts = row.puts;
    const end = this.#write(row, index);
    if (this.#view.length !== end) this.#view = this.#buffer.subarray(0, end);
    return this.#view;
  }

  /** The kind of request `index`, without its bytes. */
  kindOf(index: number): number {
    return this.#rows[this.#plan.entry(index)]!.kind;
  }

  #write(row: Row, index: number): number {
    switch (row.op) {
      case 'put':
        return this.#writeValue(this.#writeKey(0, index, 0), index, 0);
      case 'txn':
        return this.#writeTxn(row.puts, index);
      case 'range':
      case 'delete':
        return row.whole === null
          ? writeFixed(this.#buffer, this.#writeKey(0, index, 0), row.fixed)
          : this.#copy(row.whole);
    }
  }

  #writeKey(at: number, index: number, sub: number): number {
    const number = this.#plan.keyNumber(index, sub);
    at = writeKeyHead(this.#buffer, at, this.#plan.keys.bytesOf(number));
    return at + this.#plan.keys.write(this.#buffer, at, number);
  }

  #writeValue(at: number, index: number, sub: number): number {
    at = writeValueHead(this.#buffer, at, this.#plan.valueBytes(index, sub));
    return at + this.#plan.writeValue(this.#buffer, at, index, sub);
  }

  #writeTxn(puts: number, index: number): number {
    const buffer = this.#buffer;
    const { keys } = this.#plan;
    const first = this.#plan.keyNumber(index, 0);
    let at = writeCompareHead(buffer, 0, keys.bytesOf(first), this.#condition);
    at += keys.write(buffer, at, first);
    for (let sub = 0; sub < puts; sub++) {
      const number = this.#plan.keyNumber(index, sub);
      at = writeTxnPutHead(buffer, at, keys.bytesOf(number), this.#plan.valueBytes(index, sub));
      at += keys.write(buffer, at, number);
      at = this.#writeValue(at, index, sub);
    }
    return at;
  }

  #copy(whole: Uint8Array): number {
    this.#buffer.set(whole);
    return whole.length;
  }
}

/** One entry of the mix with all that is the same for each of its requests. */
interface Row {
  readonly op: MixEntry['op'];
  readonly kind: number;
  readonly method: string;
  readonly puts: number;
  /** Fields after the key. */
  readonly fixed: Uint8Array;
  /** The message, when every request is the same: a listing of the prefix. */
  readonly whole: Uint8Array | null;
}

function rowOf(entry: MixEntry, prefix: Uint8Array): Row {
  const kind = operationKinds.indexOf(entry.op);
  const row = { op: entry.op, kind, puts: 0, fixed: new Uint8Array(0), whole: null };
  switch (entry.op) {
    case 'put':
      return { ...row, method: KV.Put.path, puts: 1 };
    case 'delete':
      return { ...row, method: KV.DeleteRange.path };
    case 'txn':
      return { ...row, method: KV.Txn.path, puts: entry.puts };
    case 'range':
      return { ...row, method: KV.Range.path, ...rangeParts(entry, prefix) };
  }
}

function rangeParts(
  { serializable, limit, span }: Extract<MixEntry, { op: 'range' }>,
  prefix: Uint8Array,
): { fixed: Uint8Array; whole: Uint8Array | null } {
  const fixed = KV.Range.request.encode({ serializable, limit });
  if (span === 'key') return { fixed, whole: null };
  return { fixed, whole: KV.Range.request.encode({ key: prefix, range_end: prefixEnd(prefix), serializable, limit }) };
}

function largestRequestBytes(workload: Workload, plan: Plan, condition: Uint8Array, rows: readonly Row[]): number {
  const keyBytes = plan.keys.bytesMax;
  const valueBytes = largestBytes(workload.values);
  const sizes = rows.map((row) => {
    if (row.whole !== null) return row.whole.length;
    if (row.op === 'put') return putRequestBytes(keyBytes, valueBytes);
    if (row.op === 'txn') return compareBytes(keyBytes, condition) + row.puts * txnPutBytes(keyBytes, valueBytes);
    return rangeRequestBytes(keyBytes, 0, row.fixed.length);
  });
  return Math.max(...sizes);
}
