/**
 * The keys of a range that exist at one revision, in byte order. A walk may pause and go on in a later turn, when the index
 * has changed: it remembers the key where it was, as slots may have been reused.
 */
import { compareBytes, emptyBytes } from '../../base/bytes.ts';
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
  /** The slot to look at next, and the first one after the range; equal at the end. */
  #next = -1;
  #end = -1;
  #paused = false;
  #place = emptyBytes;
  #placeBytes = 0;

  /** Range ends as etcd has them: empty is the one key, `\0` is to the end. Both arrays must stay as they are. */
  constructor(index: KeyIndex, key: Uint8Array, rangeEnd: Uint8Array, revision: number) {
    this.#index = index;
    this.#key = key;
    this.#rangeEnd = rangeEnd;
    this.#isSingle = rangeEnd.length === 0;
    this.#isOpen = rangeEnd.length === 1 && rangeEnd[0] === 0;
    this.#revision = revision;
    this.restart();
  }

  restart(): void {
    this.#paused = false;
    if (this.#isSingle) {
      this.#next = this.#index.find(this.#key, 0, this.#key.length);
    } else if (this.#isOpen || compareBytes(this.#key, this.#rangeEnd) < 0) {
      this.#seek(this.#key, this.#key.length);
    }
  }

  get atEnd(): boolean {
    return this.#next === this.#end;
  }

  /** Looks at one key; true when it exists at the revision. Only before the end. */
  step(): boolean {
    this.slot = this.#next;
    this.#next = this.#isSingle ? -1 : this.#index.next(this.slot);
    this.record = this.#index.recordAt(this.slot, this.#revision);
    return this.record >= 0;
  }

  /** To the next key that exists; false at the end. */
  next(): boolean {
    while (!this.atEnd) if (this.step()) return true;
    return false;
  }

  /** Before the end of a turn. */
  pause(): void {
    if (this.atEnd) return;
    this.#placeBytes = this.#index.keyLength(this.#next);
    if (this.#place.length < this.#placeBytes) this.#place = new Uint8Array(this.#placeBytes);
    this.#index.copyKey(this.#next, this.#place, 0);
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#seek(this.#place, this.#placeBytes);
  }

  #seek(from: Uint8Array, fromBytes: number): void {
    this.#next = this.#index.seek(from, 0, fromBytes);
    this.#end = this.#isOpen ? -1 : this.#index.seek(this.#rangeEnd, 0, this.#rangeEnd.length);
  }
}
