/** The log over real files: what was appended is there after the next start. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nowMs } from '../../../src/base/clock.ts';
import { settled } from '../../../src/node/disk/file-steps.ts';
import { superfluousSegments } from '../../../src/node/disk/old-files.ts';
import { realFiles } from '../../../src/node/disk/real-files.ts';
import { openLog, type OpenedLog } from '../../../src/node/disk/wal-log-store.ts';
import type { Entry } from '../../../src/node/raft/entry.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'wal-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const silent = { debug: () => {}, warn: () => {} };
const meter = { observe: () => {} };

interface Opened extends OpenedLog {
  persisted(number: number): Promise<void>;
  readonly errors: Error[];
}

async function open(segmentBytes = 4096): Promise<Opened> {
  let newest = 0;
  const waiting: { number: number; resolve: () => void }[] = [];
  const errors: Error[] = [];
  const opened = await openLog({
    files: realFiles,
    walDir: join(directory, 'wal'),
    snapDir: join(directory, 'snap'),
    memberId: 0xcafe_0000_0000_0001n,
    clusterId: 77n,
    segmentBytes,
    walsKept: 1,
    clock: { nowMs },
    meters: {
      fsyncSeconds: meter,
      writeSeconds: meter,
      snapshotFsyncSeconds: meter,
      snapshotSaveSeconds: meter,
      writtenBytes: 0,
    },
    observer: {
      onPersisted(number) {
        newest = number;
        for (const one of waiting) if (one.number <= newest) one.resolve();
      },
      onFailed: (error) => errors.push(error),
    },
    trace: silent,
  });
  const persisted = (number: number) =>
    newest >= number ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ number, resolve }));
  return { ...opened, persisted, errors };
}

const entry = (index: number, bytes = 300): Entry => ({
  term: 1,
  index,
  type: 0,
  data: new Uint8Array(bytes).fill(index),
});

it('gives back over several segments what was appended', async () => {
  const first = await open();
  expect(first.restored).toMatchObject({ existed: false, entries: [], memberId: 0xcafe_0000_0000_0001n });
  for (let i = 1; i <= 50; i++) {
    first.log.append({
      number: i,
      entries: [entry(i)],
      hardState: { term: 1, vote: 7n, commit: i - 1 },
      mustSync: true,
    });
    if (i % 7 === 0) await first.persisted(i);
  }
  await first.log.close();
  expect(readdirSync(join(directory, 'wal'))).toHaveLength(5);
  const second = await open();
  expect(second.restored.hardState).toEqual({ term: 1, vote: 7n, commit: 49 });
  expect(second.restored.entries).toEqual(Array.from({ length: 50 }, (_, i) => entry(i + 1)));
  await second.log.close();
});

const snapshotAt = (index: number) => ({ index, term: 1, confState: { voters: [7n], learners: [] } });

it('keeps what a start from the newest snapshot needs, and a bounded rest', async () => {
  const first = await open();
  for (let i = 1; i <= 200; i++) {
    first.log.append({
      number: i,
      entries: [entry(i)],
      hardState: { term: 1, vote: 7n, commit: i - 1 },
      mustSync: true,
    });
    if (i % 20 !== 0) continue;
    await first.persisted(i);
    await settled((done) => first.log.snapshot(snapshotAt(i - 5), i - 15, done));
  }
  expect(readdirSync(join(directory, 'wal')).length).toBeLessThanOrEqual(5);
  expect(readdirSync(join(directory, 'snap'))).toHaveLength(5);
  await first.log.close();
  const { restored, log } = await open();
  expect(restored.snapshot).toEqual(snapshotAt(195));
  expect(restored.entries.map(({ index }) => index)).toEqual([196, 197, 198, 199, 200]);
  await log.close();
});

it('is closed after the snapshot that is under way', async () => {
  const first = await open();
  const hardState = { term: 1, vote: 7n, commit: 1 };
  first.log.append({ number: 1, entries: [entry(1)], hardState, mustSync: true });
  await first.persisted(1);
  let saved: Error | null | undefined;
  first.log.snapshot(snapshotAt(1), 1, (error) => (saved = error));
  await first.log.close();
  expect([saved, first.errors]).toEqual([null, []]);
  const second = await open();
  expect(second.restored.snapshot).toEqual(snapshotAt(1));
  await second.log.close();
});

it('goes on after a torn record was cut off, with a copy of the file aside', async () => {
  const first = await open();
  first.log.append({ number: 1, entries: [entry(1), entry(2)], hardState: null, mustSync: true });
  await first.log.close();
  const [segment] = readdirSync(join(directory, 'wal')) as [string];
  const path = join(directory, 'wal', segment);
  truncateSync(path, 600); // within the second entry
  const second = await open();
  expect(second.restored.entries).toEqual([entry(1)]);
  expect(readdirSync(join(directory, 'wal'))).toContain(`${segment}.broken`);
  expect(statSync(path).size).toBe(4096);
  second.log.append({ number: 1, entries: [entry(2, 10)], hardState: null, mustSync: true });
  await second.log.close();
  const third = await open();
  expect(third.restored.entries).toEqual([entry(1), entry(2, 10)]);
  await third.log.close();
});

it('is refused with one line where it cannot be', async () => {
  writeFileSync(join(directory, 'wal'), '');
  await expect(open()).rejects.toMatchObject({ code: 'WAL_UNUSABLE', exitCode: 1 });
});

it('refuses snapshots without a log', async () => {
  mkdirSync(join(directory, 'snap'));
  writeFileSync(join(directory, 'snap', '0000000000000001-0000000000000009.snap'), '');
  await expect(open()).rejects.toMatchObject({ code: 'WAL_DAMAGED' });
});

describe('segments that may go', () => {
  const segments = [0, 10, 20, 30, 40].map((firstIndex, sequence) => ({ sequence, firstIndex }));
  it.each([
    { keepAfter: 0, kept: 1, count: 0 },
    { keepAfter: 8, kept: 1, count: 0 },
    { keepAfter: 9, kept: 1, count: 1 }, // entry 10 is the first of the second
    { keepAfter: 35, kept: 1, count: 3 },
    { keepAfter: 1000, kept: 1, count: 4 },
    { keepAfter: 1000, kept: 3, count: 2 },
    { keepAfter: 1000, kept: 9, count: 0 },
  ])('after entry $keepAfter, $kept kept: $count', ({ keepAfter, kept, count }) => {
    expect(superfluousSegments(segments, keepAfter, kept)).toBe(count);
  });
});
