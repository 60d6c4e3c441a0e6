/** A workload in words, the same for every form of the report. */
import { formatDurationMs } from '../base/duration.ts';
import { formatBytes, formatCount, formatNumber, formatPerSecond } from '../base/figures.ts';
import type { MixEntry, Phase, SizeSpec, Workload } from '../bench/workload.ts';

/** A line of a description: what, and how much. */
export type Fact = readonly [name: string, value: string];

/** Phases first, then clients, keys and values. */
export function workloadFacts(workload: Workload): readonly Fact[] {
  return [
    ...workload.phases.map((phase): Fact => [
      phase.warmUp ? `${phase.name} (not counted)` : phase.name,
      phaseWords(phase),
    ]),
    [
      'clients',
      `${formatNumber(workload.clients)} on ${formatCount(workload.connections, 'connection')}, ${spreadWords(workload)}`,
    ],
    ['keys', keyWords(workload)],
    ['values', sizeWords(workload.values)],
    ['request time-out', formatDurationMs(workload.requestTimeoutMs)],
    ['seed', String(workload.seed)],
  ];
}

function phaseWords({ arrival, durationMs, count, mix }: Phase): string {
  const ends = [
    durationMs === null ? '' : `for ${formatDurationMs(durationMs)}`,
    count === null ? '' : `${formatCount(count, 'request')} at most`,
  ];
  return [arrivalWords(arrival), ...ends, mixWords(mix)].filter((part) => part !== '').join(', ');
}

function arrivalWords(arrival: Phase['arrival']): string {
  if (arrival.model === 'closed') return 'closed loop';
  const { fromPerSec, toPerSec, spacing } = arrival;
  const rate =
    fromPerSec === toPerSec
      ? formatPerSecond(toPerSec)
      : `${formatPerSecond(fromPerSec)} to ${formatPerSecond(toPerSec)}`;
  return `open loop, ${rate}, ${spacing === 'poisson' ? 'Poisson arrivals' : 'evenly spaced'}`;
}

function mixWords(mix: readonly MixEntry[]): string {
  const total = mix.reduce((sum, entry) => sum + entry.weight, 0);
  return mix
    .map((entry) => `${entryWords(entry)}${mix.length === 1 ? '' : ` ${formatNumber((100 * entry.weight) / total)} %`}`)
    .join(', ');
}

function entryWords(entry: MixEntry): string {
  switch (entry.op) {
    case 'range':
      return `${entry.serializable ? 'serializable' : 'linearizable'} range of a ${entry.span}`;
    case 'txn':
      return `txn of ${formatCount(entry.puts, 'put')}`;
    case 'put':
    case 'delete':
      return entry.op;
  }
}

function keyWords({ keys, preload }: Workload): string {
  const which =
    keys.count === null ? 'a new random key for every put' : `${formatCount(keys.count, 'key')}, ${orderWords(keys)}`;
  return `${sizeWords(keys.sizeBytes)} after the prefix, ${which}${preload === 0 ? '' : `, ${formatNumber(preload)} put beforehand`}`;
}

function orderWords({ order, zipfTheta }: Workload['keys']): string {
  return order === 'zipfian' ? `zipfian (theta ${zipfTheta})` : order;
}

function sizeWords(size: SizeSpec): string {
  return size.kind === 'fixed'
    ? formatBytes(size.bytes)
    : `${formatBytes(size.minBytes)} to ${formatBytes(size.maxBytes)}`;
}

function spreadWords({ spread }: Workload): string {
  return spread === 'leader' ? 'to the leader' : 'over all endpoints';
}
