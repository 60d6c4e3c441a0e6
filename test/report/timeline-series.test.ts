import { describe, expect, it } from 'vitest';
import type { RoundResult } from '../../src/bench/result.ts';
import { bucketPoints, ratePoints, serverCorePoints, timeFrame } from '../../src/report/timeline-series.ts';
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

describe('the cores of a cluster', () => {
  const [first] = sampleResult('pass').rounds;
  const [sample] = first!.server.series[0]!.samples;
  /** Each member as [second, CPU seconds until then]. */
  const cores = (...members: readonly (readonly (readonly [number, number | null])[])[]): readonly unknown[] => {
    const series = members.map((samples, i) => ({
      endpoint: `http://10.0.0.${i}:2379`,
      unavailable: null,
      samples: samples.map(([sec, cpuSecondsTotal]) => ({ ...sample!, atMs: sec * 1e3, cpuSecondsTotal })),
    }));
    return serverCorePoints({ ...first!, server: { ...first!.server, series } });
  };
  const steady = [0, 1, 2, 3, 4].map((sec): readonly [number, number] => [sec, sec / 2]);
  const late = [0.01, 1.02, 2.01, 3.02, 4.01].map((sec): readonly [number, number] => [sec, sec < 2 ? 0 : sec - 2.01]);

  it.each([
    { what: 'are added up', members: [steady, steady], are: [1, 1, 1, 1] },
    { what: 'of scrapes that came a little later too', members: [steady, late], are: [0.5, 0.5, 1.5, 1.5] },
    {
      what: 'keep their time when a member missed a scrape',
      members: [steady, late.toSpliced(1, 1)],
      are: [0.5, 0.5, 1.5, 1.5],
    },
    { what: 'whichever it was', members: [late.toSpliced(1, 1), steady], are: [0.5, 0.5, 1.5, 1.5] },
    { what: 'are not known before a member was there', members: [steady, late.slice(2)], are: [null, null, 1.5, 1.5] },
    {
      what: 'are not known when one was restarted',
      members: [
        steady,
        [
          [0, 9],
          [2, 0],
          [4, 2],
        ] as const,
      ],
      are: [null, null, 1.5, 1.5],
    },
    { what: 'of nobody are none', members: [[], [[0, null]] as const], are: [] },
  ])('$what', ({ members, are }) =>
    expect(cores(...members)).toEqual(
      are.map((value, i) => [i + 1, value === null ? null : (expect.closeTo(value, 1) as number)]),
    ),
  );
});
