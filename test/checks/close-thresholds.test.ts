import { expect, it } from 'vitest';
import { LatencyRecorder } from '../../src/bench/histogram.ts';
import type { EncodedHistogram } from '../../src/bench/result.ts';
import type { TargetSummary } from '../../src/bench/run-summary.ts';
import { summarizeRun } from '../../src/bench/run-summary.ts';
import { parseWorkload } from '../../src/bench/workload-file.ts';
import { judgeThresholds } from '../../src/checks/run/thresholds.ts';
import { sampleResult } from '../tools/sample-result.ts';

/** A hundred requests of `ms`, and a slow one, so that no percentile below the maximum is cut to it. */
function latencies(ms: number): EncodedHistogram {
  const recorder = new LatencyRecorder();
  for (let i = 0; i < 100; i++) recorder.record(ms * 1e3);
  recorder.record(9e6);
  const encoded = recorder.encode();
  recorder.free();
  return encoded;
}

function summary(changes: Partial<TargetSummary>): TargetSummary {
  return { ...summarizeRun(sampleResult('pass'))[0]!, ...changes };
}

it.each([
  { ms: 50, holds: true, words: /^p50 is 50 ms, 50 ms allowed/ },
  { ms: 50.04, holds: false, words: /^p50 is 50\.05 ms, 50 ms allowed/ },
])('a p50 of $ms ms against 50 ms: $holds', ({ ms, holds, words }) => {
  const latency = latencies(ms);
  const [outcome] = judgeThresholds({ maxP50Ms: 50 }, summary({ latency, fromRelease: latency }));
  expect(outcome).toMatchObject({ holds });
  expect(outcome!.words).toMatch(words);
});

it('a share of errors just above its threshold is not written like it', () => {
  const [outcome] = judgeThresholds({ maxErrorFraction: 0.01 }, summary({ errors: 1040, errorFraction: 0.0104 }));
  expect(outcome).toMatchObject({ holds: false, finding: { evidence: '1,040, 1.04 %' } });
});

it('a rate just below its threshold is not written like it', () => {
  const [outcome] = judgeThresholds({ minRatePerSec: 450 }, summary({ achievedPerSec: 449.99 }));
  expect(outcome).toMatchObject({ holds: false, words: 'the rate is 449.99/s, more than 450/s required' });
});

it.each([
  { offeredPerSec: 280, achievedPerSec: 278, holds: true, words: 'the rate is 278/s, more than 252/s required' },
  { offeredPerSec: 280, achievedPerSec: 252, holds: false, words: 'the rate is 252/s, more than 252/s required' },
  { offeredPerSec: 280, achievedPerSec: 50, holds: false, words: 'the rate is 50/s, more than 252/s required' },
])('$achievedPerSec/s of $offeredPerSec/s offered against 90 %: $holds', ({ holds, words, ...rates }) => {
  // As when a count ends the second phase after half a second, which the file's durations do not show.
  const text = `clients: 1
phases:
  - { name: a, duration: 2s, arrival: { model: open, rate: 100 } }
  - { name: b, duration: 60s, count: 500, arrival: { model: open, rate: 1000 } }
thresholds: { minRate: 90% }`;
  const [outcome] = judgeThresholds(parseWorkload(text, 'w').thresholds, summary(rates));
  expect(outcome).toMatchObject({ holds, words });
  expect(outcome!.finding.threshold).toBe("more than 252/s (the workload's minRate: 90 % of what was offered)");
});
