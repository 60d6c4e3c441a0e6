import { describe, expect, it } from 'vitest';
import { LatencyRecorder } from '../../src/bench/histogram.ts';
import type {
  EncodedHistogram,
  HostSample,
  PhaseResult,
  RoundResult,
  RunResult,
  ServerSample,
} from '../../src/bench/result.ts';
import { readWorkload } from '../../src/bench/workload-file.ts';
import type { Thresholds, Workload } from '../../src/bench/workload.ts';
import { judgeRun } from '../../src/checks/run-verdict.ts';
import type { FindingStatus } from '../../src/checks/finding.ts';
import { sampleResult, scenarios } from '../tools/sample-result.ts';

/** `count` values: all `ms` but the last, which is `worstMs`. */
function histogram(count: number, ms: number, worstMs = ms): EncodedHistogram {
  const recorder = new LatencyRecorder();
  for (let i = 0; i < count; i++) recorder.record((i === count - 1 ? worstMs : ms) * 1e3);
  const encoded = recorder.encode();
  recorder.free();
  return encoded;
}

const healthy = sampleResult('pass');
const quick = histogram(6000, 2);

interface Changes {
  readonly thresholds?: Thresholds;
  readonly phase?: Partial<PhaseResult>;
  readonly generator?: Partial<PhaseResult['generator']>;
  readonly round?: Partial<RoundResult>;
  readonly target?: Partial<RunResult['targets'][number]>;
  readonly run?: Partial<RunResult>;
}

/** One target, one measured minute: 6,000 requests of 2 ms at 100/s, and whatever is changed about it. */
function run({ thresholds = {}, phase = {}, generator = {}, round = {}, target = {}, run = {} }: Changes): RunResult {
  const [first] = healthy.rounds;
  const measured: PhaseResult = {
    ...first!.phases[1]!,
    offsetMs: 0,
    elapsedMs: 60_000,
    scheduledMs: 60_000,
    planned: 6000,
    released: 6000,
    sent: 6000,
    completed: 6000,
    errors: {},
    latency: quick,
    fromRelease: quick,
    service: quick,
    ...phase,
    generator: { ...first!.phases[1]!.generator, ...generator },
  };
  return {
    ...healthy,
    targets: [{ ...healthy.targets[0]!, ...target }],
    workload: { ...healthy.workload, thresholds },
    rounds: [{ ...first!, phases: [measured], ...round }],
    ...run,
  };
}

const cutByUser: Partial<RoundResult> = { earlyEnd: { reason: 'bound-used-up', words: '--max-bytes was used up' } };
const late = { latency: histogram(6000, 2, 900) };
const slow = { ...late, fromRelease: late.latency };
const behind = { planned: 6000, released: 5900 };
const connectionsLost = { reason: 'connections-lost', words: 'all connections were lost' } as const;
/** 1.1 % and 0.9 % of the minute. */
const lateSlip = { scheduleSlip: histogram(6000, 660) };
const inTimeSlip = { scheduleSlip: histogram(6000, 540) };

