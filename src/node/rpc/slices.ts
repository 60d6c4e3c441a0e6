/**
 * Long work cut into slices: every turn of the event loop gives a few milliseconds to what waits here, one slice each in
 * turn, so that a listing of 100 MB delays nobody else by more than that.
 */
import type { Clock } from '../ports.ts';

export interface Sliced {
  /** Works for well under a millisecond. True: there is more to do at once. */
  slice(): boolean;
}

/** All slices of a turn together. Beside it, a turn serves all other requests that came meanwhile. */
const turnMs = 2;

export class Slices {
  readonly #clock: Clock;
  readonly #run = (): void => this.#turn();
  #waiting: Sliced[] = [];
  #scheduled = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins, or goes on, in a later turn. Each piece of work is added once until its slice says false. */
  add(work: Sliced): void {
    this.#waiting.push(work);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#clock.soon(this.#run);
  }

  #turn(): void {
    this.#scheduled = false;
    const endMs = this.#clock.nowMs() + turnMs;
    while (this.#waiting.length > 0) {
      const round = this.#waiting;
      this.#waiting = [];
      for (let i = 0; i < round.length; i++) {
        if (this.#clock.nowMs() >= endMs) return this.#putOff(round, i);
        if (round[i]!.slice()) this.#waiting.push(round[i]!);
      }
    }
  }

  /** The rest of the round is first in the next turn. */
  #putOff(round: readonly Sliced[], from: number): void {
    this.#waiting = [...round.slice(from), ...this.#waiting];
    this.#schedule();
  }
}
