import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/base/random.ts';
import { KeyArena } from '../../../../src/node/state/key-index/key-arena.ts';
import { KeyHints } from '../../../../src/node/state/key-index/key-hints.ts';
import { Probe } from '../../../../src/node/state/key-index/probe.ts';
import { RowTable } from '../../../../src/node/state/key-index/row-table.ts';
import { slotWords } from '../../../../src/node/state/key-index/slot-row.ts';

/** Hints over an arena with so many keys of eight bytes; what `hashOf` answers stands for the probe's own hash. */
class Hinted {
  readonly slots = new RowTable(slotWords);
  readonly arena = new KeyArena(this.slots);
  readonly hints = new KeyHints(this.arena);
  readonly probe = new Probe();
  readonly #hashOf: (hash: number) => number;

  constructor(hashOf: (hash: number) => number) {
    this.#hashOf = hashOf;
  }

  add(number: number): void {
    const key = this.#read(number);
    const slot = this.slots.allocate();
    expect(slot).toBe(number);
    this.arena.addProbed(slot, this.probe, key, 0);
    this.hints.put(this.probe.hash, slot);
  }

  find(number: number): number {
    return this.hints.find(this.probe, this.#read(number), 0);
  }

  remove(number: number): void {
    this.#read(number);
    this.hints.remove(this.probe.hash, number);
  }

  #read(number: number): Uint8Array {
    const key = Buffer.from(String(number).padStart(8, '0'));
    this.probe.read(key, 0, key.length);
    this.probe.hash = this.#hashOf(this.probe.hash);
    return key;
  }
}

describe('hints', () => {
  it('know nearly all keys while they grow, and never a wrong one', () => {
    const hinted = new Hinted((hash) => hash);
    const count = 40_000;
    for (let i = 0; i < count; i++) hinted.add(i);
    let known = 0;
    for (let i = 0; i < count; i++) {
      const found = hinted.find(i);
      if (found >= 0) known++;
      if (found >= 0 && found !== i) expect.fail(`${i} is not ${found}`);
    }
    expect(known).toBeGreaterThan(count * 0.95);
    expect(hinted.hints.heldBytes / count).toBeLessThan(40);
  });

  it.each([
    { what: 'all hashes are equal', hashOf: () => 0x7fffffff, known: 8 },
    { what: 'only their lowest bits differ', hashOf: (hash: number) => hash & 255, known: 1280 },
    { what: 'only their highest bits differ', hashOf: (hash: number) => hash & ~0xfff, known: 8 },
  ])('stay small when $what', ({ hashOf, known }) => {
    const hinted = new Hinted(hashOf);
    for (let i = 0; i < 5_000; i++) hinted.add(i);
    expect(hinted.hints.heldBytes / 5_000).toBeLessThan(80);
    const found = Array.from({ length: 5_000 }, (_, i) => hinted.find(i)).filter((slot, i) => slot === i).length;
    expect(found).toBeGreaterThanOrEqual(known);
  });

  it('forget a slot that is removed, however often it comes back', () => {
    const hinted = new Hinted((hash) => hash);
    const random = createRandom(2);
    for (let i = 0; i < 100; i++) hinted.add(i);
    for (let round = 0; round < 10_000; round++) {
      const number = random.below(100);
      hinted.remove(number);
      expect(hinted.find(number)).toBe(-1);
      hinted.find((number + 1) % 100);
      hinted.hints.put(hintHash(number), number);
      expect(hinted.find(number)).toBe(number);
    }
  });
});

function hintHash(number: number): number {
  const probe = new Probe();
  const key = Buffer.from(String(number).padStart(8, '0'));
  probe.read(key, 0, key.length);
  return probe.hash;
}
