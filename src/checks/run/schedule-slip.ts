/** Whether the generator sent the load that was planned, when it was planned. */
import { formatDurationMs } from '../../base/duration.ts';
import { formatPerSecond, formatShare } from '../../base/figures.ts';
import type { TargetSummary } from '../../bench/run-summary.ts';
import { skipped, type RunCheck } from './run-check.ts';

const slipLimitMs = 5;

/** Beyond it the load was not the one that was planned, and no verdict on the target stands. */
const behindFractionMax = 0.01;

/** Whether more of the plan was left unreleased than a verdict survives. */
export function fellBehind(summary: TargetSummary): boolean {
  return (summary.generator.behindFraction ?? 0) > behindFractionMax;
}

/**
 * Whether requests were released so late throughout that a failure says more about the generator than about the target,
 * even with slip subtracted: who sends late also reads late, and the replies that lie unread look like a slow server.
 */
export function ranLate({ generator }: TargetSummary): boolean {
  return (generator.lateFraction ?? 0) > behindFractionMax;
}

/** `1.48 s late on average, 15 % of the schedule` */
export function lateWords({ generator }: TargetSummary): string {
  return `${formatDurationMs(generator.scheduleSlip?.mean ?? 0)} late on average, ${formatShare(generator.lateFraction ?? 0)} of the schedule`;
}

/** `12 % of the plan: 7,040/s released of 8,000/s` */
export function behindWords({ generator, offeredPerSec }: TargetSummary): string {
  const behind = generator.behindFraction ?? 0;
  const rates =
    offeredPerSec === null
      ? ''
      : `: ${formatPerSecond(offeredPerSec * (1 - behind))} released of ${formatPerSecond(offeredPerSec)}`;
  return `${formatShare(behind)} of the plan${rates}`;
}

/** Says whether the generator can be believed. */
export const scheduleSlip: RunCheck = {
  id: 'schedule-slip',
  title: 'The generator kept its schedule',
  threshold: `slip p99 up to ${slipLimitMs} ms, and at most ${behindFractionMax * 100} % of the plan late or not released`,
  why: 'A request released late measures the generator; slip counts in latency, so it can only make a target look worse.',
  judge: ({ summary }) => {
    if (summary.model === 'closed') return skipped('a closed loop has no schedule: latency is service time');
    const slip = summary.generator.scheduleSlip;
    if (slip === null || slip.p99 === null || slip.max === null) return skipped('no slip was recorded');
    const seen = `slip p99 ${formatDurationMs(slip.p99)}, at most ${formatDurationMs(slip.max)}`;
    const remedy = 'Run the generator on an idle machine with more cores, or ask for a lower rate.';
    if (fellBehind(summary)) return { status: 'fail', evidence: `behind by ${behindWords(summary)}; ${seen}`, remedy };
    if (ranLate(summary)) return { status: 'fail', evidence: `${lateWords(summary)}; ${seen}`, remedy };
    if (slip.p99 <= slipLimitMs) return { status: 'pass', evidence: seen };
    return { status: 'warn', evidence: seen, remedy, cause: `the generator released late (${seen})` };
  },
};
