/** The first target over each other, from rounds that ran side by side. */
import type { Ratio, RoundResult } from './result.ts';
import { achievedPerSec, measuredPhases } from './run-summary.ts';
import { mergeHistograms } from './histogram.ts';
import { serverCpuUsPerOp } from './server-summary.ts';
import { pairedRatio } from './statistics.ts';

type Metric = readonly [name: string, of: (round: RoundResult) => number | null];

/** More is better. */
const rate: Metric = ['achievedPerSec', (round) => achievedPerSec(measuredPhases(round))];
/** Less is better. */
const costs: readonly Metric[] = [
  ['latencyMsP50', (round) => latencyOf(round).p50],
  ['latencyMsP99', (round) => latencyOf(round).p99],
  ['latencyMsP999', (round) => latencyOf(round).p999],
  ['serverCpuUsPerOp', (round) => serverCpuUsPerOp(round.server)],
  ['serverRssBytes', (round) => round.server.rssBytes],
];

/**
 * Every metric that both of a pair have, for `names[0]` over each of the others. None for two of which one served nothing
 * in some round: latencies of the other rounds would compare what was well alone.
 */
export function ratiosOf(names: readonly string[], rounds: readonly RoundResult[]): Ratio[] {
  const [a, ...others] = names;
  if (a === undefined) return [];
  return others.flatMap((b) => {
    const rates = ratioOf(rate, a, b, rounds);
    return rates.length === 0 ? [] : [...rates, ...costs.flatMap((metric) => ratioOf(metric, a, b, rounds))];
  });
}

function ratioOf([metric, of]: Metric, a: string, b: string, rounds: readonly RoundResult[]): Ratio[] {
  const byRound = (target: string): Map<number, number | null> =>
    new Map(rounds.filter((round) => round.target === target).map((round) => [round.round, of(round)]));
  const ofB = byRound(b);
  const pairs: [number, number][] = [];
  for (const [round, value] of byRound(a)) {
    const other = ofB.get(round) ?? null;
    if (value !== null && other !== null) pairs.push([value, other]);
  }
  const ratio = pairedRatio(pairs);
  return ratio === null ? [] : [{ metric, a, b, ...ratio }];
}

function latencyOf(round: RoundResult): {
  readonly p50: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
} {
  return mergeHistograms(measuredPhases(round).map((phase) => phase.latency)).summary;
}
