import { expect, it } from 'vitest';
import type { RoundResult } from '../../src/bench/result.ts';
import { bucketPoints, ratePoints, timeFrame } from '../../src/report/timeline-series.ts';
import { sampleResult } from '../tools/sample-result.ts';

const bucket = { offered: 100, completed: 100, errors: 0, p50Ms: 1, p90Ms: 1, p99Ms: 1, maxMs: 1 };
const nothing = { ...bucket, offered: 0, completed: 0 };

it('an error that comes after the measured time is drawn where it came', () => {
  const [first] = sampleResult('pass').rounds;
  const buckets = [bucket, bucket, nothing, { ...nothing, errors: 100 }];
  const phase = { ...first!.phases[1]!, offsetMs: 0, elapsedMs: 2000, scheduledMs: 2000 };
  const round: RoundResult = { ...first!, phases: [{ ...phase, timeline: { bucketMs: 1000, buckets } }] };
  const curves = { target: '', shownRound: 0, achievedPerSec: [], leaderChangesMs: [], latency: [], service: [] };
  expect(timeFrame(round, curves).endSec).toBe(4);
  expect(bucketPoints(round, () => 1).map(([at]) => at)).toEqual([0.5, 1.5, 2.5, 3.5]);
  expect(ratePoints(round, ({ errors }) => errors, 'elapsedMs')).toEqual([
    [0.5, 0],
    [1.5, 0],
    [2.5, 0],
    [3.5, 100],
  ]);
  expect(ratePoints(round, ({ offered }) => offered, 'scheduledMs')).toHaveLength(2);
});
