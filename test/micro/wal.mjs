// What the log costs: entries of 1.3 KB (256 B key, 1 KiB value, header) into the batch buffer with their checksum; read
// back at a start; and through the real files with group commit, where the disk's own time is not counted, only the CPU's.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { nowMs } from '../../build/base/clock.js';
import { realFiles } from '../../build/node/disk/real-files.js';
import { Batch, WalEncoder } from '../../build/node/disk/wal-encoder.js';
import { recoverLog } from '../../build/node/disk/wal-recovery.js';
import { openLog } from '../../build/node/disk/wal-log-store.js';

const entryBytes = 1310;
const batchEntries = 200;
const data = new Uint8Array(entryBytes).map((_, i) => i * 31);
const trace = { debug: () => {}, warn: () => {} };
const hardState = { term: 1, vote: 1n, commit: 0 };

function endAt(lastIndex) {
  return { metadata: { memberId: 1n, clusterId: 2n }, hardState, crc: 0, position: 0, lastIndex };
}

function encode(count) {
  const batch = new Batch();
  const encoder = new WalEncoder(batch, Infinity, endAt(0));
  const entry = { term: 1, index: 0, type: 0, data };
  for (let i = 1; i <= count; i++) {
    entry.index = i;
    encoder.entry(entry);
    if (i % batchEntries === 0) batch.clear();
  }
}

export const walCases = [{ name: 'wal: an entry of 1.3 KB into the batch, with its checksum', body: encode }];

/** Somewhere on the disk of the checkout: in the system's temporary directory a sync may be free. */
function freshDirectory() {
  const results = join(import.meta.dirname, '../../results');
  mkdirSync(results, { recursive: true });
  return mkdtempSync(join(results, 'micro-wal-'));
}

/** Appends `batches` times `entries` entries, each batch when the one before is down. */
async function written(directory, batches, entries) {
  const meter = { observe: () => {} };
  let onPersisted = () => {};
  const { log } = await openLog({
    files: realFiles,
    walDir: join(directory, 'wal'),
    snapDir: join(directory, 'snap'),
    memberId: 1n,
    clusterId: 2n,
    clock: { nowMs },
    meters: {
      fsyncSeconds: meter,
      writeSeconds: meter,
      snapshotFsyncSeconds: meter,
      snapshotSaveSeconds: meter,
      writtenBytes: 0,
    },
    observer: { onPersisted: () => onPersisted(), onFailed: (error) => process.stderr.write(`${error.message}\n`) },
    trace,
  });
  const latencies = [];
  const cpu = process.cpuUsage();
  for (let number = 1, index = 1; number <= batches; number++, index += entries) {
    const startedMs = nowMs();
    const some = Array.from({ length: entries }, (_, i) => ({ term: 1, index: index + i, type: 0, data }));
    const persisted = new Promise((resolve) => (onPersisted = resolve));
    log.append({ number, entries: some, hardState: number === 1 ? hardState : null, mustSync: true });
    await persisted;
    latencies.push(nowMs() - startedMs);
  }
  const { user, system } = process.cpuUsage(cpu);
  await log.close();
  latencies.sort((a, b) => a - b);
  return { cpuUs: (user + system) / (batches * entries), p50Us: latencies[latencies.length >> 1] * 1e3 };
}

async function inDirectory(work) {
  const directory = freshDirectory();
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function recoveryMegabytesPerSecond(directory) {
  const batches = 180;
  await written(directory, batches, batchEntries);
  const startedMs = nowMs();
  recoverLog({ files: realFiles, walDir: join(directory, 'wal'), snapDir: join(directory, 'snap'), trace });
  return (batches * batchEntries * entryBytes) / 1e3 / (nowMs() - startedMs);
}

export const walFigures = [
  {
    name: 'wal: one entry written and synced, p50 in us',
    figure: () => inDirectory(async (at) => (await written(at, 800, 1)).p50Us),
  },
  {
    name: 'wal: one entry written and synced, CPU in us',
    figure: () => inDirectory(async (at) => (await written(at, 800, 1)).cpuUs),
  },
  {
    name: `wal: an entry in batches of ${batchEntries}, CPU of all threads in ns`,
    figure: () => inDirectory(async (at) => (await written(at, 180, batchEntries)).cpuUs * 1e3),
  },
  { name: 'wal: recovery in MB/s', figure: () => inDirectory(recoveryMegabytesPerSecond) },
];
