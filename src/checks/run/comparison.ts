/** How the first target compares with each other one, in words. */
import { apartFrom, formatCount, formatNumber } from '../../base/figures.ts';
import type { Ratio, RoundResult, RunResult } from '../../bench/result.ts';
import { achievedPerSec, measuredPhases } from '../../bench/run-summary.ts';

/** The metric of `result.ratios` that compares how much was served. */
const rateMetric = 'achievedPerSec';

/** Null with one target, or when no two rounds can be compared. */
export function compareTargets(result: RunResult): string | null {
  const rates = result.ratios.filter((ratio) => ratio.metric === rateMetric);
  const compared = new Set(rates.flatMap(({ a, b }) => [a, b]));
  const others = result.targets.slice(1).filter(({ name }) => !compared.has(name));
  const words = [...rates.map(ratioWords), ...others.flatMap(({ name }) => incomparable(result, name))];
  return words.length === 0 ? null : words.join('; ');
}

/** A ratio to nothing is no number: said, as the other rounds alone would hide it. */
function incomparable({ targets, rounds }: RunResult, other: string): string[] {
  const pair = [targets[0]!.name, other];
  const failed = pair.flatMap((name) => servedNothing(name, rounds));
  return failed.length === 0 ? [] : [`${pair.join(' and ')} cannot be compared: ${failed.join(', ')}`];
}

/** `etcd served nothing in 2 of 3 rounds` */
function servedNothing(name: string, rounds: readonly RoundResult[]): string[] {
  const own = rounds.filter(({ target }) => target === name);
  const empty = own.filter((round) => achievedPerSec(measuredPhases(round)) === 0).length;
  return empty === 0 ? [] : [`${name} served nothing in ${formatNumber(empty)} of ${formatCount(own.length, 'round')}`];
}

/** What decides is never written as the 1 that it is not. */
const ratioOf = apartFrom(1, formatNumber, '');

/** `etcd serves 0.66 times the rate of etcd@/opt/etcd (95 % interval 0.57 to 0.77)` */
function ratioWords({ a, b, value, low, high }: Ratio): string {
  const said = `${a} serves ${ratioOf(value)} times the rate of ${b}`;
  if (low === null || high === null) return `${said} (one pair of rounds: no interval)`;
  const interval = `95 % interval ${ratioOf(low)} to ${ratioOf(high)}`;
  const decides = low > 1 || high < 1;
  return `${said} (${interval}${decides ? '' : ', so these rounds show no difference'})`;
}
