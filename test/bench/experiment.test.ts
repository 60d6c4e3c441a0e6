import { describe, expect, it } from 'vitest';
import { LatencyRecorder } from '../../src/bench/histogram.ts';
import { jsonSummary } from '../../src/bench/json-summary.ts';
import { ratiosOf } from '../../src/bench/ratios.ts';
import type { RoundResult } from '../../src/bench/result.ts';
import { summarizeRun } from '../../src/bench/run-summary.ts';
import { serverSample, quotaBytes } from '../../src/bench/server-sample.ts';
import { parseExposition } from '../../src/metrics/exposition.ts';
import { judgeRun } from '../../src/checks/run-verdict.ts';
import { sampleResult } from '../tools/sample-result.ts';

describe('the ratio of targets', () => {
  const result = sampleResult('two-targets');
  const names = result.targets.map((target) => target.name);

  it('is of the first over each other, metric by metric', () => {
    const ratios = ratiosOf(names, result.rounds);
    expect(new Set(ratios.map(({ a, b }) => `${a}/${b}`))).toEqual(new Set([`${names[0]}/${names[1]}`]));
    const metrics = ratios.map((ratio) => ratio.metric);
    expect(metrics.slice(0, 4)).toEqual(['achievedPerSec', 'latencyMsP50', 'latencyMsP99', 'latencyMsP999']);
    expect(new Set(metrics).size).toBe(metrics.length);
  });

  it('pairs rounds by their number, and leaves out one without a partner', () => {
    const whole = ratiosOf(names, result.rounds).find((ratio) => ratio.metric === 'achievedPerSec')!;
    const shuffled = ratiosOf(names, [...result.rounds].reverse()).find((ratio) => ratio.metric === 'achievedPerSec')!;
    expect(shuffled.value).toBeCloseTo(whole.value, 12);
    const lonely = result.rounds.filter((round) => round.target === names[0]);
    expect(ratiosOf(names, lonely)).toEqual([]);
  });

  it('is none when one of them served nothing in some round, and the verdict says so', () => {
    const empty = (round: RoundResult): RoundResult => ({
      ...round,
      phases: round.phases.map((phase) => ({ ...phase, completed: 0, latency: new LatencyRecorder().encode() })),
    });
    const rounds = result.rounds.map((round, at) => (round.target === names[1] && at < 4 ? empty(round) : round));
    expect(rounds.filter((round) => round.phases[1]!.completed === 0)).toHaveLength(2);
    const ratios = ratiosOf(names, rounds);
    expect(ratios).toEqual([]);
    const words = `${names[0]} and ${names[1]} cannot be compared: ${names[1]} served nothing in 2 of 3 rounds`;
    expect(judgeRun({ ...result, rounds, ratios }).comparison).toBe(words);
  });

  it('of server CPU is taken from /proc where it could be read', () => {
    const cpuOf = (fromProc: readonly (number | null)[]): number => {
      const rounds = result.rounds.map((round, at) => ({
        ...round,
        server: { ...round.server, cpuUsPerOp: 50, cpuUsPerOpFromProc: fromProc[at % fromProc.length]! },
      }));
      return ratiosOf(names, rounds).find((ratio) => ratio.metric === 'serverCpuUsPerOp')!.value;
    };
    expect(cpuOf([100, 40, 40, 100, 100, 40])).toBeCloseTo(2.5, 12);
    expect(cpuOf([null])).toBeCloseTo(1, 12);
  });

  it('of one target, or of none, is nothing', () => {
    expect(ratiosOf(names.slice(0, 1), result.rounds)).toEqual([]);
    expect(ratiosOf([], [])).toEqual([]);
  });
});

