/** Any one call to the disk fails: it is reported once, nothing is acknowledged after it, nothing acknowledged is lost. */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/base/random.ts';
import { Failure } from '../../../src/base/failure.ts';
import { recoverLog } from '../../../src/node/disk/wal-recovery.ts';
import { LogRun, directories } from './log-run.ts';
import { MemoryFiles } from './memory-files.ts';
import { PowerLoss } from './power-loss.ts';

const segmentBytes = 4096;
const trace = { debug: () => {}, warn: () => {} };

async function callsOf(seed: number): Promise<number> {
  const run = new LogRun(new MemoryFiles(new Map(), seed), seed);
  await run.live(22, segmentBytes, 10, seed === 1);
  return run.files.calls;
}

/** What was done about the fault, as one word. */
async function liveWithFault(seed: number, call: number, code: string): Promise<string> {
  const run = new LogRun(new MemoryFiles(new Map(), seed, { call, code }), seed);
  const refused = await run.live(22, segmentBytes, 10, seed === 1).then(
    () => null,
    (error: unknown) => error,
  );
  const where = `seed ${seed}, call ${call} (${run.files.failed}) ${code}`;
  expect(run.files.violations, where).toEqual([]);
  if (refused !== null) expect(refused, where).toMatchObject({ code: 'WAL_UNUSABLE' });
  expect(run.failures.length, where).toBeLessThanOrEqual(1);
  expectNothingLost(run, where);
  if (refused instanceof Failure) return 'start refused';
  if (run.failures.length > 0) return 'failed';
  return run.snapshotErrors > 0 ? 'snapshot failed' : run.warnings.length > 0 ? 'warned' : 'harmless';
}

/** After the process is gone, and after the power is gone with it. */
function expectNothingLost(run: LogRun, where: string): void {
  const random = createRandom(1);
  const disk = new PowerLoss();
  for (const event of run.files.events) disk.happened(event);
  for (const image of [run.files.image(), disk.image(random), disk.image(random)]) {
    const found = recoverLog({ files: new MemoryFiles(image), ...directories, trace });
    expect(run.problemOf(found?.restored ?? null), where).toBeNull();
  }
}

describe.each(['EIO', 'ENOSPC'])('the n-th call fails with %s', (code) => {
  it.each([1, 2])('for every n of a short life, seed %i', async (seed) => {
    const calls = await callsOf(seed);
    expect(calls).toBeGreaterThan(80);
    const outcomes = new Map<string, number>();
    for (let call = 1; call <= calls; call++) {
      const outcome = await liveWithFault(seed, call, code);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    for (const outcome of ['start refused', 'failed', 'snapshot failed', 'warned']) {
      expect(outcomes.get(outcome), [...outcomes].join(' ')).toBeGreaterThan(0);
    }
    // Closing a file at the end, and the preparation of a segment that is not needed any more.
    expect(outcomes.get('harmless') ?? 0).toBeLessThan(calls / 4);
  });
});

it('a write that fails after the log has failed is nobody’s news', async () => {
  const run = new LogRun(new MemoryFiles(new Map(), 1, { call: 20, code: 'EIO' }), 1);
  await run.live(22, segmentBytes, 10);
  expect(run.failures).toHaveLength(1);
  const { log } = run.opened!;
  const calls = run.files.calls;
  log.append({ number: 1000, entries: [], hardState: { term: 9, vote: 1n, commit: 0 }, mustSync: true });
  const error = await new Promise((resolve) => {
    log.snapshot({ index: 1, term: 1, confState: { voters: [], learners: [] } }, 1, resolve);
  });
  expect(error).toBe(run.failures[0]);
  expect(run.files.calls).toBeGreaterThan(calls); // the .snap file; the log itself is left alone
  expect(run.failures).toHaveLength(1);
});
