/** The log over real files: what was appended is there after the next start. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { nowMs } from '../../../src/base/clock.ts';
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
