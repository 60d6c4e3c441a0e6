/**
 * What the store must do, as plainly as it can be written: one array of everything that ever happened, searched anew for
 * every question. Keys and values are strings here.
 */
import { etcdErrors, type EtcdErrorKey } from '../../../src/api/errors.ts';

export interface ModelKeyValue {
  readonly key: string;
  readonly value: string;
  readonly create_revision: number;
  readonly mod_revision: number;
  readonly version: number;
}

/** Value null is a tombstone. */
interface Change {
  readonly key: string;
  readonly value: string | null;
  readonly main: number;
}

export interface ModelPut {
  readonly key: string;
  readonly value: string;
  readonly prevKv: boolean;
  readonly ignoreValue: boolean;
  readonly ignoreLease: boolean;
  /** No lease exists, so any but 0 is an error. */
  readonly lease: number;
}

export interface ModelRange {
  readonly key: string;
  readonly rangeEnd: string;
  readonly revision: number;
  readonly limit: number;
  readonly sortOrder: 'none' | 'ascend' | 'descend';
  readonly sortTarget: 'key' | 'version' | 'create' | 'mod' | 'value';
  readonly keysOnly: boolean;
  readonly countOnly: boolean;
  readonly minModRevision: number;
  readonly maxModRevision: number;
  readonly minCreateRevision: number;
  readonly maxCreateRevision: number;
}

export interface ModelDelete {
  readonly key: string;
  readonly rangeEnd: string;
  readonly prevKv: boolean;
}

export interface ModelCompare {
  readonly key: string;
  readonly rangeEnd: string;
  readonly target: 'version' | 'create' | 'mod' | 'value' | 'lease';
  readonly result: 'equal' | 'greater' | 'less' | 'notEqual';
  /** Of numbers; for values its text. */
  readonly operand: number;
}

export type ModelOperation =
  | { readonly put: ModelPut }
  | { readonly range: ModelRange }
  | { readonly delete: ModelDelete }
  | { readonly txn: ModelTxn };

export interface ModelTxn {
  readonly compare: readonly ModelCompare[];
  readonly success: readonly ModelOperation[];
  readonly failure: readonly ModelOperation[];
}

export type ModelCommand =
  | { readonly put: ModelPut }
  | { readonly delete: ModelDelete }
  | { readonly txn: ModelTxn }
  | { readonly compact: number };

export interface ModelRangeAnswer {
  readonly count: number;
  readonly more: boolean;
  readonly kvs: readonly ModelKeyValue[];
}

export type ModelAnswer =
  | { readonly put: ModelKeyValue | null; readonly revision: number }
  | { readonly deleted: number; readonly previous: readonly ModelKeyValue[]; readonly revision: number }
  | { readonly range: ModelRangeAnswer; readonly revision: number }
  | { readonly succeeded: boolean; readonly responses: readonly ModelAnswer[]; readonly revision: number };

/** The name of an error is thrown as it is. */
export class Refused extends Error {
  readonly text: string;
  constructor(key: EtcdErrorKey) {
    super(key);
    this.text = etcdErrors[key].message;
  }
}

export class MvccModel {
  revision = 1;
  compacted = -1;
  readonly #history: Change[] = [];
  #entryChanged = false;

  /** Null for a compaction. */
  apply(command: ModelCommand): ModelAnswer | null {
    if ('compact' in command) return this.#compact(command.compact);
    if ('put' in command) this.#checkPut(command.put, ['lease', 'key']);
    const answer = 'txn' in command ? this.#txn(command.txn) : this.#execute(command);
    this.revision = this.#now;
    this.#entryChanged = false;
    return answer;
  }