describe('the verdict', () => {
  it.each<{ what: string; changes: Changes; verdict: string; exitCode: number; cause: RegExp }>([
    { what: 'no thresholds', changes: {}, verdict: 'PASS', exitCode: 0, cause: /^nothing to judge/ },
    {
      what: 'a threshold that holds',
      changes: { thresholds: { maxLatencyMs: 500 } },
      verdict: 'PASS',
      exitCode: 0,
      cause: /^the threshold holds: 100\/s/,
    },
    {
      what: 'a rate exactly at its threshold, as check perf has it',
      changes: { thresholds: { minRatePerSec: 100 } },
      verdict: 'FAIL',
      exitCode: 1,
      cause: /rate is 100\/s/,
    },
    {
      what: 'a rate just above',
      changes: { thresholds: { minRatePerSec: 99.9 } },
      verdict: 'PASS',
      exitCode: 0,
      cause: /holds/,
    },
    {
      what: 'a latency exactly at its threshold',
      changes: { thresholds: { maxP50Ms: 2 } },
      verdict: 'PASS',
      exitCode: 0,
      cause: /holds/,
    },
    {
      what: 'a slow request',
      changes: { thresholds: { maxLatencyMs: 500 }, phase: slow },
      verdict: 'FAIL',
      exitCode: 1,
      cause: /slowest request is 900 ms, 500 ms allowed/,
    },
    {
      what: 'the same through slip alone',
      changes: { thresholds: { maxLatencyMs: 500 }, phase: late },
      verdict: 'INVALID',
      exitCode: 3,
      cause: /only through the generator's own slip/,
    },
    {
      what: 'slip, and a rate that fails without it',
      changes: { thresholds: { maxLatencyMs: 500, minRatePerSec: 200 }, phase: late },
      verdict: 'FAIL',
      exitCode: 1,
      cause: /rate is 100\/s/,
    },
    {
      what: 'slip that no threshold minds',
      changes: { thresholds: { maxP99Ms: 500 }, phase: late },
      verdict: 'PASS',
      exitCode: 0,
      cause: /holds/,
    },
    {
      what: 'releases 1.7 % behind the plan',
      changes: { thresholds: { minRatePerSec: 90 }, phase: behind },
      verdict: 'INVALID',
      exitCode: 3,
      cause: /fell behind by 1\.7 % of the plan: 98\.3\/s released of 100\/s/,
    },
    {
      what: 'the same with failing thresholds',
      changes: { thresholds: { minRatePerSec: 200 }, phase: behind },
      verdict: 'INVALID',
      exitCode: 3,
      cause: /fell behind/,
    },
    {
      what: 'the same without thresholds',
      changes: { phase: behind },
      verdict: 'INVALID',
      exitCode: 3,
      cause: /fell behind/,
    },
    {
      what: 'releases 1 % behind',
      changes: { phase: { planned: 6000, released: 5940 } },
      verdict: 'PASS',
      exitCode: 0,
      cause: /nothing to judge/,
    },
    {
      what: 'a failure of a generator that was late throughout',
      changes: { thresholds: { minRatePerSec: 200 }, generator: lateSlip },
      verdict: 'INVALID',
      exitCode: 3,
      cause:
        /released requests 660\.\d ms late on average, 1\.1 % of the schedule, so these failures are not the target's/,
    },
    {
      what: 'a failure of a generator that was late by less',
      changes: { thresholds: { minRatePerSec: 200 }, generator: inTimeSlip },
      verdict: 'FAIL',
      exitCode: 1,
      cause: /rate is 100\/s/,
    },
    {
      what: 'a success of a generator that was late throughout',
      changes: { thresholds: { minRatePerSec: 90 }, generator: lateSlip },
      verdict: 'PASS',
      exitCode: 0,
      cause: /holds/,
    },
    {
      what: 'errors, none allowed',
      changes: { thresholds: { maxErrorFraction: 0 }, phase: { completed: 5999, errors: { Unavailable: 1 } } },
      verdict: 'FAIL',
      exitCode: 1,
      cause: /^1 of 6,000 requests failed \(Unavailable 1\), none allowed, because requests ended in Unavailable/,
    },
    {
      what: 'errors within what is allowed',
      changes: { thresholds: { maxErrorFraction: 0.01 }, phase: { completed: 5999, errors: { Unavailable: 1 } } },
      verdict: 'PASS',
      exitCode: 0,
      cause: /holds: .*slowest 2 ms; 1 of 6,000 requests failed \(Unavailable 1\);/,
    },
    {
      what: 'errors beside another failure',
      changes: {
        thresholds: { maxErrorFraction: 0.01, minRatePerSec: 200 },
        phase: { completed: 5999, errors: { Unavailable: 1 } },
      },
      verdict: 'FAIL',
      exitCode: 1,
      cause: /rate is 100\/s, more than 200\/s required; 1 of 6,000 requests failed \(Unavailable 1\)/,
    },
    {
      what: 'one error in a hundred, and no threshold for errors',
      changes: { thresholds: { maxP99Ms: 500 }, phase: { completed: 5940, errors: { Unavailable: 60 } } },
      verdict: 'PASS',
      exitCode: 0,
      cause: /60 of 6,000 requests failed/,
    },
    {
      what: 'more of them',
      changes: { thresholds: { maxP99Ms: 500 }, phase: { completed: 5939, errors: { ResourceExhausted: 61 } } },
      verdict: 'FAIL',
      exitCode: 1,
      cause:
        /^61 of 6,000 requests failed \(ResourceExhausted 61\), up to 1 ?% allowed where the workload sets no maxErrors, because requests ended in ResourceExhausted/,
    },
    {
      what: 'as many where they are allowed',
      changes: {
        thresholds: { maxP99Ms: 500, maxErrorFraction: 0.5 },
        phase: { completed: 5939, errors: { Unavailable: 61 } },
      },
      verdict: 'PASS',
      exitCode: 0,
      cause: /holds/,
    },
    {
      what: 'more errors, and a generator that was late throughout',
      changes: {
        thresholds: { maxP99Ms: 500 },
        phase: { completed: 5000, errors: { DeadlineExceeded: 1000 } },
        generator: lateSlip,
      },
      verdict: 'INVALID',
      exitCode: 3,
      cause: /these failures are not the target's: 1,000 of 6,000 requests failed/,
    },
    {
      what: 'errors that only a server can give, of a generator that was late throughout',
      changes: {
        thresholds: { maxErrorFraction: 0.4, maxP50Ms: 1 },
        phase: { completed: 3000, errors: { ResourceExhausted: 3000 } },
        generator: lateSlip,
      },
      verdict: 'FAIL',
      exitCode: 1,
      cause: /^3,000 of 6,000 requests failed \(ResourceExhausted 3,000\), up to 40 % allowed, because requests ended/,
    },
    {
      what: 'such errors beside time-outs, with no threshold for errors',
      changes: {
        phase: { completed: 4000, errors: { Unavailable: 61, DeadlineExceeded: 1939 } },
        generator: lateSlip,
      },
      verdict: 'FAIL',
      exitCode: 1,
      cause: /^2,000 of 6,000 requests failed/,
    },
    {
      what: 'time-outs beside as few of them as are allowed',
      changes: {
        phase: { completed: 4000, errors: { Unavailable: 60, DeadlineExceeded: 1940 } },
        generator: lateSlip,
      },
      verdict: 'INVALID',
      exitCode: 3,
      cause: /these failures are not the target's/,
    },
    {
      what: 'a server that ended',
      changes: {
        thresholds: { maxP99Ms: 500, maxErrorFraction: 1 },
        phase: { completed: 5000, errors: { Unavailable: 1000 } },
        round: { earlyEnd: { reason: 'server-ended', words: 'the server ended with signal SIGKILL' } },
      },
      verdict: 'FAIL',
      exitCode: 1,
      cause: /^the server ended with signal SIGKILL during the load; 1,000 of 6,000 requests failed/,
    },
    {
      what: 'a server that ended before anything was measured',
      changes: {
        phase: { completed: 0, latency: histogram(0, 0) },
        round: { earlyEnd: { reason: 'server-ended', words: 'the server ended with exit code 7' } },
      },
      verdict: 'FAIL',
      exitCode: 1,
      cause: /^the server ended with exit code 7 during the load;/,
    },
    {
      what: 'lost connections and their errors',
      changes: {
        thresholds: { maxP99Ms: 500 },
        phase: { completed: 5000, errors: { Unavailable: 1000 } },
        round: { earlyEnd: connectionsLost },
      },
      verdict: 'FAIL',
      exitCode: 1,
      cause: /^1,000 of 6,000 requests failed .*; all connections were lost, because/,
    },
    {
      what: 'lost connections alone',
      changes: { thresholds: { maxP99Ms: 500 }, round: { earlyEnd: connectionsLost } },
      verdict: 'INCONCLUSIVE',
      exitCode: 4,
      cause: /^the load was broken off: all connections were lost;/,
    },
    {
      what: 'a bound of the user',
      changes: { round: { earlyEnd: { reason: 'bound-used-up', words: '--max-bytes was used up in phase "load"' } } },
      verdict: 'PASS',
      exitCode: 0,
      cause: /^nothing to judge: 100\/s/,
    },
    {
      what: "the bound of the target's quota",
      changes: {
        thresholds: { maxP99Ms: 500 },
        round: { earlyEnd: { reason: 'quota-used-up', words: 'the bound was used up in phase "load"' } },
      },
      verdict: 'INCONCLUSIVE',
      exitCode: 4,
      cause: /^the load was broken off: the bound was used up/,
    },
    {
      what: 'a token that ended',
      changes: {
        thresholds: { minRatePerSec: 200 },
        phase: { completed: 5000, errors: { Unauthenticated: 1000 } },
        run: { command: ['bench', 'run', 's.yaml', '--user', 'bench:PASSWORD'] },
      },
      verdict: 'INCONCLUSIVE',
      exitCode: 4,
      cause:
        /^the token of --user expired during the load, .*; 1,000 of 6,000 requests failed \(Unauthenticated 1,000\)/,
    },
    {
      what: 'refused tokens of nobody',
      changes: { phase: { completed: 5000, errors: { Unauthenticated: 1000 } } },
      verdict: 'FAIL',
      exitCode: 1,
      cause: /^1,000 of 6,000 requests failed \(Unauthenticated 1,000\)/,
    },
    {
      what: 'a signal after errors',
      changes: { run: { interrupted: 'SIGINT' }, phase: { completed: 5999, errors: { Unavailable: 1 } } },
      verdict: 'INTERRUPTED',
      exitCode: 130,
      cause: /no key of the run is left; 1 of 6,000 requests failed/,
    },
    {
      what: 'nothing but errors',
      changes: { thresholds: { minRatePerSec: 10 }, phase: { completed: 0, errors: { Unavailable: 6000 } } },
      verdict: 'FAIL',
      exitCode: 1,
      cause: /rate is 0\/s/,
    },
    {
      what: 'nothing but errors, and no threshold that minds',
      changes: { thresholds: {}, phase: { completed: 0, errors: { Unavailable: 6000 } } },
      verdict: 'FAIL',
      exitCode: 1,
      cause: /^6,000 of 6,000 requests failed/,
    },
    {
      what: 'nothing measured',
      changes: {
        thresholds: { minRatePerSec: 10 },
        phase: { completed: 0, latency: histogram(0, 0) },
        round: { earlyEnd: connectionsLost },
      },
      verdict: 'INCONCLUSIVE',
      exitCode: 4,
      cause: /nothing was measured: all connections were lost/,
    },
    {
      what: 'too few samples for a p99',
      changes: { thresholds: { maxP99Ms: 500 }, phase: { completed: 99, latency: histogram(99, 2) } },
      verdict: 'INCONCLUSIVE',
      exitCode: 4,
      cause: /p99 is unknown: 99 samples, and it takes 100/,
    },
    {
      what: 'just enough of them',
      changes: { thresholds: { maxP99Ms: 500 }, phase: { completed: 100, latency: histogram(100, 2) } },
      verdict: 'PASS',
      exitCode: 0,
      cause: /holds/,
    },
    {
      what: 'too few for one, failing another',
      changes: {
        thresholds: { maxP999Ms: 500, maxP50Ms: 1 },
        phase: { latency: histogram(99, 2), fromRelease: histogram(99, 2) },
      },
      verdict: 'FAIL',
      exitCode: 1,
      cause: /p50 is 2 ms/,
    },
    {
      what: 'keys left behind',
      changes: { round: { cleanup: { keysRemoved: 5, keysLeft: 3, tookMs: 1, error: null } } },
      verdict: 'CLEANUP FAILED',
      exitCode: 5,
      cause: /3 keys left under \/quorumbench.*the load itself: PASS/,
    },
    {
      what: 'a clean-up that broke',
      changes: {
        phase: behind,
        round: { cleanup: { keysRemoved: 5, keysLeft: null, tookMs: 1, error: 'connection refused' } },
      },
      verdict: 'CLEANUP FAILED',
      exitCode: 5,
      cause: /unknown number.*connection refused.*INVALID/,
    },
    {
      what: 'a signal',
      changes: { run: { interrupted: 'SIGINT' }, phase: behind },
      verdict: 'INTERRUPTED',
      exitCode: 130,
      cause: /stopped by SIGINT; no key of the run is left/,
    },
    {
      what: 'a signal with keys left',
      changes: {
        run: { interrupted: 'SIGTERM' },
        round: { cleanup: { keysRemoved: 5, keysLeft: 1, tookMs: 1, error: null } },
      },
      verdict: 'INTERRUPTED',
      exitCode: 130,
      cause: /^stopped by SIGTERM; 1 key left under /,
    },
  ])('of $what is $verdict', ({ changes, verdict, exitCode, cause }) => {
    const judged = judgeRun(run(changes));
    expect(judged).toMatchObject({ verdict, exitCode });
    expect(judged.cause).toMatch(cause);
  });

  it('never hangs on steal, pauses, lag or a full host, which stand beside it', () => {
    const generator = { stealFraction: 0.5, gcPauseMsMax: 900, eventLoopLagMsP99: 900, hostCpuFraction: 1 };
    const judged = judgeRun(run({ thresholds: { maxLatencyMs: 500 }, generator }));
    expect(judged.verdict).toBe('PASS');
    const warned = judged.targets[0]!.findings.filter((finding) => finding.status === 'warn').map(({ id }) => id);
    expect(warned).toEqual(['cpu-steal', 'host-cpu', 'gc-pause', 'event-loop-lag']);
  });

  it('ignores warm-ups', () => {
    const base = run({ thresholds: { maxLatencyMs: 500 } });
    const warmUp = { ...base.rounds[0]!.phases[0]!, ...slow, warmUp: true, errors: { Unavailable: 99 } };
    const judged = judgeRun({ ...base, rounds: [{ ...base.rounds[0]!, phases: [warmUp, ...base.rounds[0]!.phases] }] });
    expect(judged.verdict).toBe('PASS');
  });

  it.each([
    {
      shares: true,
      storage: { directory: '/d', fileSystem: 'xfs', device: '/dev/sdb' },
      tail: /; data on xfs \(\/dev\/sdb\), server and generator share this host$/,
    },
    {
      shares: false,
      storage: { directory: '/d', fileSystem: 'tmpfs', device: 'tmpfs' },
      tail: /; data on tmpfs \(tmpfs\), so the disk verdict is INCONCLUSIVE$/,
    },
    { shares: false, storage: null, tail: /slowest 2 ms$/ },
  ])('names where the data lay: $tail', ({ shares, storage, tail }) => {
    const judged = judgeRun(run({ target: { sharesHost: shares, storage } }));
    expect(judged).toMatchObject({ verdict: 'PASS', exitCode: 0 });
    expect(judged.cause).toMatch(tail);
  });

  it.each([
    { words: ['PASS', 'FAIL'], exitCode: 1 },
    { words: ['FAIL', 'INVALID'], exitCode: 3 },
    { words: ['INCONCLUSIVE', 'PASS'], exitCode: 4 },
    { words: ['INCONCLUSIVE', 'FAIL'], exitCode: 1 },
    { words: ['INVALID', 'CLEANUP FAILED'], exitCode: 5 },
  ])('of targets that are $words exits with $exitCode', ({ words, exitCode }) => {
    const thresholds = { maxLatencyMs: 500, maxP99Ms: 400 };
    const by: Readonly<Record<string, Changes>> = {
      PASS: { thresholds },
      FAIL: { thresholds, phase: slow },
      INVALID: { thresholds, phase: late },
      INCONCLUSIVE: { thresholds, phase: { latency: histogram(9, 2) } },
      'CLEANUP FAILED': { thresholds, round: { cleanup: { keysRemoved: 0, keysLeft: 1, tookMs: 1, error: null } } },
    };
    const runs = words.map((word) => run(by[word]!));
    const joined: RunResult = {
      ...runs[0]!,
      targets: words.map((word) => ({ ...healthy.targets[0]!, name: word })),
      rounds: words.map((word, i) => ({ ...runs[i]!.rounds[0]!, target: word })),
    };
    const judged = judgeRun(joined);
    expect(judged.targets.map((target) => target.verdict)).toEqual(words);
    expect(judged.exitCode).toBe(exitCode);
  });

  it.each([
    { low: 1.1, high: 1.5, words: '(95 % interval 1.1 to 1.5)' },
    { low: 0.4, high: 0.9, words: '(95 % interval 0.4 to 0.9)' },
    { low: 0.9, high: 1.5, words: '(95 % interval 0.9 to 1.5, so these rounds show no difference)' },
    { low: null, high: null, words: '(one pair of rounds: no interval)' },
  ])('compares targets: $words', ({ low, high, words }) => {
    const [ratio] = sampleResult('two-targets').ratios;
    const judged = judgeRun({ ...sampleResult('two-targets'), ratios: [{ ...ratio!, b: 'b', value: 1.2, low, high }] });
    expect(judged.comparison).toBe(`etcd serves 1.2 times the rate of b ${words}`);
    expect(judged.cause.startsWith(`${judged.comparison}. `)).toBe(true);
  });

  it('compares targets that are all but equal in as many digits as tell them apart', () => {
    const [ratio] = sampleResult('two-targets').ratios;
    const close = { ...ratio!, b: 'b', value: 1.0008, low: 1.0004, high: 1.0012 };
    const { comparison } = judgeRun({ ...sampleResult('two-targets'), ratios: [close] });
    expect(comparison).toBe('etcd serves 1.001 times the rate of b (95 % interval 1.0004 to 1.001)');
  });

  it('changes nothing, and says the same again', () => {
    for (const scenario of scenarios) {
      const result = sampleResult(scenario);
      const before = JSON.stringify(result);
      expect(JSON.stringify(judgeRun(result))).toBe(JSON.stringify(judgeRun(result)));
      expect(JSON.stringify(result)).toBe(before);
    }
  });
});

