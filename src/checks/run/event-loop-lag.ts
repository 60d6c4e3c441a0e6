/** Whether the generator's own threads were held up. A cause, never a trigger. */
import { formatDurationMs } from '../../base/duration.ts';
import type { TargetSummary } from '../../bench/run-summary.ts';
import { skipped, type RunCheck } from './run-check.ts';

const limitMs = 5;
/** A few stops are no p99: of a round's measured time, and never less than a busy host does to everybody. */
const stoodStillFractionMax = 0.01;
const stoodStillMsMin = 100;
const stops = `stops up to ${stoodStillFractionMax * 100} % of a round, or ${stoodStillMsMin} ms`;

/** Explains late sends by threads that were blocked. */
export const eventLoopLag: RunCheck = {
  id: 'event-loop-lag',
  title: "The generator's threads were never blocked for long",
  threshold: `event-loop lag p99 up to ${limitMs} ms, in the worst thread; ${stops}`,
  why: 'A blocked thread sends late and sees replies late.',
  judge: ({ summary }) => {
    const { eventLoopLagMsP99: p99, eventLoopLagMsMax: most } = summary.generator;
    if (p99 === null) return skipped('the lag was not measured');
    const seen = `p99 ${formatDurationMs(p99)}${most === null ? '' : `, at most ${formatDurationMs(most)}`}`;
    const remedy = 'Give the generator cores of its own.';
    if (stoodStillLong(summary)) {
      const evidence = `${seen}; stood still for ${formatDurationMs(summary.generator.stoodStillMs)} of a round`;
      return { status: 'warn', evidence, remedy, cause: stoodStillWords(summary) };
    }
    if (p99 <= limitMs) return { status: 'pass', evidence: seen };
    const cause = `the generator's threads were blocked (event-loop lag ${seen})`;
    return { status: 'warn', evidence: seen, remedy, cause };
  },
};

/** Of the worst round: long enough to spoil it. */
function stoodStillLong({ generator, measuredMs, rounds }: TargetSummary): boolean {
  return generator.stoodStillMs > Math.max(stoodStillMsMin, (stoodStillFractionMax * measuredMs) / rounds);
}

/** Whether no request was later than the longest stop: then stops made them late, and not too much to send. */
export function lateByStopsAlone({ generator }: TargetSummary): boolean {
  return generator.stoodStillMs > 0 && (generator.scheduleSlip?.max ?? 0) <= (generator.eventLoopLagMsMax ?? 0);
}

/** `the generator's threads stood still for 2.51 s` */
export function stoodStillWords({ generator }: TargetSummary): string {
  return `the generator's threads stood still for ${formatDurationMs(generator.stoodStillMs)}`;
}
