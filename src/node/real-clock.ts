/** The clock port over the system's clocks and node's timers. */
import { nowMs } from '../base/clock.ts';
import type { Clock, Timer } from './ports.ts';

export const realClock: Clock = {
  nowMs,
  wallMs: () => Date.now(),
  after: (delayMs, callback): Timer => {
    const timer = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
  soon: (callback) => void setImmediate(callback),
};
