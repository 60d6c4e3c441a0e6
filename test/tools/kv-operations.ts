/**
 * Random requests to the KV service, drawn from one seed: few keys, so that they meet; ranges, transactions and
 * compactions around the current revision; and in every numeric field now and then an extreme of its type.
 */
import { KV, type UnaryMethod } from '../../src/api/methods.ts';
import type { PutRequest, RangeRequest, RequestOp, TxnRequest } from '../../src/api/gen/etcdserverpb/kv.ts';
import type { DeepPartial } from '../../src/api/message.ts';
import { utf8 } from '../../src/base/bytes.ts';
import type { Random } from '../../src/base/random.ts';

export interface Operation {
  /** `Put`, `Range` … */
  readonly name: string;
  readonly method: UnaryMethod<never, unknown>;
  readonly request: object;
}

/** What the next request may lean on. */
export interface StoreRevisions {
  readonly current: number;
  readonly compacted: number;
}

/** With the odd ones at most 12, which Go sorts by insertion, and so equals stay in the order of their keys. */
const keys = ['a', 'aa', 'ab', 'b', 'c/1', 'c/2', 'd', 'k0', 'k1'].map(utf8);
const oddKeys = [Uint8Array.of(0), Uint8Array.of(255), Uint8Array.of(97, 0), utf8('')];
const extremes = [0n, 1n, -1n, 2n ** 31n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)];

