// The key index with 1,000,000 keys of 256 B, built at the first case that wants it. Every request's key stands in a buffer
// of its own place, as in a log entry; those of one round are made before it, so that making them is not measured.
import { PerformanceObserver } from 'node:perf_hooks';
import { createRandom } from '../../build/base/random.js';
import { ArenaKeyIndex } from '../../build/node/state/key-index/arena-key-index.js';

const keyCount = 1_000_000;
const keyBytes = 256;
const prefix = Buffer.from('/quorumbench/0123456789abcdef/');
const random = createRandom(1);
let revision = 1;

function put(index, keys, at) {
  index.append(index.ensure(keys, at, at + keyBytes), ++revision, 0, false, 1024);
}

function writeRandom(keys, at) {
  prefix.copy(keys, at);
  const end = at + prefix.length + 20;
  for (let i = at + prefix.length; i < end; i++) keys[i] = 97 + ((random.uint32() >>> 8) % 26);
}

function writeNumber(keys, at, number) {
  prefix.copy(keys, at);
  keys.write(String(number).padStart(12, '0'), at + prefix.length, 'latin1');
}

/** 50,000 of the keys, in a row: what requests bring. */
const sample = Buffer.alloc(50_000 * keyBytes);

function filled() {
  const index = new ArenaKeyIndex();
  const key = Buffer.alloc(keyBytes);
  for (let i = 0; i < keyCount; i++) {
    writeRandom(key, 0);
    if (i % 20 === 0) key.copy(sample, (i / 20) * keyBytes);
    put(index, key, 0);
  }
  return index;
}

let kept = null;
const million = () => (kept ??= filled());
let sampled = 0;
const nextSample = () => (sampled = (sampled + keyBytes) % sample.length);

function insertCase(order, write) {
  let index = new ArenaKeyIndex();
  let number = 0;
  const keys = Buffer.alloc(20_000 * keyBytes);
  return (count) => {
    if (index.keyCount > keyCount) index = new ArenaKeyIndex();
    for (let done = 0; done < count;) {
      const batch = Math.min(20_000, count - done);
      for (let i = 0; i < batch; i++) write(keys, i * keyBytes, number++);
      for (let i = 0; i < batch; i++) put(index, keys, i * keyBytes);
      done += batch;
    }
  };
}

function scan(count) {
  const index = million();
  for (let done = 0; done < count;) {
    const at = nextSample();
    let slot = index.seek(sample, at, at + keyBytes);
    for (let i = 0; i < 1000 && slot >= 0; i++, done++) {
      index.recordAt(slot, revision);
      slot = index.next(slot);
    }
  }
}

let hot = null;
function recordAt(count) {
  if (hot === null) {
    hot = new ArenaKeyIndex();
    const slot = hot.ensure(prefix, 0, prefix.length);
    for (let main = 1; main <= 1_000_000; main++) hot.append(slot, main, 0, false, 0);
  }
  const slot = hot.find(prefix, 0, prefix.length);
  for (let i = 0; i < count; i++) hot.recordAt(slot, 1 + random.below(1_000_000));
}

function overSample(action) {
  return (count) => {
    const index = million();
    for (let i = 0; i < count; i++) action(index, nextSample());
  };
}

/** The median pause of the collections that large buffers bring about while the index stands. */
async function pauseMicroseconds() {
  million();
  const pausesMs = [];
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) pausesMs.push(duration);
  });
  observer.observe({ entryTypes: ['gc'] });
  for (let i = 0; i < 20; i++) new ArrayBuffer(64 << 20);
  await new Promise((resolve) => setTimeout(resolve, 200));
  observer.disconnect();
  return (pausesMs.sort((a, b) => a - b)[pausesMs.length >> 1] ?? 0) * 1000;
}

export const keyIndexCases = [
  { name: 'key index: insert, 256 B keys in order (key made: included)', body: insertCase('sequential', writeNumber) },
  { name: 'key index: insert, 256 B keys at random (key made: included)', body: insertCase('random', writeRandom) },
  { name: 'key index: update one of 1,000,000 keys', body: overSample(put) },
  {
    name: 'key index: find one of 1,000,000 keys',
    body: overSample((index, at) => index.find(sample, at, at + keyBytes)),
  },
  {
    name: 'key index: seek among 1,000,000 keys',
    body: overSample((index, at) => index.seek(sample, at, at + keyBytes - 1)),
  },
  { name: 'key index: one of a scan of 1,000, with its record', body: scan },
  { name: 'key index: recordAt of a key with 1,000,000 revisions', body: recordAt },
];

export const keyIndexFigures = [
  { name: 'key index: bytes held per key of 256 B', figure: () => filled().heldBytes / keyCount },
  { name: 'key index: median GC pause beside 1,000,000 keys, us', figure: pauseMicroseconds },
];
