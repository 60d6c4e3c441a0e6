/**
 * Lets so many in at a time, in the order in which they came: for work that holds memory for as long as it takes. Who
 * waits outside holds nothing.
 */
export interface Guest {
  /** It is inside now, and `leave` must follow. */
  onAdmitted(): void;
  /** True: nobody waits for it any more; it has ended, and is not admitted. */
  dropIfGone(): boolean;
}

/** A line that is shorter is not looked through for those who have gone. */
const lineMin = 64;

export class Turnstile {
  readonly #insideMax: number;
  #inside = 0;
  /** At most twice those who have not gone, and a few. */
  #waiting: Guest[] = [];
  #lookThroughAt = lineMin;

  constructor(insideMax: number) {
    this.#insideMax = insideMax;
  }

  /** True: it is inside. False: it will be, once others have left. */
  enter(guest: Guest): boolean {
    if (this.#inside < this.#insideMax) {
      this.#inside++;
      return true;
    }
    if (this.#waiting.length >= this.#lookThroughAt) this.#lookThrough();
    this.#waiting.push(guest);
    return false;
  }

  /** Its place goes to whoever waits longest. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#inside--;
    else next.onAdmitted();
  }

  /** Clients that give up at once and come again would make the line as long as they like. */
  #lookThrough(): void {
    this.#waiting = this.#waiting.filter((guest) => !guest.dropIfGone());
    this.#lookThroughAt = Math.max(lineMin, 2 * this.#waiting.length);
  }
}
