/**
 * One valve for all that a process reads: while it is shut no socket is read, so that senders are held back by their own
 * flow control. Whoever feels the pressure shuts it; the listeners look at it after every chunk and wake their sockets
 * when it opens again.
 */
export class InputGate {
  #open = true;
  readonly #listeners = new Set<() => void>();

  get open(): boolean {
    return this.#open;
  }

  /** What was read already is still served; each socket reads at most one more chunk. */
  shut(): void {
    this.#open = false;
  }

  reopen(): void {
    if (this.#open) return;
    this.#open = true;
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` whenever it opens again, until `unwatch`. */
  watch(listener: () => void): void {
    this.#listeners.add(listener);
  }

  unwatch(listener: () => void): void {
    this.#listeners.delete(listener);
  }
}
