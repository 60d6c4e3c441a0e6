import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeTimelines, TimelineRecorder } from '../../src/bench/timeline.ts';

describe('a timeline', () => {
  it('counts offered by intended time, ended by end, and keeps its percentiles', () => {
    const recorder = new TimelineRecorder();
    recorder.offered(50_000);
    recorder.completed(150_000, 100_000);
    recorder.offered(60_000);
    recorder.failed(170_000, null);
    recorder.offered(70_000);
    recorder.failed(199_999, 2_000_000);
    expect(mergeTimelines([recorder.data()])).toEqual({
      bucketMs: 100,
      buckets: [
        { offered: 3, completed: 0, errors: 0, p50Ms: null, p90Ms: null, p99Ms: null, maxMs: null },
        { offered: 0, completed: 1, errors: 2, p50Ms: 99.3275, p90Ms: 2000, p99Ms: 2000, maxMs: 2000 },
      ],
    });
  });

  it('never has more than 600 buckets, and loses nothing when it merges pairs', () => {
    const time = fc.integer({ min: -1000, max: 600_000_000 });
    const event = fc.record({ atUs: time, latencyUs: fc.integer({ min: 0, max: 60_000_000 }), kind: fc.nat(2) });
    fc.assert(
      fc.property(fc.array(fc.array(event, { maxLength: 50 }), { minLength: 1, maxLength: 3 }), (lanes) => {
        const timeline = mergeTimelines(lanes.map((events) => recorded(events).data()));
        expect(timeline.buckets.length).toBeLessThanOrEqual(600);
        const all = lanes.flat();
        const count = (kind: number) => all.filter((entry) => entry.kind === kind).length;
        const sum = (field: 'offered' | 'completed' | 'errors') => timeline.buckets.reduce((n, b) => n + b[field], 0);
        expect([sum('offered'), sum('completed'), sum('errors')]).toEqual([count(0), count(1), count(2)]);
        // Each event is in the bucket of its time.
        for (const { atUs, kind } of all) {
          const bucket = timeline.buckets[Math.floor(Math.max(0, atUs) / 1e3 / timeline.bucketMs)]!;
          expect(bucket[(['offered', 'completed', 'errors'] as const)[kind]!]).toBeGreaterThan(0);
        }
        const slowest = Math.max(-1, ...all.filter(({ kind }) => kind > 0).map(({ latencyUs }) => latencyUs));
        if (slowest > 0) expect(Math.max(...timeline.buckets.map((b) => b.maxMs ?? 0))).toBe(slowest / 1e3);
      }),
      { numRuns: 20 },
    );
  });

  it('of several lanes equals that of one lane which saw everything', () => {
    const event = fc.record({
      atUs: fc.oneof(fc.integer({ min: -1000, max: 70_000_000 }), fc.integer({ min: 0, max: 500_000_000 })),
      latencyUs: fc.integer({ min: 1, max: 70_000_000 }),
      kind: fc.nat(2),
    });
    fc.assert(
      fc.property(fc.array(fc.array(event, { maxLength: 60 }), { minLength: 2, maxLength: 3 }), (lanes) => {
        const merged = mergeTimelines(lanes.map((events) => recorded(events).data()));
        expect(merged).toEqual(mergeTimelines([recorded(lanes.flat()).data()]));
      }),
      { numRuns: 8 },
    );
  });

  it('of nothing is empty', () => {
    expect(mergeTimelines([new TimelineRecorder().data()])).toEqual({ bucketMs: 100, buckets: [] });
  });
});

function recorded(events: readonly { atUs: number; latencyUs: number; kind: number }[]): TimelineRecorder {
  const recorder = new TimelineRecorder();
  for (const { atUs, latencyUs, kind } of events) {
    if (kind === 0) recorder.offered(atUs);
    else if (kind === 1) recorder.completed(atUs, latencyUs);
    else recorder.failed(atUs, latencyUs);
  }
  return recorder;
}
