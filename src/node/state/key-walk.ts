/**
 * The keys of a range that exist at one revision, in byte order. A walk may pause and go on in a later turn, when the index
 * has changed: it remembers the key where it was, as slots may have been reused. A new walk, and one that restarts, is
 * paused at its first key.
 */
import { compareBytes, copyBytes } from '../../base/bytes.ts';
import type { KeyIndex } from './key-index.ts';

export class KeyWalk {
  /** Where it stands, after `next` answered true. */
  slot = -1;
  record = -1;
  readonly #index: KeyIndex;
  readonly #key: Uint8Array;
  readonly #rangeEnd: Uint8Array;
  readonly #isSingle: boolean;
  readonly #isOpen: boolean;
  readonly #revision: number;
  /** The slot to look at next, and the first one after the range; equal at the end. Of this turn. */
  #next = -1;
  #end = -1;
  /** The key to go on from when it is paused, else null. */
  #place: Uint8Array | null;

  /** Range ends as etcd has them: empty is the one key, `\0` is to the end. Both arrays must stay as they are. */
  constructor(index: KeyIndex, key: Uint8Array, rangeEnd: Uint8Array, revision: number) {
    this.#index = index;
    this.#key = key;
    this.#rangeEnd = rangeEnd;
    this.#isSingle = rangeEnd.length === 0;
    this.#isOpen = rangeEnd.length === 1 && rangeEnd[0] === 0;
    this.#revision = revision;
    this.#place = key;
  }

  restart(): void {
    this.#place = this.#key;
  }

  /** Known once it is resumed. */
  get atEnd(): boolean {
    return this.#place === null && this.#next === this.#end;
  }

  /** Looks at one key; true when it exists at the revision. Only resumed, and before the end. */
  step(): boolean {
    this.slot = this.#next;
    this.#next = this.#isSingle ? -1 : this.#index.next(this.slot);
    this.record = this.#index.recordAt(this.slot, this.#revision);
    return this.record >= 0;
  }

  /** To the next key that exists; false at the end. */
  next(): boolean {
    this.resume();
    while (!this.atEnd) if (this.step()) return true;
    return false;
  }

  /** Before the end of a turn. */
  pause(): void {
    if (this.#place !== null || this.atEnd) return;
    this.#place = copyBytes(this.#index.key(this.#next));
  }

  /** At its beginning, before anything else. */
  resume(): void {
    if (this.#place === null) return;
    this.#seek(this.#place);
    this.#place = null;
  }

  #seek(place: Uint8Array): void {
    const index = this.#index;
    const rangeEnd = this.#rangeEnd;
    this.#end = this.#isSingle || this.#isOpen ? -1 : index.seek(rangeEnd, 0, rangeEnd.length);
    if (this.#isSingle) this.#next = index.find(place, 0, place.length);
    else if (this.#isOpen || compareBytes(place, rangeEnd) < 0) this.#next = index.seek(place, 0, place.length);
    else this.#next = this.#end;
  }
}
