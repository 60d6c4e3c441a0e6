/** The few figures of a target that every form of the report shows, in the same words. */
import { formatDurationMs } from '../base/duration.ts';
import { formatCount, formatNumber, formatPerSecond, formatShare } from '../base/figures.ts';
import type { TargetSummary } from '../bench/run-summary.ts';

/** A figure with its name, already in words. */
export interface KeyFigure {
  readonly label: string;
  readonly value: string;
  /** What the value is to be read against; empty when it stands alone. */
  readonly note: string;
}

/** What stands where a figure could not be found out. */
export const unknown = '–';

/** The same eight for every target, in the order in which they are asked for. */
export function keyFigures(summary: TargetSummary): readonly KeyFigure[] {
  const latency = summary.latency.summary;
  const service = summary.service.summary;
  const closed = summary.model === 'closed';
  const beside = (ms: number | null): string => (closed || ms === null ? '' : `service ${formatDurationMs(ms)}`);
  return [
    { label: 'achieved', value: perSecond(summary.achievedPerSec), note: offeredNote(summary) },
    { label: 'p50', value: duration(latency.p50), note: beside(service.p50) },
    { label: 'p99', value: duration(latency.p99), note: beside(service.p99) },
    { label: 'p99.9', value: duration(latency.p999), note: beside(service.p999) },
    { label: 'slowest', value: duration(latency.max), note: beside(service.max) },
    { label: 'errors', value: formatNumber(summary.errors), note: errorNote(summary) },
    { label: 'server CPU', value: microseconds(summary.server.cpuUsPerOp), note: cpuNote(summary) },
    { label: 'generator CPU', value: microseconds(summary.generator.cpuUsPerOp), note: 'per operation' },
  ];
}

/** A latency, or the sign for unknown. */
export function duration(ms: number | null): string {
  return ms === null ? unknown : formatDurationMs(ms);
}

/** A rate, or the sign for unknown. */
export function perSecond(rate: number | null): string {
  return rate === null ? unknown : formatPerSecond(rate);
}

/** CPU time of an operation, or the sign for unknown. */
export function microseconds(us: number | null): string {
  return us === null ? unknown : `${formatNumber(us)} µs`;
}

function offeredNote(summary: TargetSummary): string {
  const { model, offeredPerSec, rounds } = summary;
  const offered =
    model === 'closed' || offeredPerSec === null ? 'closed loop' : `of ${formatPerSecond(offeredPerSec)} offered`;
  return rounds > 1 ? `${offered}, median of ${roundsRan(summary)}` : offered;
}

/** `3 rounds`, or `1 of 3 rounds` when the others never ran. */
export function roundsRan({ rounds, roundsAsked }: TargetSummary): string {
  const asked = formatCount(roundsAsked, 'round');
  return rounds < roundsAsked ? `${formatNumber(rounds)} of ${asked}` : asked;
}

function errorNote({ completed, errors, errorFraction }: TargetSummary): string {
  const share = errors === 0 || errorFraction === null ? '' : `${formatShare(errorFraction)} `;
  return `${share}of ${formatNumber(completed + errors)}`;
}

function cpuNote({ server: { cpuUsPerOp, cpuUsPerOpFromMetrics } }: TargetSummary): string {
  const same = cpuUsPerOpFromMetrics === null || cpuUsPerOpFromMetrics === cpuUsPerOp;
  return same ? 'per operation' : `per operation; its metrics say ${microseconds(cpuUsPerOpFromMetrics)}`;
}
