/**
 * Why a run should end early: a signal (Ctrl-C is one), or the death of our parent, which is how SIGTERM to `npx` looks from
 * here (it dies and tells nobody).
 *
 *   running --first--> `stop` aborts: end the load, clean up --second--> `abandon` aborts: say what is left, leave
 *
 * Promises: after `watch` no signal ends the process by itself. `release` gives the signals back.
 */
import { readFileSync } from 'node:fs';
import { systemCodeOf } from '../base/failure.ts';

/** A new parent is noticed this soon. */
const parentPollMs = 100;
/** Ctrl-C reaches `npx` and us, and npx passes its own copy on: the same keystroke must not count twice. */
const sameKeystrokeMs = 500;

/** The reason of an interrupt that no signal told us about. */
export const parentDeath = 'the death of the parent process';

/** All that ask a process to end and can be answered; unanswered, each ends it. */
export const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

export class Interrupts {
  readonly #stop = new AbortController();
  readonly #abandon = new AbortController();
  readonly #now: () => number;
  readonly #parents: () => string | null;
  readonly #parentsAtBirth: string | null;
  readonly #onSignal: (signal: NodeJS.Signals) => void;
  #poll: NodeJS.Timeout | null = null;
  #reason: string | null = null;
  #watching = false;
  #firstMs = 0;

  /**
   * `now` is the monotonic clock in ms. `parents` names those whose life we share, or is null when it cannot tell just now;
   * another name is their death.
   */
  constructor(now: () => number, parents: () => string | null = parentsOf) {
    this.#now = now;
    this.#parents = parents;
    this.#parentsAtBirth = parents();
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

  /** One of `signals`, or `parentDeath`; null while nothing happened. */
  get reason(): string | null {
    return this.#reason;
  }

  /** Between `watch` and `release`. */
  get watching(): boolean {
    return this.#watching;
  }

  /**
   * From now on, until `release`. A parent that died since the construction is noticed too, unless `parents` is false: a
   * server goes on when the script that started it has ended.
   */
  watch({ parents = true } = {}): void {
    this.#watching = true;
    for (const signal of signals) process.on(signal, this.#onSignal);
    if (!parents) return;
    this.#poll = setInterval(() => {
      const now = this.#parents();
      if (now === null || now === this.#parentsAtBirth) return;
      this.#endPoll();
      this.note(parentDeath);
    }, parentPollMs);
    this.#poll.unref();
  }

  release(): void {
    this.#watching = false;
    for (const signal of signals) process.removeListener(signal, this.#onSignal);
    this.#endPoll();
  }

  /** One interrupt. A dead parent after a signal is the same wish again, not a second one. */
  note(reason: string): void {
    if (this.#reason === null) {
      this.#reason = reason;
      this.#firstMs = this.#now();
      this.#stop.abort();
    } else if (reason !== parentDeath && this.#now() - this.#firstMs > sameKeystrokeMs) {
      this.#abandon.abort();
    }
  }

  #endPoll(): void {
    if (this.#poll !== null) clearInterval(this.#poll);
    this.#poll = null;
  }
}

/**
 * Our parent, and under npm (`npx`, `npm run`) its parent too: npm runs a command through a shell, which stays when npm is
 * killed. Elsewhere the grandparent is none of our business: a script goes on when the terminal that started it is closed.
 */
export function parentsOf(): string | null {
  const parent = process.ppid;
  if (process.env['npm_command'] === undefined) return String(parent);
  const grandparent = parentOf(parent);
  return grandparent === null ? null : `${parent} ${grandparent}`;
}

/** From /proc/PID/stat: the fourth field, after a name in parentheses that may hold anything (proc(5)). */
function parentOf(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[1] ?? '';
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'EMFILE') return null; // a thousand connections of ours are no death of anybody
    return ''; // no /proc on this system, or the parent has just gone, which the caller sees by itself
  }
}
