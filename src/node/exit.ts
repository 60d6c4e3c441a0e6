/**
 * The way out when the disk may never answer. Node's `process.exit` joins its threads first, and a thread that waits for
 * the disk cannot be joined; a thread of our own that would end the process is itself ended by `process.exit`. So the
 * exit comes only once nothing is with the disk any more, and SIGKILL in its place when that takes too long.
 *
 *   beginExit -- nothing with the disk --> process.exit(code), within the limit
 *             -- the limit comes first --> SIGKILL (137 to a shell), by the event loop or, when that stands, by a thread
 *
 * As a container's first process it aborts instead of that SIGKILL, and only by the event loop.
 *
 * Relies on: all that was acknowledged is in the WAL, so that an end by SIGKILL loses nothing.
 */
import { Worker } from 'node:worker_threads';
import { builtFile } from '../base/built-file.ts';
import { nowMs, sleep } from '../base/clock.ts';

/** From the fatal line to the end of the process. */
export const exitMsMax = 1_000;
/** Of that, kept for process.exit itself: it runs hooks and ends threads. */
const lastWordsMs = 150;
const pollMs = 5;

/** What a watchdog thread is given: when to kill, on the clock that all threads share (base/clock). */
export interface WatchdogData {
  readonly deadlineMs: number;
}

/**
 * Resolves when `closing` has settled and no file operation is under way: `process.exit` will not wait. Otherwise it kills
 * the process before `limitMs` have passed, and does not resolve. From the call on a thread watches over the event loop.
 */
export async function beginExit(closing: Promise<unknown>, limitMs: number = exitMsMax): Promise<void> {
  const deadlineMs = nowMs() + limitMs;
  armWatchdog(deadlineMs);
  let isClosed = false;
  const settled = (): void => void (isClosed = true);
  closing.then(settled, settled);
  while (nowMs() < deadlineMs - lastWordsMs) {
    await sleep(pollMs);
    if (isClosed && !isWithDisk()) return;
  }
  killAtOnce();
}

/** File operations that the thread pool has not finished. Those of the backend are known by `closing` alone. */
function isWithDisk(): boolean {
  return process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
}

/** The first process of a container gets no signal of its own: it aborts, by a fault that the kernel does deliver. */
function killAtOnce(): never {
  process.kill(process.pid, 'SIGKILL');
  process.abort();
}

/** Kills the process at `deadlineMs`, whatever the event loop does. */
function armWatchdog(deadlineMs: number): void {
  const workerData: WatchdogData = { deadlineMs };
  const thread = new Worker(builtFile('node/exit-watchdog.js'), { workerData });
  // Without memory or threads for it the event loop's own deadline still holds.
  thread.on('error', () => {});
  thread.unref();
}
