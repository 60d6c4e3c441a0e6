/**
 * Lets so many in at a time, in the order in which they came: for work that holds memory for as long as it takes. Who
 * waits outside holds nothing.
 */
export interface Guest {
  /** It is inside now, and `leave` must follow. */
  onAdmitted(): void;
}

export class Turnstile {
  readonly #insideMax: number;
  #inside = 0;
  /** Bounded by the calls that are open. */
  readonly #waiting: Guest[] = [];

  constructor(insideMax: number) {
    this.#insideMax = insideMax;
  }

  /** True: it is inside. False: it will be, once others have left. */
  enter(guest: Guest): boolean {
    if (this.#inside === this.#insideMax) {
      this.#waiting.push(guest);
      return false;
    }
    this.#inside++;
    return true;
  }

  /** Its place goes to whoever waits longest. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#inside--;
    else next.onAdmitted();
  }
}
