/** Whether the generator itself can be believed. */
import { formatNumber, formatShare } from '../../base/figures.ts';
import type { TargetSummary } from '../../bench/run-summary.ts';
import { duration, microseconds, unknown, type KeyFigure } from '../key-figures.ts';
import { html, type Markup } from '../markup.ts';
import type { ReportInput } from '../report-input.ts';
import { figureList, targetHeading } from './figures.ts';

/** Slip, lag, pauses and CPU of the generator. */
export function generatorSection({ summaries }: ReportInput): Markup {
  return html`<section>
    <h2>Generator health</h2>
    <p class="lead">
      The load came from here. Slip is how late requests were released: it counts in latency, so it can only make a
      target look worse.
    </p>
    ${summaries.map((summary) => [targetHeading(summaries, summary), figureList(healthFigures(summary), 'small')])}
  </section>`;
}

function healthFigures(summary: TargetSummary): readonly KeyFigure[] {
  const { generator } = summary;
  return [
    ...(summary.model === 'closed' ? [] : scheduleFigures(summary)),
    {
      label: 'event-loop lag, p99',
      value: duration(generator.eventLoopLagMsP99),
      note: atMost(generator.eventLoopLagMsMax),
    },
    {
      label: 'longest GC pause',
      value: duration(generator.gcPauseMsMax),
      note: generator.gcPauseMsTotal === null ? '' : `${duration(generator.gcPauseMsTotal)} in all`,
    },
    {
      label: 'CPU per operation',
      value: microseconds(generator.cpuUsPerOp),
      note: generator.cpuCores === null ? '' : `${formatNumber(generator.cpuCores)} cores`,
    },
    { label: 'host CPU in use', value: share(generator.hostCpuFraction), note: '' },
    { label: 'CPU steal', value: share(generator.stealFraction), note: 'given away by the hypervisor' },
  ];
}

/** A closed loop has no schedule that it could miss. */
function scheduleFigures({ generator }: TargetSummary): readonly KeyFigure[] {
  const slip = generator.scheduleSlip;
  const behind = generator.behindFraction;
  return [
    { label: 'schedule slip, p99', value: duration(slip?.p99 ?? null), note: atMost(slip?.max ?? null) },
    { label: 'plan not released', value: share(behind), note: 'more than 1 % is INVALID' },
    {
      label: 'released late, on average',
      value: duration(slip?.mean ?? null),
      note: `${share(generator.lateFraction)} of the schedule`,
    },
  ];
}

function atMost(ms: number | null): string {
  return ms === null ? '' : `at most ${duration(ms)}`;
}

function share(fraction: number | null): string {
  return fraction === null ? unknown : formatShare(fraction);
}
