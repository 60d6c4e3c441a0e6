// What the backend costs: records of 1.3 KB (17 B revision, KeyValue of a 256 B key and a 1 KiB value) in transactions of
// 5,000, the CPU of the main thread and of all threads; a get with its checksum; a scan as a start does it; bytes on disk.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openStorage } from '../../build/node/disk/lmdb-storage.js';

const records = 100_000;
const batchRecords = 5_000;
const recordBytes = 1_310;
const values = Array.from({ length: 64 }, (_, i) => new Uint8Array(recordBytes).map((__, j) => i * 31 + j * 7));
const key = new Uint8Array(17);
const keyView = new DataView(key.buffer);
key[8] = 0x5f;

function keyOf(i) {
  keyView.setUint32(4, i);
  return key;
}

/** Of the calling thread, in nanoseconds: proc_pid_schedstat(5). NaN where there is no such file. */
function threadCpuNs() {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')[0]);
  } catch {
    return NaN;
  }
}

/** Somewhere on the disk of the checkout: in the system's temporary directory a sync may be free. */
function freshDirectory() {
  const results = join(import.meta.dirname, '../../results');
  mkdirSync(results, { recursive: true });
  return mkdtempSync(join(results, 'micro-backend-'));
}

async function fill(storage) {
  for (let i = 0; i < records; i += batchRecords) {
    const transaction = storage.begin();
    for (let j = i; j < i + batchRecords; j++) transaction.put('key', keyOf(j), values[j & 63]);
    await new Promise((resolve, reject) => transaction.commit((error) => (error ? reject(error) : resolve())));
  }
}

let figures = null;

/** All of them from one filling. */
async function measured() {
  if (figures !== null) return figures;
  const directory = freshDirectory();
  const storage = openStorage(join(directory, 'db'));
  await fill(storage); // once for the compilers
  const all = process.cpuUsage();
  const mainNs = threadCpuNs();
  await fill(storage);
  const { user, system } = process.cpuUsage(all);
  const putMainNs = (threadCpuNs() - mainNs) / records;
  const getNs = perRecord(() => {
    for (let i = 0; i < records; i++) storage.get('key', keyOf((i * 7919) % records));
  });
  const scanNs = perRecord(() => storage.scan('key', new Uint8Array(0), null, () => true));
  const bytes = storage.sizeInUseBytes / records;
  await storage.close();
  rmSync(directory, { recursive: true });
  figures = { putMainNs, putAllNs: ((user + system) * 1e3) / records, getNs, scanNs, bytes };
  return figures;
}

function perRecord(body) {
  const startNs = process.hrtime.bigint();
  body();
  return Number(process.hrtime.bigint() - startNs) / records;
}

export const backendFigures = [
  {
    name: 'backend: put of 1.3 KB over another, ns CPU of the main thread',
    figure: async () => (await measured()).putMainNs,
  },
  {
    name: 'backend: put of 1.3 KB over another, ns CPU of all threads',
    figure: async () => (await measured()).putAllNs,
  },
  { name: 'backend: get of 1.3 KB at random, ns', figure: async () => (await measured()).getNs },
  { name: 'backend: scan of 1.3 KB records, ns each', figure: async () => (await measured()).scanNs },
  { name: 'backend: bytes on disk for a record of 1,327 bytes', figure: async () => (await measured()).bytes },
];
