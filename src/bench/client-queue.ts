/** A ring of client numbers, first in first out: requests go over all connections in turn. Holds each client once. */
import { assert } from '../base/assert.ts';

export class ClientQueue {
  readonly #ring: Int32Array;
  #head = 0;
  #count = 0;

  constructor(capacity: number) {
    this.#ring = new Int32Array(capacity);
  }

  get count(): number {
    return this.#count;
  }

  /** The one that `shift` would give; only when there is one. */
  get first(): number {
    return this.#ring[this.#head]!;
  }

  push(client: number): void {
    assert(this.#count < this.#ring.length, 'no client is queued twice');
    let tail = this.#head + this.#count;
    if (tail >= this.#ring.length) tail -= this.#ring.length;
    this.#ring[tail] = client;
    this.#count++;
  }

  shift(): number {
    assert(this.#count > 0, 'a client is free');
    const client = this.#ring[this.#head]!;
    this.#head = this.#head + 1 === this.#ring.length ? 0 : this.#head + 1;
    this.#count--;
    return client;
  }
}
