/** Whether the generator's own threads were held up. A cause, never a trigger. */
import { formatDurationMs } from '../../base/duration.ts';
import { skipped, type RunCheck } from './run-check.ts';

const limitMs = 5;

/** Explains late sends by threads that were blocked. */
export const eventLoopLag: RunCheck = {
  id: 'event-loop-lag',
  title: "The generator's threads were never blocked for long",
  threshold: `event-loop lag p99 up to ${limitMs} ms, in the worst thread`,
  why: 'A blocked thread sends late and sees replies late.',
  judge: ({ summary: { generator } }) => {
    if (generator.eventLoopLagMsP99 === null) return skipped('the lag was not measured');
    const most = generator.eventLoopLagMsMax;
    const seen = `p99 ${formatDurationMs(generator.eventLoopLagMsP99)}${most === null ? '' : `, at most ${formatDurationMs(most)}`}`;
    if (generator.eventLoopLagMsP99 <= limitMs) return { status: 'pass', evidence: seen };
    return {
      status: 'warn',
      evidence: seen,
      remedy: 'Give the generator cores of its own.',
      cause: `the generator's threads were blocked (event-loop lag ${seen})`,
    };
  },
};
