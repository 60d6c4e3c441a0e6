/**
 * Knocks at lanes when requests are due: one thread that does nothing else, as a timer of an event loop is 0.6 to 1.1 ms
 * late and a sleep in Atomics.wait 0.1 to 0.2 ms.
 *
 * Promises: the schedule is absolute, so being late once delays nothing that comes after; at high rates it knocks at most
 * once in half a millisecond, for all that is due by then; returns soon after it was stopped.
 * Only a hint: a lane reads the clock and the plan itself, so a knock too many or too late changes no intended time.
 */
import type { Schedule } from './arrival.ts';

/**
 * A knock costs the lane a turn of its event loop, some 20 µs. At 15,000 requests per second, half a millisecond makes
 * that 3 µs per request, and the batches of 7 are written together; the price is a quarter of a millisecond of slip.
 */
export const knockIntervalUs = 500;

export interface Pace {
  readonly schedule: Schedule;
  readonly startUs: number;
  readonly lanes: number;
}

/** What a pacer needs of the world. */
export interface PacerWorld {
  nowUs(): number;
  /** Sleeps about `us`; true when the pacer was stopped meanwhile. */
  sleep(us: number): boolean;
  knock(lane: number): void;
}

/** Paces one phase; returns at the end of its schedule, or when it was stopped. */
export function pace({ schedule, startUs, lanes }: Pace, world: PacerWorld): void {
  let index = 0;
  let dueUs = startUs + schedule.timeUs(0);
  let knockedUs = -Infinity;
  while (dueUs !== Infinity) {
    const nowUs = world.nowUs();
    const wakeUs = Math.max(dueUs, knockedUs + knockIntervalUs);
    if (nowUs < wakeUs) {
      if (world.sleep(wakeUs - nowUs)) return;
      continue;
    }
    const first = index;
    while (dueUs <= nowUs) dueUs = startUs + schedule.timeUs(++index);
    for (let i = first; i < Math.min(index, first + lanes); i++) world.knock(i % lanes);
    knockedUs = nowUs;
  }
}
