import { ReplyReader } from '../../build/api/hot/reply-reader.js';
import { KV } from '../../build/api/methods.js';
import { Plan } from '../../build/bench/plan.js';
import { RequestEncoder } from '../../build/bench/request-encoder.js';

const workload = {
  name: 'micro',
  description: '',
  clients: 1,
  connections: 1,
  spread: 'all',
  requestTimeoutMs: 5000,
  seed: 1,
  keys: { sizeBytes: { kind: 'fixed', bytes: 256 }, count: null, order: 'uniform', zipfTheta: 0.99 },
  values: { kind: 'fixed', bytes: 1024 },
  preload: 0,
  phases: [],
  thresholds: {},
};
const arrival = { model: 'closed' };
const prefix = Buffer.from('/quorumbench/micro/');

function encoderOf(mix, keys = workload.keys) {
  const used = { ...workload, keys };
  const phase = { name: 'p', warmUp: false, arrival, durationMs: 1, count: null, mix };
  return new RequestEncoder(used, new Plan(used, phase, 0, prefix), prefix);
}

function planned(mix, keys) {
  const encoder = encoderOf(mix, keys);
  return (count) => {
    for (let i = 0; i < count; i++) encoder.encode(i);
  };
}

const message = { key: new Uint8Array(256).fill(97), value: new Uint8Array(1024).fill(98) };
const putBytes = KV.Put.request.encode(message);
const reply = KV.Put.response.encode({
  header: { cluster_id: 0xcdf818194e3a8c32n, member_id: 0x8e9e05c52164694dn, revision: 123456, raft_term: 2n },
});
const reader = new ReplyReader();

function times(action) {
  return (count) => {
    for (let i = 0; i < count; i++) action();
  };
}

const range = { op: 'range', weight: 1, serializable: false, limit: 0, span: 'key' };
const known = { ...workload.keys, count: 100_000 };
export const codecCases = [
  { name: 'plan and write a put: new 256 B key, 1 KiB value', body: planned([{ op: 'put', weight: 1 }]) },
  { name: 'plan and write a range: one of 100,000 keys', body: planned([range], known) },
  {
    name: 'plan and write a range: zipfian, one of 100,000 keys',
    body: planned([range], { ...known, order: 'zipfian' }),
  },
  { name: 'generated: encode PutRequest', body: times(() => KV.Put.request.encode(message)) },
  { name: 'generated: decode PutRequest (view)', body: times(() => KV.Put.request.decodeView(putBytes)) },
  { name: 'generated: decode PutResponse', body: times(() => KV.Put.response.decode(reply)) },
  { name: 'hand-written: read PutResponse', body: times(() => reader.readPut(reply)) },
];
