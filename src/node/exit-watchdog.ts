/** The thread that ends a process whose event loop no longer turns: sleeps until the deadline, then SIGKILL. */
import { workerData } from 'node:worker_threads';
import { nowMs } from '../base/clock.ts';
import type { WatchdogData } from './exit.ts';

const { deadlineMs } = workerData as WatchdogData;
const never = new Int32Array(new SharedArrayBuffer(4));
Atomics.wait(never, 0, 0, Math.max(0, deadlineMs - nowMs()));
process.kill(process.pid, 'SIGKILL');
