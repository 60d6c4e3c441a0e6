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
      steps: fc.constantFrom(30, 300, 2000),
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
      { numRuns: 12 },
    );
  });

  it('loses nothing when all keys come and go in any order', () => {
    const random = createRandom(7);
    const pair = new Pair();
    for (let i = 0; i < 2000; i++) pair.change(draw(random, 2500), false);
    pair.checkAll();
    for (let i = 0; i < 3000; i++) pair.change(draw(random, 2500), true);
    pair.startCompaction(pair.revision);
    pair.checkAll();
    for (let i = 0; i < 500; i++) pair.change(draw(random, 2500), false);
    pair.checkAll();
    for (const key of pair.model.sortedKeys) pair.change(key, true);
    pair.revision++;
    pair.startCompaction(pair.revision);
    pair.checkAll();
    expect(pair.index.keyCount).toBe(0);
  });
});

/** Puts numbered keys of one size; answers the next revision. */
function fill(index: ArenaKeyIndex, keys: Iterable<string>, from: number): number {
  let revision = from;
  for (const key of keys) index.append(index.ensure(bytesOf(key), 0, key.length), ++revision, 0, false, 100);
  return revision;
}

function removeAll(index: ArenaKeyIndex, keys: Iterable<string>, from: number): number {
  let revision = from;
  for (const key of keys) index.append(index.find(bytesOf(key), 0, key.length), ++revision, 0, true, 0);
  revision++;
  for (let cursor = 0; cursor >= 0;) cursor = index.compact(revision, cursor, 1000, () => undefined);
  return revision;
}

function numbered(count: number, bytes: number, seed: number): string[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, i) => `${random.uint32()}/${i}`.padEnd(bytes, '.'));
}

describe('memory', () => {
  it('is some dozen bytes above the keys, for a million of them and for few', () => {
    const index = new ArenaKeyIndex();
    fill(index, numbered(50_000, 256, 1), 1);
    expect(index.heldBytes / 50_000).toBeLessThan(256 + 144);
    expect(new ArenaKeyIndex().heldBytes).toBeLessThan(2_000_000);
  });

  it.each([
    { what: 'small keys', bytes: 24, count: 20_000 },
    { what: 'keys of a quarter of a chunk', bytes: 65_000, count: 60 },
    { what: 'keys with chunks of their own', bytes: 300_000, count: 20 },
  ])('stays what it was after rounds of $what that come and go', ({ bytes, count }) => {
    const index = new ArenaKeyIndex();
    let revision = 1;
    let heldBytes = 0;
    for (let round = 0; round < 6; round++) {
      const keys = numbered(count, bytes + round, round);
      revision = removeAll(index, keys, fill(index, keys, revision));
      if (round === 1) heldBytes = index.heldBytes;
    }
    expect(index.keyCount).toBe(0);
    expect(index.heldBytes).toBeLessThanOrEqual(heldBytes * 1.1);
  });

  it('wastes at most half when few of many keys are left, and those keep their bytes', () => {
    const index = new ArenaKeyIndex();
    const keys = numbered(8_000, 500, 3);
    const left = keys.filter((_, i) => i % 10 === 0);
    const before = index.heldBytes;
    const revision = fill(index, keys, 1);
    removeAll(
      index,
      keys.filter((_, i) => i % 10 !== 0),
      revision,
    );
    const heldKeyBytes = index.heldBytes - before - 8_000 * 200;
    expect(heldKeyBytes).toBeLessThan(2 * left.length * 508 + 5 * 256 * 1024);
    expect(keysOf(index)).toEqual(left.sort());
  });

  it('of removed revisions is used again', () => {
    const index = new ArenaKeyIndex();
    let revision = 1;
    let heldBytes = 0;
    for (let round = 0; round < 10; round++) {
      revision = fill(index, Array<string>(5_000).fill('hot'), revision);
      for (let cursor = 0; cursor >= 0;) cursor = index.compact(revision, cursor, 100, () => undefined);
      if (round === 1) heldBytes = index.heldBytes;
    }
    expect(index.heldBytes).toBe(heldBytes);
    expect(index.version(index.newest(index.find(bytesOf('hot'), 0, 3)))).toBe(50_000);
  });
});

describe('a key', () => {
  it.each([1, 255, 256, 257, 65_528, 65_529, 1 << 20])(
    'of %i bytes is found among those that differ from it',
    (size) => {
      const index = new ArenaKeyIndex();
      const base = 'k'.repeat(size - 1);
      const keys = [`${base}a`, `${base}b`, `${base}b\x00`, `${base}`, `a${base}`, `z${base}`].filter(
        (key) => key !== '',
      );
      const slots = keys.map((key) => index.ensure(bytesOf(key), 0, key.length));
      expect(keys.map((key) => index.find(bytesOf(key), 0, key.length))).toEqual(slots);
      expect(index.find(bytesOf(`${base}c`), 0, size)).toBe(-1);
      expect(keysOf(index)).toEqual([...new Set(keys)].sort((a, b) => (a < b ? -1 : 1)));
      const copy = Buffer.alloc(size + 2);
      expect(index.copyKey(slots[0]!, copy, 1)).toBe(size + 1);
      expect(copy.toString('latin1', 1, size + 1)).toBe(keys[0]);
    },
  );

  it('may be put before those that go on with zeros, and be removed again', () => {
    const index = new ArenaKeyIndex();
    const longer = Array.from({ length: 120 }, (_, i) => `a\x00\x00${String.fromCharCode(33 + i)}`);
    const keys = [...longer, ...longer.map((key) => `b${key}`), 'a', 'a\x00', 'ba'];
    const revision = fill(index, keys, 1);
    expect(keysOf(index)).toEqual([...keys].sort((a, b) => (a < b ? -1 : 1)));
    const later = removeAll(index, ['a', 'ba', 'a\x00'], revision);
    removeAll(index, [...longer, ...longer.map((key) => `b${key}`)], later);
    expect(keysOf(index)).toEqual([]);
  });

  it('may be empty', () => {
    const index = new ArenaKeyIndex();
    const slot = index.ensure(bytesOf('a'), 0, 0);
    index.ensure(bytesOf('a'), 0, 1);
    expect(index.find(bytesOf('b'), 1, 1)).toBe(slot);
    expect(keysOf(index)).toEqual(['', 'a']);
  });
});

