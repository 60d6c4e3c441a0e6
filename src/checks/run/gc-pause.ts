/** Whether garbage collection held the generator up. A cause, never a trigger. */
import { formatDurationMs } from '../../base/duration.ts';
import { skipped, type RunCheck } from './run-check.ts';

const limitMs = 20;

/** Explains a tail by pauses in which nothing was sent or read. */
export const gcPause: RunCheck = {
  id: 'gc-pause',
  title: 'Garbage collection never stopped the generator for long',
  threshold: `no pause above ${limitMs} ms`,
  why: 'Nothing is sent or received during a pause, so it shows up in the tail as if the server had stalled.',
  judge: ({ summary: { generator } }) => {
    if (generator.gcPauseMsMax === null) return skipped('pauses were not measured');
    const total = generator.gcPauseMsTotal;
    const seen = `longest ${formatDurationMs(generator.gcPauseMsMax)}${total === null ? '' : `, ${formatDurationMs(total)} in all`}`;
    if (generator.gcPauseMsMax <= limitMs) return { status: 'pass', evidence: seen };
    return {
      status: 'warn',
      evidence: seen,
      remedy: 'Lower --clients or the value size, so that less is in flight.',
      cause: `garbage collection stopped the generator (${seen})`,
    };
  },
};
