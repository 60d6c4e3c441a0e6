/** Time that passes when a test says so: turns of an event loop and timers, in one order that never varies. */
import type { Clock, Timer } from '../../src/node/ports.ts';

interface Alarm {
  readonly atMs: number;
  readonly callback: () => void;
}

export class MemoryClock implements Clock {
  #nowMs = 0;
  #soon: (() => void)[] = [];
  readonly #alarms: Alarm[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return 1_700_000_000_000 + this.#nowMs;
  }

  after(delayMs: number, callback: () => void): Timer {
    const alarm = { atMs: this.#nowMs + delayMs, callback };
    const at = this.#alarms.findIndex((each) => each.atMs > alarm.atMs);
    this.#alarms.splice(at < 0 ? this.#alarms.length : at, 0, alarm);
    return {
      cancel: () => {
        const place = this.#alarms.indexOf(alarm);
        if (place >= 0) this.#alarms.splice(place, 1);
      },
    };
  }

  soon(callback: () => void): void {
    this.#soon.push(callback);
  }

  /** The end of this turn of the event loop. */
  turn(): void {
    const callbacks = this.#soon;
    this.#soon = [];
    for (const callback of callbacks) callback();
  }

  /** Turns until nothing waits for one. */
  settle(): void {
    while (this.#soon.length > 0) this.turn();
  }

  /** Lets time pass, with everything that is due in it. */
  pass(ms: number): void {
    const endMs = this.#nowMs + ms;
    this.settle();
    for (;;) {
      const next = this.#alarms[0];
      if (next === undefined || next.atMs > endMs) break;
      this.#alarms.shift();
      this.#nowMs = next.atMs;
      next.callback();
      this.settle();
    }
    this.#nowMs = endMs;
  }
}