/** A scrape each second with these figures. */
function scraped(figures: Partial<ServerSample>, extra: readonly Partial<ServerSample>[] = []): Partial<RoundResult> {
  const [round] = healthy.rounds;
  const plain = { ...round!.server.series[0]!.samples[5]!, ...figures };
  const samples = [...Array.from({ length: 20 }, () => plain), ...extra.map((each) => ({ ...plain, ...each }))];
  const timed = samples.map((sample, i) => ({ ...sample, atMs: i * 1000 }));
  return { server: { ...round!.server, series: [{ endpoint: 'e', unavailable: null, samples: timed }] } };
}

/** A sample of the host each second with these shares. */
function hostShares(shares: Partial<HostSample>): Partial<RoundResult> {
  const [sample] = healthy.rounds[0]!.host.samples;
  const samples = Array.from({ length: 20 }, (_, i) => ({ ...sample!, ...shares, atMs: i * 1000 }));
  return { host: { source: '/proc', samples } };
}

const tmpfs = { storage: { directory: '/d', fileSystem: 'tmpfs', device: 'tmpfs' } };
const nothingScraped = {
  server: { ...healthy.rounds[0]!.server, series: [{ endpoint: 'e', unavailable: '404', samples: [] }] },
};

describe('a check', () => {
  it.each<{ id: string; what: string; changes: Changes; status: FindingStatus; evidence: RegExp }>([
    {
      id: 'wal-fsync-latency',
      what: 'at 10 ms',
      changes: { round: scraped({ walFsyncP99Ms: 10 }) },
      status: 'pass',
      evidence: /10 ms in the middle/,
    },
    {
      id: 'wal-fsync-latency',
      what: 'above',
      changes: { round: scraped({ walFsyncP99Ms: 10.1 }) },
      status: 'warn',
      evidence: /10\.1 ms/,
    },
    {
      id: 'wal-fsync-latency',
      what: 'with one slow second',
      changes: { round: scraped({ walFsyncP99Ms: 2 }, [{ walFsyncP99Ms: 400 }]) },
      status: 'pass',
      evidence: /400 ms in the worst/,
    },
    {
      id: 'wal-fsync-latency',
      what: 'on tmpfs',
      changes: { target: tmpfs, round: scraped({ walFsyncP99Ms: 0.01 }) },
      status: 'skip',
      evidence: /INCONCLUSIVE/,
    },
    {
      id: 'wal-fsync-latency',
      what: 'never observed',
      changes: { round: scraped({ walFsyncP99Ms: null }) },
      status: 'skip',
      evidence: /^the WAL's fsync was not scraped while requests ran$/,
    },
    { id: 'wal-fsync-latency', what: 'unscraped', changes: { round: nothingScraped }, status: 'skip', evidence: /404/ },
    {
      id: 'backend-commit-latency',
      what: 'at 25 ms',
      changes: { round: scraped({ backendCommitP99Ms: 25 }) },
      status: 'pass',
      evidence: /25 ms/,
    },
    {
      id: 'backend-commit-latency',
      what: 'above',
      changes: { round: scraped({ backendCommitP99Ms: 25.4 }) },
      status: 'warn',
      evidence: /25\.4 ms/,
    },
    {
      id: 'leader-changes',
      what: 'without one',
      changes: { round: scraped({ leaderChangesTotal: 7 }) },
      status: 'pass',
      evidence: /none/,
    },
    {
      id: 'leader-changes',
      what: 'with one',
      changes: { round: scraped({ leaderChangesTotal: 7 }, [{ leaderChangesTotal: 8 }]) },
      status: 'warn',
      evidence: /1 change/,
    },
    {
      id: 'leader-changes',
      what: 'without a leader',
      changes: { round: scraped({ leaderChangesTotal: 7, hasLeader: false }) },
      status: 'warn',
      evidence: /without a leader/,
    },
    {
      id: 'leader-changes',
      what: 'without a leader, and uncounted',
      changes: { round: scraped({ leaderChangesTotal: null, hasLeader: false }) },
      status: 'warn',
      evidence: /^members without a leader/,
    },
    {
      id: 'leader-changes',
      what: 'counted once alone',
      changes: { round: scraped({ leaderChangesTotal: null }, [{ leaderChangesTotal: 1 }]) },
      status: 'skip',
      evidence: /no two scrapes/,
    },
    { id: 'leader-changes', what: 'uncounted', changes: { round: nothingScraped }, status: 'skip', evidence: /404/ },
    { id: 'storage', what: 'on ext4', changes: {}, status: 'pass', evidence: /ext4 \(\/dev\/vda1\)/ },
    {
      id: 'storage',
      what: 'on tmpfs',
      changes: { target: tmpfs },
      status: 'skip',
      evidence: /disk verdict is INCONCLUSIVE/,
    },
    {
      id: 'storage',
      what: 'on overlay',
      changes: { target: { storage: { ...tmpfs.storage, fileSystem: 'overlay' } } },
      status: 'skip',
      evidence: /INCONCLUSIVE/,
    },
    {
      id: 'storage',
      what: 'on nfs',
      changes: { target: { storage: { ...tmpfs.storage, fileSystem: 'nfs4' } } },
      status: 'warn',
      evidence: /network/,
    },
    { id: 'storage', what: 'elsewhere', changes: { target: { storage: null } }, status: 'skip', evidence: /not known/ },
    {
      id: 'cpu-steal',
      what: 'at 2 %',
      changes: { generator: { stealFraction: 0.02 } },
      status: 'pass',
      evidence: /2 %/,
    },
    {
      id: 'cpu-steal',
      what: 'above',
      changes: { generator: { stealFraction: 0.03 } },
      status: 'warn',
      evidence: /3 %/,
    },
    {
      id: 'cpu-steal',
      what: 'unread',
      changes: { generator: { stealFraction: null }, round: { host: { source: 'none', samples: [] } } },
      status: 'skip',
      evidence: /could not/,
    },
    {
      id: 'cpu-steal',
      what: 'read from the host alone',
      changes: { generator: { stealFraction: null }, round: hostShares({ stealFraction: 0.4 }) },
      status: 'warn',
      evidence: /40 %/,
    },
    {
      id: 'host-cpu',
      what: 'below 90 %',
      changes: { generator: { hostCpuFraction: 0.89 } },
      status: 'pass',
      evidence: /89 % of 2 CPUs/,
    },
    {
      id: 'host-cpu',
      what: 'at 90 %',
      changes: { generator: { hostCpuFraction: 0.9 } },
      status: 'warn',
      evidence: /server .* generator/,
    },
    {
      id: 'host-cpu',
      what: 'filled by somebody else',
      changes: {
        generator: { hostCpuFraction: 1, cpuCores: 0.25 },
        round: { server: { ...healthy.rounds[0]!.server, cpuUsPerOpFromProc: 2500 } },
      },
      status: 'warn',
      evidence: /server 0\.25 cores, generator 0\.25 cores, everything else 1\.5 cores/,
    },
    {
      id: 'schedule-slip',
      what: 'in a closed loop',
      changes: { phase: { model: 'closed' } },
      status: 'skip',
      evidence: /no schedule/,
    },
    {
      id: 'schedule-slip',
      what: 'at 5 ms',
      changes: { generator: { scheduleSlip: histogram(10, 5) } },
      status: 'pass',
      evidence: /p99 5 ms/,
    },
    {
      id: 'schedule-slip',
      what: 'above',
      changes: { generator: { scheduleSlip: histogram(10, 5.1) } },
      status: 'warn',
      evidence: /p99 5\.1 ms/,
    },
    {
      id: 'schedule-slip',
      what: 'behind the plan',
      changes: { phase: behind },
      status: 'fail',
      evidence: /behind by 1\.7 %/,
    },
    {
      id: 'gc-pause',
      what: 'of 20 ms',
      changes: { generator: { gcPauseMsMax: 20 } },
      status: 'pass',
      evidence: /20 ms/,
    },
    { id: 'gc-pause', what: 'above', changes: { generator: { gcPauseMsMax: 21 } }, status: 'warn', evidence: /21 ms/ },
    {
      id: 'event-loop-lag',
      what: 'of 5 ms',
      changes: { generator: { eventLoopLagMsP99: 5 } },
      status: 'pass',
      evidence: /5 ms/,
    },
    {
      id: 'event-loop-lag',
      what: 'above',
      changes: { generator: { eventLoopLagMsP99: 5.5 } },
      status: 'warn',
      evidence: /5\.5 ms/,
    },
    { id: 'errors', what: 'without any', changes: {}, status: 'pass', evidence: /none in 6,000/ },
    {
      id: 'errors',
      what: 'with one',
      changes: { phase: { completed: 5999, errors: { Unavailable: 1 } } },
      status: 'warn',
      evidence: /1 of 6,000 requests failed/,
    },
    { id: 'clients', what: 'with some free', changes: {}, status: 'pass', evidence: /of 50 clients busy/ },
    {
      id: 'clients',
      what: 'all waiting',
      changes: { phase: { service: histogram(6000, 500) } },
      status: 'warn',
      evidence: /50 clients were waiting for replies: 100\/s at 500/,
    },
  ])('$id $what is $status', ({ id, changes, status, evidence }) => {
    const finding = judgeRun(run(changes)).targets[0]!.findings.find((each) => each.id === id);
    expect(finding).toMatchObject({ status });
    expect(finding!.evidence).toMatch(evidence);
    if (status === 'warn' || status === 'fail') expect(finding!.remedy).not.toBeNull();
  });
});

