/** What a key index means, in plain maps and arrays: the other side of the property tests. */
import type { StoredRecord } from '../../../../src/node/state/key-index.ts';

export class ModelIndex {
  /** By key as latin1 text, which sorts as its bytes do; oldest revision first. */
  readonly #keys = new Map<string, StoredRecord[]>();
  #sorted: string[] | null = null;

  get keyCount(): number {
    return this.#keys.size;
  }

  get sortedKeys(): readonly string[] {
    return (this.#sorted ??= [...this.#keys.keys()].sort((a, b) => (a < b ? -1 : 1)));
  }

  history(key: string): readonly StoredRecord[] {
    return this.#keys.get(key) ?? [];
  }

  exists(key: string): boolean {
    const newest = this.history(key).at(-1);
    return newest !== undefined && !newest.isTombstone;
  }

  change(key: string, main: number, sub: number, isTombstone: boolean, valueBytes: number): StoredRecord {
    const before = this.history(key).at(-1);
    const isFirst = before === undefined || before.isTombstone;
    const createRevision = isTombstone ? 0 : isFirst ? main : before.createRevision;
    const version = isTombstone ? 0 : isFirst ? 1 : before.version + 1;
    const record = { main, sub, isTombstone, valueBytes, createRevision, version };
    this.restore(key, record);
    return record;
  }

  restore(key: string, record: StoredRecord): void {
    if (!this.#keys.has(key)) this.#sorted = null;
    this.#keys.set(key, [...this.history(key), record]);
  }

  at(key: string, revision: number): StoredRecord | null {
    const newest = this.history(key).findLast(({ main }) => main <= revision);
    return newest === undefined || newest.isTombstone ? null : newest;
  }

  /** Answers what is removed. */
  compact(revision: number): StoredRecord[] {
    return this.sortedKeys.flatMap((key) => this.#compactKey(key, revision));
  }

  #compactKey(key: string, revision: number): StoredRecord[] {
    const history = this.history(key);
    const newestBelow = history.findLastIndex(({ main }) => main <= revision);
    const newest = history[newestBelow];
    if (newest === undefined) return [];
    const from = newest.isTombstone && newest.main < revision ? newestBelow + 1 : newestBelow;
    if (from < history.length) this.#keys.set(key, history.slice(from));
    else {
      this.#keys.delete(key);
      this.#sorted = null;
    }
    return history.slice(0, from);
  }
}