  range(query: ModelRange): ModelRangeAnswer {
    const revision = query.revision > 0 ? query.revision : this.#now;
    if (revision > this.#now) throw new Refused('FUTURE_REV');
    if (revision < this.compacted) throw new Refused('COMPACTED');
    const all = this.#keysIn(query, revision);
    if (query.countOnly) return { count: all.length, more: false, kvs: [] };
    const passing = all.filter((each) => passes(query, each));
    const isFiltered = [
      query.minModRevision,
      query.maxModRevision,
      query.minCreateRevision,
      query.maxCreateRevision,
    ].some((bound) => bound !== 0);
    const isCut = query.limit > 0 && query.sortOrder === 'none' && !isFiltered;
    const sorted = inOrder(query, isCut ? passing.slice(0, query.limit + 1) : passing);
    const kvs = query.limit > 0 ? sorted.slice(0, query.limit) : sorted;
    return {
      count: all.length,
      more: kvs.length < sorted.length,
      kvs: kvs.map((each) => (query.keysOnly ? { ...each, value: '' } : each)),
    };
  }

  /** What a compaction that is carried out leaves in the backend: key, main revision, value. */
  get kept(): string[] {
    const newestAt = (key: string) =>
      this.#history.findLast((each) => each.key === key && each.main <= this.compacted) ?? null;
    const stays = (each: Change) =>
      each.main > this.compacted ||
      (each === newestAt(each.key) && (each.value !== null || each.main === this.compacted));
    return this.#history.filter(stays).map((each) => `${each.main} ${each.key} ${each.value ?? 'deleted'}`);
  }

  get #now(): number {
    return this.revision + (this.#entryChanged ? 1 : 0);
  }

  #compact(revision: number): null {
    if (revision <= this.compacted) throw new Refused('COMPACTED');
    if (revision > this.revision) throw new Refused('FUTURE_REV');
    this.compacted = revision;
    return null;
  }

  #txn(txn: ModelTxn): ModelAnswer {
    const chosen = new Map<ModelTxn, readonly ModelOperation[]>();
    this.#choose(txn, chosen);
    const operations = flattened(txn, chosen);
    for (const each of operations) if ('put' in each) this.#checkPut(each.put, ['key', 'lease']);
    for (const each of operations) if ('range' in each) this.#checkRevision(each.range.revision);
    return { ...this.#run(txn, chosen), revision: this.#now };
  }

  #choose(txn: ModelTxn, chosen: Map<ModelTxn, readonly ModelOperation[]>): void {
    const branch = txn.compare.every((each) => this.#holds(each)) ? txn.success : txn.failure;
    chosen.set(txn, branch);
    for (const each of branch) if ('txn' in each) this.#choose(each.txn, chosen);
  }

  #run(txn: ModelTxn, chosen: Map<ModelTxn, readonly ModelOperation[]>): ModelAnswer {
    const branch = chosen.get(txn)!;
    const responses = branch.map((each) => ('txn' in each ? this.#run(each.txn, chosen) : this.#execute(each)));
    return { succeeded: this.#succeeded(txn, branch), responses, revision: 0 };
  }

  /** Both branches may hold the same operations, never the same array. */
  #succeeded(txn: ModelTxn, branch: readonly ModelOperation[]): boolean {
    return branch === txn.success;
  }

  #execute(operation: Exclude<ModelOperation, { txn: ModelTxn }>): ModelAnswer {
    if ('range' in operation) return { range: this.range(operation.range), revision: this.#now };
    if ('put' in operation) return this.#put(operation.put);
    const keys = this.#keysIn(operation.delete, this.#now);
    for (const { key } of keys) this.#change(key, null);
    return { deleted: keys.length, previous: operation.delete.prevKv ? keys : [], revision: this.#now };
  }

  #put(put: ModelPut): ModelAnswer {
    const before = this.#get(put.key, this.#now);
    this.#change(put.key, put.ignoreValue ? (before?.value ?? put.value) : put.value);
    return { put: put.prevKv ? before : null, revision: this.#now };
  }

  #change(key: string, value: string | null): void {
    this.#history.push({ key, value, main: this.revision + 1 });
    this.#entryChanged = true;
  }

  #checkPut(put: ModelPut, order: readonly ('lease' | 'key')[]): void {
    const keeps = put.ignoreValue || put.ignoreLease;
    for (const what of order) {
      if (what === 'lease' && put.lease !== 0) throw new Refused('LEASE_NOT_FOUND');
      if (what === 'key' && keeps && this.#get(put.key, this.revision) === null) throw new Refused('KEY_NOT_FOUND');
    }
  }

  #checkRevision(revision: number): void {
    if (revision > this.revision) throw new Refused('FUTURE_REV');
    if (revision !== 0 && revision < this.compacted) throw new Refused('COMPACTED');
  }