describe('the summary object', () => {
  const result = sampleResult('two-targets');
  const summaries = summarizeRun(result);
  const verdict = judgeRun(result, summaries);
  const summary = jsonSummary(result, summaries, verdict, '/out/run');

  it('has the fields that scripts rely on, and no other', () => {
    expect(Object.keys(summary)).toEqual([
      'verdict',
      'cause',
      'targets',
      'rounds',
      'roundsAsked',
      'ratio',
      'directory',
    ]);
    const [target] = summary.targets;
    expect(Object.keys(target!)).toEqual([
      'name',
      'verdict',
      'rounds',
      'offeredPerSec',
      'achievedPerSec',
      'errors',
      'latencyMs',
      'serviceMs',
      'generator',
      'server',
    ]);
    const percentiles = ['p50', 'p90', 'p99', 'p999', 'max', 'mean', 'stddev'];
    expect(Object.keys(target!.latencyMs)).toEqual(percentiles);
    expect(Object.keys(target!.serviceMs)).toEqual(percentiles);
    expect(Object.keys(target!.generator)).toEqual(['cpuUsPerOp', 'scheduleSlipMsP99', 'eventLoopLagMsP99']);
    expect(Object.keys(target!.server)).toEqual(['cpuUsPerOp', 'rssBytes', 'version']);
  });

  it('survives JSON as it is', () => expect(JSON.parse(JSON.stringify(summary))).toEqual(summary));

  it('gives the CPU that /proc says, and the metrics where there is none', () => {
    const cpu = (cpuUsPerOpFromProc: number | null): number | null => {
      const rounds = result.rounds.map((round) => ({
        ...round,
        server: { ...round.server, cpuUsPerOp: 50, cpuUsPerOpFromProc },
      }));
      const of = summarizeRun({ ...result, rounds });
      return jsonSummary(result, of, verdict, '').targets[0]!.server.cpuUsPerOp;
    };
    expect(cpu(80)).toBe(80);
    expect(cpu(null)).toBe(50);
  });

  it('knows no offered rate of a closed loop', () => {
    const closed = sampleResult('closed');
    const of = summarizeRun(closed);
    const [target] = jsonSummary(closed, of, judgeRun(closed, of), '').targets;
    expect(target!.offeredPerSec).toBeNull();
  });
});

describe("etcd's metrics", () => {
  const at = (fsyncs: readonly [number, number, number], pending: number) =>
    parseExposition(
      [
        `etcd_disk_wal_fsync_duration_seconds_bucket{le="0.001"} ${fsyncs[0]}`,
        `etcd_disk_wal_fsync_duration_seconds_bucket{le="0.002"} ${fsyncs[1]}`,
        `etcd_disk_wal_fsync_duration_seconds_bucket{le="+Inf"} ${fsyncs[2]}`,
        `etcd_disk_wal_fsync_duration_seconds_count ${fsyncs[2]}`,
        `etcd_disk_wal_fsync_duration_seconds_sum 1`,
        `etcd_server_proposals_pending ${pending}`,
        'etcd_server_has_leader 1',
        'etcd_server_quota_backend_bytes 8.589934592e+09',
        'process_cpu_seconds_total 12.5',
      ].join('\n'),
    );

  it('become a sample: quantiles of what happened since the last', () => {
    const [before, now] = [at([100, 100, 100], 1), at([100, 200, 200], 7)];
    expect(serverSample(5, now, before)).toEqual({
      atMs: 5,
      walFsyncP99Ms: expect.closeTo(1.99, 6) as number,
      backendCommitP99Ms: null,
      proposalsPending: 7,
      proposalsFailedTotal: null,
      leaderChangesTotal: null,
      hasLeader: true,
      dbSizeBytes: null,
      rssBytes: null,
      cpuSecondsTotal: 12.5,
    });
  });

  it('have no quantiles the first time, or when nothing happened', () => {
    expect(serverSample(0, at([1, 1, 1], 0), null).walFsyncP99Ms).toBeNull();
    expect(serverSample(0, at([1, 1, 1], 0), at([1, 1, 1], 0)).walFsyncP99Ms).toBeNull();
  });

  it('tell the quota, or that there is none', () => {
    expect(quotaBytes(at([0, 0, 0], 0))).toBe(8_589_934_592);
    expect(quotaBytes(parseExposition('etcd_server_quota_backend_bytes 0\n'))).toBeNull();
    expect(quotaBytes(parseExposition(''))).toBeNull();
  });
});
