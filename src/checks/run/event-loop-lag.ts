/** Whether the generator's own threads were held up. A cause, never a trigger. */
import { formatDurationMs } from '../../base/duration.ts';
import type { TargetSummary } from '../../bench/run-summary.ts';
import { skipped, type RunCheck } from './run-check.ts';

const limitMs = 5;
/** One stop is no p99: of a round's measured time, and never less than a busy host does to everybody. */
const stopFractionMax = 0.01;
const stopMsMin = 100;

/** Explains late sends by threads that were blocked. */
export const eventLoopLag: RunCheck = {
  id: 'event-loop-lag',
  title: "The generator's threads were never blocked for long",
  threshold: `event-loop lag p99 up to ${limitMs} ms, in the worst thread`,
  why: 'A blocked thread sends late and sees replies late.',
  judge: ({ summary }) => {
    const { eventLoopLagMsP99: p99, eventLoopLagMsMax: most } = summary.generator;
    if (p99 === null) return skipped('the lag was not measured');
    const seen = `p99 ${formatDurationMs(p99)}${most === null ? '' : `, at most ${formatDurationMs(most)}`}`;
    const stoodStillMs = longStopMs(summary);
    if (p99 <= limitMs && stoodStillMs === null) return { status: 'pass', evidence: seen };
    return {
      status: 'warn',
      evidence: stoodStillMs === null ? seen : `${seen}: that alone is over ${stopFractionMax * 100} % of a round`,
      remedy: 'Give the generator cores of its own.',
      cause:
        stoodStillMs === null
          ? `the generator's threads were blocked (event-loop lag ${seen})`
          : `the generator's threads stood still for ${formatDurationMs(stoodStillMs)}`,
    };
  },
};

/** The longest stop of a thread in any round, when it was long enough to spoil that round. */
export function longStopMs({ generator, measuredMs, rounds }: TargetSummary): number | null {
  const longest = generator.eventLoopLagMsMax ?? 0;
  return longest > Math.max(stopMsMin, (stopFractionMax * measuredMs) / rounds) ? longest : null;
}