  #holds(compare: ModelCompare): boolean {
    const keys = this.#keysIn(compare, this.revision);
    if (keys.length === 0) {
      return compare.target !== 'value' && resultHolds(compare.result, -compare.operand);
    }
    return keys.every((each) => resultHolds(compare.result, orderOf(compare, each)));
  }

  #get(key: string, revision: number): ModelKeyValue | null {
    const changes = this.#history.filter((each) => each.key === key && each.main <= revision);
    const generation = changes.slice(changes.findLastIndex((each) => each.value === null) + 1);
    const newest = generation.at(-1);
    if (newest === undefined) return null;
    return {
      key,
      value: newest.value!,
      create_revision: generation[0]!.main,
      mod_revision: newest.main,
      version: generation.length,
    };
  }

  #keysIn({ key, rangeEnd }: { key: string; rangeEnd: string }, revision: number): ModelKeyValue[] {
    const within = (each: string) =>
      rangeEnd === '' ? each === key : each >= key && (rangeEnd === '\0' || each < rangeEnd);
    const keys = [...new Set(this.#history.map((each) => each.key))].filter(within).sort();
    return keys.map((each) => this.#get(each, revision)).filter((each) => each !== null);
  }
}

function flattened(
  txn: ModelTxn,
  chosen: Map<ModelTxn, readonly ModelOperation[]>,
): Exclude<ModelOperation, { txn: ModelTxn }>[] {
  return chosen.get(txn)!.flatMap((each) => ('txn' in each ? flattened(each.txn, chosen) : [each]));
}

function passes(query: ModelRange, { mod_revision: mod, create_revision: create }: ModelKeyValue): boolean {
  if (query.minModRevision !== 0 && mod < query.minModRevision) return false;
  if (query.maxModRevision !== 0 && mod > query.maxModRevision) return false;
  if (query.minCreateRevision !== 0 && create < query.minCreateRevision) return false;
  return query.maxCreateRevision === 0 || create <= query.maxCreateRevision;
}

function inOrder({ sortOrder, sortTarget }: ModelRange, kvs: readonly ModelKeyValue[]): ModelKeyValue[] {
  const rank = {
    key: (each: ModelKeyValue) => each.key,
    version: (each: ModelKeyValue) => each.version,
    create: (each: ModelKeyValue) => each.create_revision,
    mod: (each: ModelKeyValue) => each.mod_revision,
    value: (each: ModelKeyValue) => each.value,
  }[sortTarget];
  const order = (a: ModelKeyValue, b: ModelKeyValue) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0);
  return [...kvs].sort(sortOrder === 'descend' ? (a, b) => order(b, a) : order);
}

function orderOf({ target, operand }: ModelCompare, kv: ModelKeyValue): number {
  switch (target) {
    case 'version':
      return kv.version - operand;
    case 'create':
      return kv.create_revision - operand;
    case 'mod':
      return kv.mod_revision - operand;
    case 'lease':
      return -operand;
    case 'value':
      return kv.value < String(operand) ? -1 : kv.value > String(operand) ? 1 : 0;
  }
}

function resultHolds(result: ModelCompare['result'], order: number): boolean {
  return { equal: order === 0, greater: order > 0, less: order < 0, notEqual: order !== 0 }[result];
}
