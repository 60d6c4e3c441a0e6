import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../../../src/base/random.ts';
import type { KeyIndex, StoredRecord } from '../../../../src/node/state/key-index.ts';
import { ArenaKeyIndex } from '../../../../src/node/state/key-index/arena-key-index.ts';
import { ModelIndex } from './model.ts';

const bytesOf = (key: string) => Buffer.from(key, 'latin1');
const textOf = (key: Uint8Array) => Buffer.from(key).toString('latin1');

/** An index and its model, changed together. */
class Pair {
  readonly index = new ArenaKeyIndex();
  readonly model = new ModelIndex();
  revision = 1;
  compacted = 0;
  #cursor = -1;
  #expected: string[] = [];
  #removed: string[] = [];

  change(key: string, isTombstone: boolean): void {
    if (isTombstone && !this.model.exists(key)) return;
    this.revision++;
    const slot = this.ensure(key);
    const record = this.index.append(slot, this.revision, 0, isTombstone, key.length);
    expect(recordOf(this.index, record)).toEqual(this.model.change(key, this.revision, 0, isTombstone, key.length));
  }

  /** The key stands in the middle of other bytes, as it does in an entry. */
  ensure(key: string): number {
    return this.index.ensure(bytesOf(`<${key}>`), 1, key.length + 1);
  }

  find(key: string): number {
    return this.index.find(bytesOf(`<${key}>`), 1, key.length + 1);
  }

  startCompaction(revision: number): void {
    this.finishCompaction();
    if (revision <= this.compacted) return;
    this.compacted = revision;
    this.#expected = this.model.compact(revision).map(named);
    this.#removed = [];
    this.#cursor = 0;
  }

  slice(budget: number): void {
    if (this.#cursor < 0) return;
    let calls = 0;
    this.#cursor = this.index.compact(this.compacted, this.#cursor, budget, (main, sub, isTombstone) => {
      calls++;
      this.#removed.push(named({ main, sub, isTombstone }));
    });
    expect(calls).toBeLessThanOrEqual(budget);
  }

  finishCompaction(): void {
    while (this.#cursor >= 0) this.slice(1000);
    expect(this.#removed.sort()).toEqual(this.#expected.sort());
  }

  checkRead(key: string, revision: number): void {
    const slot = this.find(key);
    const record = slot < 0 ? -1 : this.index.recordAt(slot, revision);
    const found = record < 0 ? null : recordOf(this.index, record);
    expect(found).toEqual(this.model.at(key, revision));
  }

  checkSeek(key: string): void {
    const slot = this.index.seek(bytesOf(`<${key}>`), 1, key.length + 1);
    const expected = this.model.sortedKeys.find((other) => other >= key) ?? null;
    expect(slot < 0 ? null : textOf(this.index.key(slot))).toEqual(expected);
  }

  /** Everything there is, by every way to it. */
  checkAll(): void {
    this.finishCompaction();
    expect(this.index.keyCount).toBe(this.model.keyCount);
    expect(keysOf(this.index)).toEqual(this.model.sortedKeys);
    for (const key of this.model.sortedKeys) this.#checkKey(key);
  }

  #checkKey(key: string): void {
    const slot = this.find(key);
    expect(slot).toBeGreaterThanOrEqual(0);
    expect(this.index.keyLength(slot)).toBe(key.length);
    const history = this.model.history(key);
    expect(recordOf(this.index, this.index.newest(slot))).toEqual(history.at(-1));
    for (const { main } of history.slice(-20)) {
      this.checkRead(key, main);
      this.checkRead(key, main - 1);
    }
  }
}

function named({ main, sub, isTombstone }: Pick<StoredRecord, 'main' | 'sub' | 'isTombstone'>): string {
  return `${main}.${sub}${isTombstone ? 't' : ''}`;
}

function recordOf(index: KeyIndex, record: number): StoredRecord {
  return {
    main: index.main(record),
    sub: index.sub(record),
    isTombstone: index.isTombstone(record),
    createRevision: index.createRevision(record),
    version: index.version(record),
    valueBytes: index.valueBytes(record),
  };
}

function keysOf(index: KeyIndex): string[] {
  const keys: string[] = [];
  for (let slot = index.seek(new Uint8Array(0), 0, 0); slot >= 0; slot = index.next(slot))
    keys.push(textOf(index.key(slot)));
  return keys;
}

/** Families of keys that are hard on one or the other part of a tree. */
const families: Record<string, (random: Random, size: number) => string> = {
  'decimal numbers behind a prefix': (random, size) =>
    `/registry/pods/default/${String(random.below(size)).padStart(8, '0')}`,
  'the same letter, again and again': (random, size) => 'a'.repeat(1 + random.below(size)),
  'few bytes, extremes and zeros': (random) =>
    Array.from({ length: 1 + random.below(12) }, () => '\x00\x01a\xff'[random.below(4)]).join(''),
  'zeros only': (random, size) => '\x00'.repeat(1 + random.below(Math.min(size, 300))),
  'long runs before the difference': (random, size) =>
    'x'.repeat(random.below(2) * 500) + 'y'.repeat(400) + random.below(size).toString(36),
  'random bytes': (random) => {
    const bytes = Buffer.alloc(1 + random.below(40));
    random.fill(bytes);
    return textOf(bytes);
  },
  'prefixes of each other': (random, size) =>
    '/a/b/c/d/e/f/g/h/'.slice(0, 1 + random.below(17)) + String(random.below(size)).slice(0, random.below(4)),
};

describe.each(Object.keys(families))('an index of %s', (family) => {
  const draw = families[family]!;

  it('is what its model is, with old revisions, deletions and compactions in slices', () => {
    const shape = fc.record({
      seed: fc.integer({ min: 0, max: 2 ** 31 }),
      keys: fc.constantFrom(1, 10, 200, 3000),
      steps: fc.constantFrom(30, 300, 3000),
      deletions: fc.constantFrom(0, 0.2, 0.5, 0.8),
    });
    fc.assert(
      fc.property(shape, ({ seed, keys, steps, deletions }) => {
        const random = createRandom(seed);
        const pair = new Pair();
        for (let step = 0; step < steps; step++) {
          const chance = random.float();
          const key = draw(random, keys);
          if (chance < 0.7) pair.change(key, random.float() < deletions);
          else if (chance < 0.71) pair.startCompaction(1 + random.below(pair.revision));
          else if (chance < 0.8) pair.slice(1 + random.below(20));
          else pair.checkRead(key, pair.compacted + random.below(pair.revision - pair.compacted + 2));
        }
        pair.checkAll();
        for (let i = 0; i < 20; i++) pair.checkSeek(draw(random, keys));
        pair.startCompaction(pair.revision);
        pair.checkAll();
      }),
      { numRuns: 25 },
    );
  });

  it('loses nothing when all keys come and go in any order', () => {
    const random = createRandom(7);
    const pair = new Pair();
    for (let i = 0; i < 4000; i++) pair.change(draw(random, 5000), false);
    pair.checkAll();
    for (let i = 0; i < 6000; i++) pair.change(draw(random, 5000), true);
    pair.startCompaction(pair.revision);
    pair.checkAll();
    for (let i = 0; i < 500; i++) pair.change(draw(random, 5000), false);
    pair.checkAll();
    for (const key of pair.model.sortedKeys) pair.change(key, true);
    pair.revision++;
    pair.startCompaction(pair.revision);
    pair.checkAll();
    expect(pair.index.keyCount).toBe(0);
  });
});