describe('revisions of one key', () => {
  it('are found at any time, while the oldest go again and again', () => {
    const index = new ArenaKeyIndex();
    const slot = index.ensure(bytesOf('hot'), 0, 3);
    const random = createRandom(5);
    let compacted = 0;
    for (let main = 1; main <= 30_000; main++) {
      index.append(slot, main * 2, 0, false, 0);
      if (main % 997 === 0) {
        compacted = Math.max(compacted, main * 2 - random.below(5_000));
        for (let cursor = 0; cursor >= 0;) cursor = index.compact(compacted, cursor, 500, () => undefined);
      }
      const revision = Math.max(2, compacted + random.below(main * 2 - compacted + 1));
      const record = index.recordAt(slot, revision);
      if (index.main(record) !== revision - (revision % 2)) expect.fail(`${revision} of ${main * 2}`);
    }
    expect(index.recordAt(slot, compacted - 2)).toBe(-1);
  });

  it('have subs of which a read sees the last, and reach 2^53', () => {
    const index = new ArenaKeyIndex();
    const slot = index.ensure(bytesOf('k'), 0, 1);
    const late = Number.MAX_SAFE_INTEGER - 1;
    index.append(slot, late, 0, false, 1);
    const second = index.append(slot, late, 4_000_000_000, false, 2 ** 31 - 1);
    expect(index.recordAt(slot, late)).toBe(second);
    expect(index.recordAt(slot, late - 1)).toBe(-1);
    const expected = { main: late, sub: 4_000_000_000, isTombstone: false, createRevision: late, version: 2 };
    expect(recordOf(index, second)).toEqual({ ...expected, valueBytes: 2 ** 31 - 1 });
  });

  it('go on from what was restored', () => {
    const index = new ArenaKeyIndex();
    const slot = index.ensure(bytesOf('k'), 0, 1);
    index.restore(slot, { main: 9, sub: 1, isTombstone: false, createRevision: 3, version: 5, valueBytes: 7 });
    const next = index.append(slot, 10, 0, false, 8);
    expect(recordOf(index, next)).toMatchObject({ createRevision: 3, version: 6 });
    const other = index.ensure(bytesOf('l'), 0, 1);
    index.restore(other, { main: 9, sub: 2, isTombstone: true, createRevision: 0, version: 0, valueBytes: 0 });
    expect(index.recordAt(other, 10)).toBe(-1);
    const again = index.append(other, 11, 0, false, 8);
    expect(recordOf(index, again)).toMatchObject({ createRevision: 11, version: 1 });
  });

  it('must ascend, and only what exists is deleted', () => {
    const index = new ArenaKeyIndex();
    const slot = index.ensure(bytesOf('k'), 0, 1);
    expect(() => index.append(slot, 1, 0, true, 0)).toThrow('only what exists is deleted');
    index.append(slot, 5, 1, false, 0);
    expect(() => index.append(slot, 5, 1, false, 0)).toThrow('ascend');
    expect(() => index.append(slot, 4, 2, false, 0)).toThrow('ascend');
  });
});

/** What a read sees of these revisions; `!` is a tombstone. */
function seen(revisions: readonly string[], at: number): string | null {
  const newest = revisions.findLast((text) => parseInt(text) <= at);
  return newest === undefined || newest.endsWith('!') ? null : newest;
}

/** Semantics of compaction, one key each. */
it.each([
  { history: '2 3 4', at: 1, left: '2 3 4' },
  { history: '2 3 4', at: 3, left: '3 4' },
  { history: '2 3 4', at: 9, left: '4' },
  { history: '2 3!', at: 3, left: '3!' },
  { history: '2 3!', at: 4, left: '' },
  { history: '2 3! 5', at: 4, left: '5' },
  { history: '2 3! 5', at: 3, left: '3! 5' },
  { history: '2 3! 5 6! 8', at: 7, left: '8' },
  { history: '2 3! 5 6! 8', at: 5, left: '5 6! 8' },
  { history: '2 3! 5 6 7!', at: 8, left: '' },
  { history: '5', at: 5, left: '5' },
])('a compaction of $history to $at leaves [$left]', ({ history, at, left }) => {
  const index = new ArenaKeyIndex();
  const slot = index.ensure(bytesOf('k'), 0, 1);
  const revisions = history.split(' ');
  for (const text of revisions) index.append(slot, parseInt(text), 0, text.endsWith('!'), 0);
  const removed: string[] = [];
  const onRemoved = (main: number, _sub: number, isTombstone: boolean) =>
    removed.push(`${main}${isTombstone ? '!' : ''}`);
  for (let cursor = 0; cursor >= 0;) cursor = index.compact(at, cursor, 1, onRemoved);
  expect(revisions.filter((text) => !removed.includes(text)).join(' ')).toBe(left);
  expect(index.find(bytesOf('k'), 0, 1)).toBe(left === '' ? -1 : slot);
  for (let told = 1; told < removed.length; told++) {
    const stored = revisions.filter((text) => !removed.slice(0, told).includes(text));
    for (let revision = at; revision < 10; revision++) expect(seen(stored, revision)).toBe(seen(revisions, revision));
  }
});
