/** The power goes at any moment: what was acknowledged is there at the next start, and nothing that was never sent. */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/base/random.ts';
import { messageOf } from '../../../src/base/failure.ts';
import { openLog } from '../../../src/node/disk/wal-log-store.ts';
import { recoverLog } from '../../../src/node/disk/wal-recovery.ts';
import type { RestoredLog } from '../../../src/node/log-store.ts';
import { LogRun, directories } from './log-run.ts';
import { MemoryFiles, type DiskImage } from './memory-files.ts';
import { PowerLoss } from './power-loss.ts';

const segmentBytes = 4096;
const trace = { debug: () => {}, warn: () => {} };

function recovered(image: DiskImage): RestoredLog | null {
  return recoverLog({ files: new MemoryFiles(image), ...directories, trace })?.restored ?? null;
}

function check(run: LogRun, found: RestoredLog | null, at: number): void {
  const problem = run.problemOf(found, run.markAt(at));
  if (problem !== null) throw new Error(problem);
}

/** Starts on `image`, and starts again wherever the power may go during that. */
async function startAgain(run: LogRun, image: DiskImage, at: number, seed: number): Promise<number> {
  const files = new MemoryFiles(image, seed);
  const { log, restored } = await openLog({ ...run.options(segmentBytes), files });
  await log.close();
  check(run, restored, at);
  const random = createRandom(seed);
  const disk = new PowerLoss(image);
  let states = 0;
  for (const event of files.events) {
    disk.happened(event);
    check(run, recovered(disk.image(random)), at);
    states++;
  }
  expect(recovered(files.image())).toEqual({ ...restored, existed: true });
  return states;
}

async function checkRun(seed: number, imagesPerEvent: number): Promise<number> {
  const run = new LogRun(new MemoryFiles(new Map(), seed), seed);
  await run.live(60, segmentBytes, 25, seed % 2 === 0);
  expect([run.failures, run.files.violations]).toEqual([[], []]);
  const random = createRandom(seed);
  const disk = new PowerLoss();
  let states = 0;
  for (const [at, event] of run.files.events.entries()) {
    disk.happened(event);
    for (let i = 0; i < imagesPerEvent; i++, states++) {
      const image = disk.image(random);
      const where = `seed ${seed}, after event ${at} (${event.kind})`;
      try {
        check(run, recovered(image), at + 1);
        if (states % 40 === 0) states += await startAgain(run, image, at + 1, seed);
      } catch (error) {
        throw new Error(`${where}: ${messageOf(error)}`, { cause: error });
      }
    }
  }
  return states;
}

// Ten lives of at least 2,000 states each.
describe('power loss leaves every acknowledged entry and nothing that was never sent', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('seed %i', async (seed) => {
    expect(await checkRun(seed, 13)).toBeGreaterThanOrEqual(2_000);
  });
});
