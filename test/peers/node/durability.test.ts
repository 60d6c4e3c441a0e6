/** SIGKILL under load, over and over: nothing acknowledged is lost, nothing appears that was never sent. */
import { expect, it } from 'vitest';
import { CrashLane, type Moment, type Strike } from '../../tools/crash-lane.ts';

const kills = Number(process.env['DURABILITY_KILLS'] ?? 200);
/** Two members at a time: one starts while the other is under load. */
const lanes = 2;
const moments: readonly Moment[] = ['flush', 'any', 'cut', 'flush'];

it(`${kills} kills, half of them inside a flush or a cut of the log`, async () => {
  const strikes = (await Promise.all(Array.from({ length: lanes }, (_, i) => runLane(i)))).flat();
  const inside = strikes.filter(({ insideFlush, insideCut }) => insideFlush || insideCut).length;
  const cuts = strikes.filter(({ insideCut }) => insideCut).length;
  const puts = strikes.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  process.stdout.write(`${strikes.length} kills, ${inside} inside a flush or cut (${cuts} cuts), ${puts} puts kept\n`);
  expect(strikes.length).toBeGreaterThanOrEqual(kills);
  expect(Math.min(...strikes.map(({ inFlight }) => inFlight))).toBeGreaterThanOrEqual(100);
  expect(inside).toBeGreaterThanOrEqual(kills / 2);
  expect(cuts).toBeGreaterThanOrEqual(kills / 20);
}, 1_200_000); // 2.5 minutes on two idle cores

async function runLane(number: number): Promise<Strike[]> {
  const lane = new CrashLane(`lane${number}`, number + 1);
  const strikes: Strike[] = [];
  const startMs = performance.now();
  for (let i = 0; i < Math.ceil(kills / lanes); i++) {
    strikes.push(await lane.round(moments[i % moments.length]!));
    if (i % 20 === 19)
      process.stdout.write(`lane ${number}: ${i + 1} kills, ${Math.round(performance.now() - startMs)} ms\n`);
  }
  await lane.finish();
  return strikes;
}