export class OperationSource {
  readonly #random: Random;
  #nth = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  next(revisions: StoreRevisions): Operation {
    this.#nth++;
    const roll = this.#random.below(1_000);
    if (roll < 350) return operation('Put', KV.Put, this.#put(true));
    if (roll < 650) return operation('Range', KV.Range, { ...this.#range(revisions), ...this.#oddSort() });
    if (roll < 760) return operation('DeleteRange', KV.DeleteRange, this.#delete());
    if (roll < 985) return operation('Txn', KV.Txn, this.#txn(revisions, 0));
    return operation('Compact', KV.Compact, {
      revision: this.#chance(3)
        ? this.#revision(revisions)
        : Math.max(revisions.compacted + 1, revisions.current - this.#random.below(200)),
      physical: this.#chance(2),
    });
  }

  /**
   * `mayIgnore`: ignore_value and ignore_lease need a key that exists. Behind a delete of the same transaction they end a
   * 3.4 ("unexpected error during txn"), so they stand only where nothing came before.
   */
  #put(mayIgnore: boolean): DeepPartial<PutRequest> {
    return {
      key: this.#key(),
      value: this.#value(),
      lease: this.#chance(40) ? this.#extreme() : 0n,
      prev_kv: this.#chance(3),
      ...(mayIgnore && this.#chance(10) ? { ignore_value: true, ...(this.#chance(3) ? {} : { value: utf8('') }) } : {}),
      ...(mayIgnore && this.#chance(10) ? { ignore_lease: true } : {}),
    };
  }

  #range(revisions: StoreRevisions): DeepPartial<RangeRequest> {
    return {
      ...this.#span(),
      limit: this.#number(3, () => this.#random.below(6)),
      revision: this.#chance(2) ? 0 : this.#revision(revisions),
      sort_order: this.#random.below(3),
      sort_target: this.#random.below(5),
      serializable: this.#chance(3),
      keys_only: this.#chance(5),
      count_only: this.#chance(8),
      min_mod_revision: this.#filter(revisions),
      max_mod_revision: this.#filter(revisions),
      min_create_revision: this.#filter(revisions),
      max_create_revision: this.#filter(revisions),
    } as DeepPartial<RangeRequest>;
  }

  #delete(): object {
    return { ...this.#span(), prev_kv: this.#chance(2) };
  }

  #txn(revisions: StoreRevisions, depth: number): DeepPartial<TxnRequest> {
    return {
      compare: this.#several(3, () => this.#compare(revisions)),
      success: this.#several(4, (nth) => this.#requestOp(revisions, depth, nth === 0)),
      failure: this.#several(4, (nth) => this.#requestOp(revisions, depth, nth === 0)),
    };
  }

  #requestOp(revisions: StoreRevisions, depth: number, isFirst: boolean): RequestOp {
    const roll = this.#random.below(20);
    const op = (name: string, value: object): RequestOp => ({ request: { $case: name, value } }) as RequestOp;
    if (roll < 8) return op('request_put', this.#put(isFirst && depth === 0));
    if (roll < 13) return op('request_range', this.#range(revisions));
    if (roll < 16) return op('request_delete_range', this.#delete());
    if (roll < 19 && depth < 2) return op('request_txn', this.#txn(revisions, depth + 1));
    return this.#chance(4) ? { request: undefined } : op('request_put', this.#put(isFirst && depth === 0));
  }

  #compare(revisions: StoreRevisions): object {
    const [target, union] = this.#pick([
      [0, { $case: 'version', value: this.#number(10, () => this.#random.below(4)) }],
      [1, { $case: 'create_revision', value: this.#revision(revisions) }],
      [2, { $case: 'mod_revision', value: this.#revision(revisions) }],
      [3, { $case: 'value', value: this.#value() }],
      [4, { $case: 'lease', value: this.#chance(3) ? this.#extreme() : 0n }],
    ] as const);
    const odd = this.#chance(25);
    return {
      result: this.#random.below(4),
      target: odd ? this.#random.below(5) : target,
      target_union: odd && this.#chance(2) ? undefined : union,
      ...(this.#chance(3) ? this.#span() : { key: this.#key() }),
    };
  }

  /** One key, a range of some kind, or one that is upside down. */
  #span(): { key: Uint8Array; range_end: Uint8Array } {
    const key = this.#key();
    const range_end = this.#pick([
      utf8(''),
      utf8(''),
      Uint8Array.of(0),
      this.#pick(keys),
      utf8('d'),
      Uint8Array.of(...key, 0),
    ]);
    return this.#chance(12) ? { key: Uint8Array.of(0), range_end: Uint8Array.of(0) } : { key, range_end };
  }

  #key(): Uint8Array {
    return this.#chance(60) ? this.#pick(oddKeys) : this.#pick(keys);
  }

  #value(): Uint8Array {
    const length = this.#chance(30) ? 2_000 : this.#random.below(4);
    return this.#chance(3) ? utf8(`v${this.#nth % 3}`) : new Uint8Array(length).fill(this.#nth);
  }

  #revision({ current, compacted }: StoreRevisions): number {
    return this.#number(12, () => {
      if (this.#chance(10)) return current + this.#random.below(3);
      if (this.#chance(10)) return compacted + this.#random.below(3) - 1;
      return Math.max(0, current - this.#random.below(60));
    });
  }

  #filter(revisions: StoreRevisions): number {
    return this.#chance(6) ? this.#revision(revisions) : 0;
  }

  /** One time in `rarity` an extreme; the codecs write what fits 64 bits, number or bigint. */
  #number(rarity: number, usual: () => number): number {
    return this.#chance(rarity * 4) ? (this.#extreme() as unknown as number) : usual();
  }

  #extreme(): bigint {
    return this.#pick(extremes);
  }

  /**
   * A number that no sort order has: not inside a transaction, as what one release refuses another carries out; and no
   * such sort target, which ends a 3.4 by a nil pointer.
   */
  #oddSort(): object {
    return this.#chance(25) ? { sort_order: this.#pick([-1, 3, 2 ** 31 - 1, -(2 ** 31)]) } : {};
  }

  #several<T>(max: number, make: (nth: number) => T): T[] {
    return Array.from({ length: this.#random.below(max + 1) }, (_, nth) => make(nth));
  }

  #chance(oneIn: number): boolean {
    return this.#random.below(oneIn) === 0;
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random.below(list.length)]!;
  }
}

function operation<Request, Response>(
  name: string,
  method: UnaryMethod<Request, Response>,
  request: DeepPartial<Request>,
): Operation {
  return { name, method: method as unknown as UnaryMethod<never, unknown>, request: request as object };
}
