/** One rate limit at work: tokens that frames spend and time gives back. */
import type { RateLimit } from './limits.ts';

export class TokenBucket {
  readonly #limit: RateLimit;
  #tokens: number;
  #filledMs: number;

  constructor(limit: RateLimit, nowMs: number) {
    this.#limit = limit;
    this.#tokens = limit.burst;
    this.#filledMs = nowMs;
  }

  /** Takes one token; false when there is none. */
  spend(nowMs: number): boolean {
    if (nowMs !== this.#filledMs) this.#refill(nowMs);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Gives tokens that something other than time has earned. */
  give(tokens: number): void {
    this.#tokens = Math.min(this.#limit.burst, this.#tokens + tokens);
  }

  #refill(nowMs: number): void {
    const earned = ((nowMs - this.#filledMs) * this.#limit.perSec) / 1000;
    this.#filledMs = nowMs;
    this.#tokens = Math.min(this.#limit.burst, this.#tokens + earned);
  }
}
