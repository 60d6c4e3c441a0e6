// What the state does with a put and with a range: 256 B keys and 1 KiB values, 100,000 keys, over the real index and a
// backend that keeps nothing but what it is asked for first. Flushes are included, at the loop's batches.
import { PutRequestReader } from '../../build/api/hot/put-request-reader.js';
import { RangeRequest } from '../../build/api/gen/etcdserverpb/kv.js';
import { KV } from '../../build/api/methods.js';
import { rangeQueryOf } from '../../build/node/state/range-query.js';
import { StateMachine } from '../../build/node/state/state-machine.js';
import { ArenaKeyIndex } from '../../build/node/state/key-index/arena-key-index.js';

const keyBytes = 256;
const valueBytes = 1024;
const keys = 100_000;
const flushEvery = 5_000;

/** Every record read back is the same one: what a real backend costs is another case. */
class NullStorage {
  constructor() {
    this.record = null;
    this.sizeBytes = this.sizeInUseBytes = 0;
  }
  get(table) {
    return table === 'key' ? this.record : null;
  }
  scan() {}
  begin() {
    const transaction = {
      put: (table, key, value) => {
        if (table === 'key') this.record ??= value.slice();
      },
      delete: () => {},
      commit: (done) => done(null),
    };
    return transaction;
  }
}

function keyOf(i) {
  return Buffer.from(`registry/pods/namespace/${String(i).padStart(8, '0')}`.padEnd(keyBytes, 'k'));
}

/** Field 4, then the header (100) with an id, as the node writes it. */
function putEntry(key) {
  const put = KV.Put.request.encode({ key, value: new Uint8Array(valueBytes).fill(7) });
  const length = Buffer.from([(put.length & 0x7f) | 0x80, put.length >>> 7]);
  const header = Buffer.from([0xa2, 0x06, 10, 8, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x01]);
  return Buffer.concat([Buffer.from([0x22]), length, put, header]);
}

const storage = new NullStorage();
const state = new StateMachine(storage, new ArenaKeyIndex(), { clock: { wallMs: () => 0 } });
const applied = { error: null, revision: 0, response: null };
const entry = { term: 2, index: 0, type: 0, data: null };
const datas = [];
const names = [];
let next = 0;

function applyPuts(times) {
  for (let i = 0; i < times; i++) {
    entry.index++;
    entry.data = datas[(next = (next * 5 + 7919) % keys)];
    state.apply(entry, applied);
    if (state.unflushedOperations >= flushEvery) state.flush(() => {});
    // A store that is never compacted would grow, and what fresh memory costs be measured.
    if (entry.index % 100_000 === 0) forgetHistory();
  }
}

function forgetHistory() {
  entry.index++;
  const request = KV.Compact.request.encode({ revision: state.mvcc.revision });
  state.apply({ ...entry, data: Buffer.concat([Buffer.from([0x3a, request.length]), request]) }, applied);
  for (let busy = true; busy;) {
    busy = state.work();
    if (!busy && state.unflushedOperations > 0) {
      state.flush(() => {});
      busy = true;
    }
  }
}

function prepare() {
  if (datas.length > 0) return;
  for (let i = 0; i < keys; i++) {
    names.push(keyOf(i));
    datas.push(putEntry(names[i]));
    entry.index++;
    entry.data = datas[i];
    state.apply(entry, applied);
    if (state.unflushedOperations >= flushEvery) state.flush(() => {});
  }
}

const query = rangeQueryOf(RangeRequest.create({ key: keyOf(500), range_end: keyOf(1500) }));
const into = new Uint8Array(64 * 1024);

function range(options) {
  const cursor = state.mvcc.openRange({ ...query, ...options });
  while (!cursor.prepare(1_000));
  while (cursor.write(into, 0) >= 0);
  cursor.close();
}

const reader = new PutRequestReader();
const whole = (body) => (times) => {
  prepare();
  body(times);
};
const each = (body) =>
  whole((times) => {
    for (let i = 0; i < times; i++) body((next = (next * 5 + 7919) % keys));
  });

export const applyCases = [
  { name: 'state: apply a put of 256 B + 1 KiB to one of 100,000 keys', body: whole(applyPuts) },
  { name: 'state:   of which reading the request', body: each((i) => reader.read(datas[i], 3, 3 + 1286)) },
  { name: 'state: newest value of one key', body: each((i) => state.mvcc.newest(names[i], 0, keyBytes)) },
  {
    name: 'state: range of one key, through a cursor',
    body: each((i) => range({ key: names[i], rangeEnd: names[0].subarray(0, 0) })),
  },
  { name: 'state: range of 1,000 keys', body: each(() => range({})) },
  { name: 'state: range of 1,000 keys, keys only', body: each(() => range({ keysOnly: true })) },
  {
    name: 'state: range of 1,000 keys, newest first',
    body: each(() => range({ sortTarget: 'mod', sortOrder: 'descend' })),
  },
  { name: 'state: count of 1,000 keys', body: each(() => range({ countOnly: true })) },
];
