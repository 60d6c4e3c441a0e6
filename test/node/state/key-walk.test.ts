import { describe, expect, it } from 'vitest';
import { utf8, utf8Text } from '../../../src/base/bytes.ts';
import { ArenaKeyIndex } from '../../../src/node/state/key-index/arena-key-index.ts';
import { KeyWalk } from '../../../src/node/state/key-walk.ts';

/** All walks are at this revision, at which `a` is deleted. */
const revision = 8;

class Keys {
  readonly index = new ArenaKeyIndex();
  #revision = 1;

  constructor() {
    for (const key of ['a', 'b', 'c', 'd', 'e']) this.change(key);
    this.change('a', true);
    this.change('b');
  }

  change(name: string, isTombstone = false): void {
    const key = utf8(name);
    this.index.append(this.index.ensure(key, 0, key.length), ++this.#revision, 0, isTombstone, 1);
  }

  /** The place of the deleted key goes to a new one, far behind it. */
  reuse(): void {
    this.index.compact(revision, 0, 1_000, () => undefined);
    this.change('z');
  }
}

describe('a walk', () => {
  it.each([
    { key: 'a', rangeEnd: '\0', found: 'bcde' },
    { key: 'a', rangeEnd: 'd', found: 'bc' },
    { key: 'aa', rangeEnd: 'c', found: 'b' },
    { key: 'a', rangeEnd: 'aa', found: '' },
    { key: 'd', rangeEnd: 'b', found: '' },
    { key: 'b', rangeEnd: '', found: 'b' },
    { key: 'c', rangeEnd: '', found: 'c' },
    { key: 'a', rangeEnd: '', found: '' },
    { key: 'x', rangeEnd: '', found: '' },
  ])('from $key to [$rangeEnd] that pauses everywhere finds [$found], again and again', ({ key, rangeEnd, found }) => {
    const keys = new Keys();
    const walk = new KeyWalk(keys.index, utf8(key), utf8(rangeEnd), revision);
    keys.reuse();
    for (let round = 0; round < 2; round++) {
      let texts = '';
      for (walk.resume(); !walk.atEnd; walk.resume()) {
        walk.pause();
        walk.resume();
        if (walk.step()) texts += utf8Text(keys.index.key(walk.slot));
        walk.pause();
      }
      expect(texts).toBe(found);
      walk.restart();
    }
  });

  it('that restarts keeps nothing of the index as it was', () => {
    const keys = new Keys();
    const walk = new KeyWalk(keys.index, utf8('a'), utf8('d'), revision);
    expect(walk.next()).toBe(true);
    walk.restart();
    keys.reuse();
    expect(walk.next()).toBe(true);
    expect(utf8Text(keys.index.key(walk.slot))).toBe('b');
  });
});
