/**
 * Why a run should end early: Ctrl-C, SIGTERM, SIGHUP, or the death of our parent, which is how SIGTERM to `npx` looks
 * from here (it dies and tells nobody).
 *
 *   running --first--> `stop` aborts: end the load, clean up --second--> `abandon` aborts: say what is left, leave
 *
 * Promises: after `watch` no signal ends the process by itself. `release` gives the signals back.
 */

/** A new parent is noticed this soon. */
const parentPollMs = 100;
/** Ctrl-C reaches `npx` and us, and npx passes its own copy on: the same keystroke must not count twice. */
const sameKeystrokeMs = 500;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class Interrupts {
  readonly #stop = new AbortController();
  readonly #abandon = new AbortController();
  readonly #now: () => number;
  readonly #onSignal: (signal: NodeJS.Signals) => void;
  #poll: NodeJS.Timeout | null = null;
  #reason: string | null = null;
  #firstMs = 0;

  /** `now` is the monotonic clock in ms. */
  constructor(now: () => number) {
    this.#now = now;
    this.#onSignal = (signal) => this.note(signal);
  }

  /** Aborted by the first interrupt. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** Aborted by the second. */
  get abandon(): AbortSignal {
    return this.#abandon.signal;
  }

  /** `SIGINT`, `SIGTERM`, `SIGHUP` or `parent died`; null while nothing happened. */
  get reason(): string | null {
    return this.#reason;
  }

  /** From now on, until `release`. `parentId` tells the present parent's id. */
  watch(parentId: () => number = () => process.ppid): void {
    for (const signal of signals) process.on(signal, this.#onSignal);
    const parent = parentId();
    this.#poll = setInterval(() => {
      if (parentId() === parent) return;
      this.#endPoll();
      this.note('parent died');
    }, parentPollMs);
    this.#poll.unref();
  }

  release(): void {
    for (const signal of signals) process.removeListener(signal, this.#onSignal);
    this.#endPoll();
  }

  /** One interrupt. A dead parent after a signal is the same wish again, not a second one. */
  note(reason: string): void {
    if (this.#reason === null) {
      this.#reason = reason;
      this.#firstMs = this.#now();
      this.#stop.abort();
    } else if (reason !== 'parent died' && this.#now() - this.#firstMs > sameKeystrokeMs) {
      this.#abandon.abort();
    }
  }

  #endPoll(): void {
    if (this.#poll !== null) clearInterval(this.#poll);
    this.#poll = null;
  }
}
