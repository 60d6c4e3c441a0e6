/**
 * Bytes that peers make us hold, counted twice: per connection (`ByteAccount`) and over all that share a `ByteBudget`.
 * Counting never fails; whoever is about to take on more work asks `exhausted` first and refuses.
 */

/** One for the process, shared by its connections. */
export class ByteBudget {
  readonly bytesMax: number;
  usedBytes = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  get exhausted(): boolean {
    return this.usedBytes >= this.bytesMax;
  }
}

/** One for each connection. Closing it gives back whatever is still charged. */
export class ByteAccount {
  usedBytes = 0;
  readonly #bytesMax: number;
  readonly #shared: ByteBudget;
  #closed = false;

  constructor(bytesMax: number, shared: ByteBudget) {
    this.#bytesMax = bytesMax;
    this.#shared = shared;
  }

  charge(bytes: number): void {
    if (this.#closed) return;
    this.usedBytes += bytes;
    this.#shared.usedBytes += bytes;
  }

  release(bytes: number): void {
    if (this.#closed) return;
    this.usedBytes -= bytes;
    this.#shared.usedBytes -= bytes;
  }

  /** Whether to refuse more work for this peer, or for any. */
  get exhausted(): boolean {
    return this.usedBytes >= this.#bytesMax || this.#shared.exhausted;
  }

  close(): void {
    this.release(this.usedBytes);
    this.#closed = true;
  }
}
