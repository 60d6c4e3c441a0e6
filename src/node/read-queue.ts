/**
 * Linearizable reads: all that have come when a round begins share its read index; one round at a time, so that what
 * waits is bounded by who asks.
 *
 *   waiting --begin--> asked --confirmed at index--> applied that far: readable
 *      ^------------- refused: no leader ------'
 */
import type { Reader } from './requests.ts';

export class ReadQueue {
  #waiting = new ReadBatch();
  #asked = new ReadBatch();
  /** Of the round under way; never used twice. */
  #id = 0;
  #underWay = false;
  /** What the round was answered with; -1 before. */
  #index = -1;

  get size(): number {
    return this.#waiting.size + this.#asked.size;
  }

  /** Somebody waits and no round is under way. */
  get wantsRound(): boolean {
    return !this.#underWay && this.#waiting.size > 0;
  }

  push(reader: Reader, deadlineMs: number): void {
    this.#waiting.push(reader, deadlineMs);
  }

  /** Answers the new round's id. */
  begin(): number {
    this.#swap();
    this.#underWay = true;
    this.#index = -1;
    return ++this.#id;
  }

  confirmed(id: number, index: number): void {
    if (id === this.#id && this.#underWay) this.#index = index;
  }

  /** The round comes to nothing: whoever was in it waits for the next, ahead of the others. */
  refused(id: number): void {
    if (id !== this.#id || !this.#underWay) return;
    this.#underWay = false;
    this.#asked.append(this.#waiting);
    this.#waiting.clear();
    this.#swap();
  }

  /** Lets the round's readers read if everything up to its index is applied. */
  release(appliedIndex: number): void {
    if (this.#index < 0 || appliedIndex < this.#index) return;
    this.#index = -1;
    this.#underWay = false;
    this.#asked.answer();
  }

  #swap(): void {
    const asked = this.#asked;
    this.#asked = this.#waiting;
    this.#waiting = asked;
  }

  /** Those whose time is up. */
  expire(nowMs: number, onExpired: (reader: Reader) => void): void {
    this.#asked.expire(nowMs, onExpired);
    this.#waiting.expire(nowMs, onExpired);
  }
}

/** Readers in the order of their deadlines. */
class ReadBatch {
  readonly #readers: Reader[] = [];
  readonly #deadlinesMs: number[] = [];

  get size(): number {
    return this.#readers.length;
  }

  push(reader: Reader, deadlineMs: number): void {
    this.#readers.push(reader);
    this.#deadlinesMs.push(deadlineMs);
  }

  append(other: ReadBatch): void {
    for (let i = 0; i < other.#readers.length; i++) this.push(other.#readers[i]!, other.#deadlinesMs[i]!);
  }

  clear(): void {
    this.#readers.length = 0;
    this.#deadlinesMs.length = 0;
  }

  /** New readers may come meanwhile, but not to this batch. */
  answer(): void {
    for (let i = 0; i < this.#readers.length; i++) this.#readers[i]!.onReadable();
    this.clear();
  }

  expire(nowMs: number, onExpired: (reader: Reader) => void): void {
    let count = 0;
    while (count < this.#readers.length && this.#deadlinesMs[count]! <= nowMs) count++;
    if (count === 0) return;
    this.#deadlinesMs.splice(0, count);
    for (const reader of this.#readers.splice(0, count)) onExpired(reader);
  }
}