describe('the cause of a failure', () => {
  const thresholds = { maxLatencyMs: 500 };
  it.each<{ what: string; changes: Changes; cause: RegExp }>([
    {
      what: 'a slow disk',
      changes: { round: scraped({ walFsyncP99Ms: 38 }) },
      cause: /because the WAL's fsync p99 is 38 ms \(etcd wants it under 10 ms\)/,
    },
    {
      what: 'a slow commit',
      changes: { round: scraped({ backendCommitP99Ms: 90 }) },
      cause: /because the backend's commit p99 is 90 ms/,
    },
    {
      what: 'elections',
      changes: { round: scraped({ leaderChangesTotal: 1 }, [{ leaderChangesTotal: 3 }]) },
      cause: /because the leader changed .*2 changes/,
    },
    {
      what: 'a full host',
      changes: { generator: { hostCpuFraction: 0.99 } },
      cause: /because the CPUs of this host are full/,
    },
    { what: 'steal', changes: { generator: { stealFraction: 0.3 } }, cause: /because the hypervisor gave away 30 %/ },
    {
      what: 'too few clients',
      changes: { phase: { ...slow, service: histogram(6000, 500) } },
      cause: /because 50 clients allow 100\/s at 500/,
    },
    {
      what: 'nothing that was measured',
      changes: {},
      cause: /nothing that was measured explains it \(fsync p99 .*, commit p99 .*, host CPU /,
    },
    { what: 'nothing, far away', changes: { target: { sharesHost: false } }, cause: /look at the network/ },
  ])('is $what', ({ changes, cause }) => {
    const judged = judgeRun(run({ thresholds, ...changes, phase: { ...slow, ...changes.phase } }));
    expect(judged.verdict).toBe('FAIL');
    expect(judged.cause).toMatch(cause);
  });

  it('is the number of clients when a closed loop is too slow', () => {
    const judged = judgeRun(run({ thresholds: { minRatePerSec: 1e5 }, phase: { model: 'closed' } }));
    expect(judged.cause).toMatch(/because 50 clients in a closed loop allow 25,000\/s at 2 ms a reply/);
  });
});

describe('the next command', () => {
  const shipped = { thresholds: { maxLatencyMs: 500 } };
  it.each<{ what: string; changes: Changes; next: string | null }>([
    { what: 'PASS: the next heavier load', changes: shipped, next: 'bench run workloads/m.yaml --target etcd' },
    { what: "PASS of somebody's cluster", changes: { ...shipped, target: { kind: 'endpoints' } }, next: null },
    { what: 'PASS with overrides', changes: { ...shipped, run: { overrides: ['--rate 5'] } }, next: null },
    {
      what: 'FAIL for latency: a lower rate',
      changes: { ...shipped, phase: slow },
      next: 'bench run workloads/s.yaml --target etcd --rate 80',
    },
    {
      what: 'FAIL for too few clients',
      changes: { thresholds: { minRatePerSec: 1e4 }, phase: { service: histogram(6000, 500) } },
      next: 'bench run workloads/s.yaml --target etcd --clients 100',
    },
    {
      what: 'FAIL for rate: what it can do at most',
      changes: { thresholds: { minRatePerSec: 1e4 } },
      next: 'bench run workloads/put-max.yaml --target etcd',
    },
    {
      what: 'INVALID behind the plan',
      changes: { phase: { planned: 6000, released: 3000 } },
      next: 'bench run workloads/s.yaml --target etcd --rate 40',
    },
    {
      what: 'INVALID through slip: again',
      changes: { ...shipped, phase: late },
      next: 'bench run workloads/s.yaml --target etcd',
    },
    {
      what: 'INCONCLUSIVE: long enough',
      changes: { thresholds: { maxP999Ms: 9 }, phase: { completed: 500, latency: histogram(500, 2) } },
      next: 'bench run workloads/s.yaml --target etcd --duration 144s',
    },
    {
      what: 'INTERRUPTED: again',
      changes: { run: { interrupted: 'SIGINT' } },
      next: 'bench run workloads/s.yaml --target etcd',
    },
    {
      what: 'INTERRUPTED, with keys left: by hand',
      changes: {
        run: { interrupted: 'SIGINT', command: ['bench', 'run', 'w.yaml', '--cacert', 'ca.crt'] },
        round: { prefix: '/q/', cleanup: { keysRemoved: 0, keysLeft: null, tookMs: 1, error: 'interrupted' } },
      },
      next: 'etcdctl --endpoints=http://127.0.0.1:23790 --cacert=ca.crt del --prefix /q/',
    },
    {
      what: 'CLEANUP FAILED: by hand',
      changes: { round: { prefix: "/it's/", cleanup: { keysRemoved: 0, keysLeft: 9, tookMs: 1, error: null } } },
      next: `etcdctl --endpoints=http://127.0.0.1:23790 del --prefix '/it'\\''s/'`,
    },
  ])('after $what', ({ changes, next }) => expect(judgeRun(run(changes)).next).toBe(next));
});

describe('the next command helps', () => {
  const nextOf = (changes: Changes, command: readonly string[], workload: Partial<Workload> = {}): string | null => {
    const base = run(changes);
    return judgeRun({ ...base, command: ['bench', ...command], workload: { ...base.workload, ...workload } }).next;
  };
  const { phases } = healthy.workload;
  const counted = [{ ...phases[1]!, count: 500, durationMs: null }];
  const tooFew = { thresholds: { maxP999Ms: 9 }, phase: { completed: 500, latency: histogram(500, 2) } };
  const slowest = { thresholds: { maxLatencyMs: 500 }, phase: slow };

  it.each<{ what: string; changes: Changes; workload?: Partial<Workload>; command: string; next: string | null }>([
    {
      what: 'a count, which no duration lengthens',
      changes: tooFew,
      workload: { phases: counted },
      command: 'run w.yaml --set phases.0.count=500 --out o',
      next: "bench run w.yaml --out o --set 'phases[0].count=1200'",
    },
    {
      what: 'a count, and a duration that may end it',
      changes: tooFew,
      workload: { phases: [phases[0]!, { ...counted[0]!, durationMs: 60_000 }] },
      command: 'run w.yaml',
      next: "bench run w.yaml --set 'phases[1].count=1200' --set 'phases[1].duration=144s'",
    },
    {
      what: 'a count that would take more than an hour',
      changes: { ...tooFew, phase: { completed: 5, latency: histogram(5, 2) } },
      workload: { phases: [{ ...counted[0]!, count: 5 }] },
      command: 'run w.yaml',
      next: null,
    },
    { what: 'a bound that ends it again', changes: { ...tooFew, round: cutByUser }, command: 'run w.yaml', next: null },
    {
      what: 'more than an hour',
      changes: { ...tooFew, phase: { completed: 5, latency: histogram(5, 2) } },
      command: 'run w.yaml',
      next: null,
    },
    {
      what: 'a --set that would win over --rate',
      changes: slowest,
      command: 'run w.yaml --set phases[1].arrival.rate=100 --set=phases[1].arrival.rate.to=9 --set values.size=1',
      next: 'bench run w.yaml --set values.size=1 --rate 80',
    },
    {
      what: 'a --set of a warm-up',
      changes: slowest,
      command: 'run w.yaml --set=phases[0].arrival.rate=9',
      next: "bench run w.yaml '--set=phases[0].arrival.rate=9' --rate 80",
    },
    {
      what: 'a --set of the whole arrival',
      changes: slowest,
      command: 'run w.yaml --set phases[1].arrival={rate:9}',
      next: null,
    },
    {
      what: 'a minimum rate in percent',
      changes: { ...slowest, thresholds: { maxLatencyMs: 500, minRateFraction: 0.9 } },
      command: 'run w.yaml',
      next: 'bench run w.yaml --rate 80',
    },
  ])('with $what', ({ changes, workload, command, next }) =>
    expect(nextOf(changes, command.split(' '), workload)).toBe(next),
  );

  it('with a workload of standard input, which is gone', () => {
    const ran = (changes: Changes): RunResult => ({ ...run(changes), workloadFile: '-' });
    for (const changes of [slowest, tooFew, {}]) expect(judgeRun(ran(changes)).next).toBeNull();
    expect(judgeRun({ ...ran({}), interrupted: 'SIGINT' }).next).toBeNull();
    const left = { cleanup: { keysRemoved: 0, keysLeft: 1, tookMs: 1, error: null }, prefix: '/q/' };
    const removal = 'etcdctl --endpoints=http://127.0.0.1:23790 del --prefix /q/';
    expect(judgeRun(ran({ round: left })).next).toBe(removal);
  });

  it('with several phases, each of which takes the time', () => {
    const base = run(tooFew);
    const [round] = base.rounds;
    const [phase] = round!.phases;
    const half = { ...phase!, completed: 250, elapsedMs: 30_000, latency: histogram(250, 2) };
    const result = { ...base, rounds: [{ ...round!, phases: [half, { ...half, offsetMs: 30_000 }] }] };
    expect(judgeRun(result).next).toBe('bench run workloads/s.yaml --target etcd --duration 72s');
  });

  it.each([
    { load: 's', next: 'm' },
    { load: 'm', next: 'l' },
    { load: 'l', next: 'xl' },
    { load: 'xl', next: 'put-max' },
  ])('with the load $load only where $next lies beside it', async ({ load, next }) => {
    const workload = await readWorkload(`workloads/${load}.yaml`);
    const base = run({});
    const nextTo = (workloadFile: string, description = workload.description): string | null => {
      const ran = { ...base.workload, description };
      return judgeRun({ ...base, workloadFile, command: ['bench', 'run', workloadFile], workload: ran }).next;
    };
    expect(nextTo(`a/workloads/${load}.yaml`)).toBe(`bench run a/workloads/${next}.yaml`);
    expect(nextTo(`mine/${load}.yaml`)).toBeNull();
    expect(nextTo(`workloads/${load}.yaml`, 'Ours.')).toBeNull();
  });
});

describe("the old tool's lines", () => {
  it.each<{ what: string; changes: Changes; lines: readonly string[] }>([
    { what: 'without a rate', changes: { thresholds: { maxLatencyMs: 5 } }, lines: [] },
    {
      what: 'PASS, from service time',
      changes: { thresholds: { minRatePerSec: 90 }, phase: slow },
      lines: [
        'PASS: Throughput is 101 writes/s',
        'PASS: Slowest request took 0.002000s',
        'PASS: Stddev is 0.000000s',
        'PASS',
      ],
    },
    {
      what: 'FAIL in every line',
      changes: {
        thresholds: { minRatePerSec: 150 },
        phase: { errors: { Unavailable: 2 }, service: histogram(100, 1, 4000) },
      },
      lines: [
        'FAIL: too many errors',
        'FAIL: ERROR(Unavailable) -> 2',
        'FAIL: Throughput too low: 101 writes/s',
        'Slowest request took too long: 4.000000s',
        'Stddev too high: 0.397900s',
        'FAIL',
      ],
    },
  ])('$what', ({ changes, lines }) => {
    const said = judgeRun(run(changes)).targets[0]!.oldTool;
    const rounded = (line: string): string => line.replace(/0\.39\d+s/, '0.397900s');
    expect(said.map(rounded)).toEqual(lines);
  });
});
