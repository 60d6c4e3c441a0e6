// The stages of a put's life for `npm run bench:path`, each over the real code with its neighbours replaced by as little as
// will do. `prepare` makes a stage's input, `run` is the stage for one batch.
import { PutRequest } from '../../build/api/gen/etcdserverpb/kv.js';
import { BatchWriter, chunkBytes } from '../../build/node/disk/lmdb-batch.js';
import { Batch, WalEncoder } from '../../build/node/disk/wal-encoder.js';
import { Node } from '../../build/node/node.js';
import { Raft } from '../../build/node/raft/raft.js';
import { RequestIds } from '../../build/node/request-ids.js';
import { RequestSlab } from '../../build/node/request-slab.js';
import { Callers } from '../../build/node/rpc/callers.js';
import { MethodCounters } from '../../build/node/rpc/method-counters.js';
import { routesOf, servedMethods } from '../../build/node/rpc/routes.js';
import { ArenaKeyIndex } from '../../build/node/state/key-index/arena-key-index.js';
import { StateMachine } from '../../build/node/state/state-machine.js';
import { Http2ClientConnection } from '../../build/wire/client-connection.js';
import { Http2ServerConnection } from '../../build/wire/server-connection.js';

const path = '/etcdserverpb.KV/Put';
const keys = 100_000;
const memberId = 0x8e9e05c52164694dn;
const voters = { voters: [memberId], learners: [] };
const answer = Buffer.from('0a1c08ccb08ba3f48ef7e6cd0110cda990a6a5bb8ccf8e011880890f2002', 'hex');

export function putStages(batch) {
  const puts = encodedPuts();
  const nextEntries = entrySource(puts, batch);
  return [
    wireStage(puts, batch),
    ...serviceStages(puts, batch),
    loopStage(puts, batch),
    walStage(nextEntries),
    ...stateStages(nextEntries),
  ];
}

/** In an order that is no order of keys. */
function encodedPuts() {
  const key = new Uint8Array(256).fill(0x6b);
  const value = new Uint8Array(1024).fill(0x76);
  return Array.from({ length: keys }, (_, i) => {
    key.set(Buffer.from(String((i * 7919) % keys).padStart(10, '0')), 246);
    return PutRequest.encode(PutRequest.create({ key, value })).finish();
  });
}

/** One item after the other, from the first again after the last. */
function ring(items) {
  let at = 0;
  return () => items[at++ % items.length];
}

/** A hundred puts on ten connections: frames in, calls, their replies, frames out. */
function wireStage(puts, batch) {
  const next = ring(puts);
  const calls = [];
  const routes = { unary: new Map([[path, (call) => void calls.push(call)]]), streaming: new Map() };
  const pairs = Array.from({ length: 10 }, () => enginePair(routes));
  const chunks = [];
  const replies = [];
  const sink = { onReply() {} };
  const options = { timeoutMs: 5000, metadata: [] };
  let nowMs = 0;
  return {
    name: 'wire: frames to calls, replies to frames',
    budget: '3+1.5',
    prepare() {
      nowMs += 0.1;
      pairs.forEach(({ client }, i) => {
        if (replies.length > 0) client.receive(replies[i], nowMs);
        for (let j = 0; j < batch / pairs.length; j++) client.unary(path, next(), options, j, sink, nowMs);
        chunks[i] = Uint8Array.from(client.takeOutput());
        client.outputDrained();
      });
    },
    run() {
      for (let i = 0; i < pairs.length; i++) pairs[i].server.receive(chunks[i], nowMs);
      for (const call of calls) call.reply(answer);
      calls.length = 0;
      for (let i = 0; i < pairs.length; i++) {
        const { server } = pairs[i];
        replies[i] = Uint8Array.from(server.takeOutput());
        server.outputLeft();
        server.outputDrained();
      }
    },
  };
}

function enginePair(routes) {
  const onOutput = () => {};
  const peer = { address: 'memory', tlsSubject: null };
  const server = new Http2ServerConnection({ nowMs: 0, onOutput, routes, peer, http: null });
  const client = new Http2ClientConnection({ nowMs: 0, onOutput, authority: 'localhost', secure: false });
  for (let i = 0; i < 3; i++) {
    const up = client.takeOutput();
    if (up !== null) server.receive(up, 0);
    client.outputDrained();
    const down = server.takeOutput();
    if (down !== null) client.receive(down, 0);
    server.outputDrained();
  }
  return { client, server };
}

const clock = { nowMs: () => 0, wallMs: () => 1_700_000_000_000, after: () => ({ cancel() {} }), soon: () => {} };

/** The handler of Put, before the log and after it. */
function serviceStages(puts, batch) {
  const next = ring(puts);
  const waiting = [];
  const state = { flushedIndex: 0, alarms: [], mvcc: { revision: 1 } };
  const status = { memberId, clusterId: 0xcdf818194e3a8c32n, leader: memberId, term: 2 };
  const requests = { state, status, proposePut: (_bytes, proposer) => void waiting.push(proposer) };
  const { unary } = routesOf({
    requests,
    storage: { sizeBytes: 1, sizeInUseBytes: 1 },
    clock,
    version: '3.7.1',
    maxTxnOps: 128,
    quotaBackendBytes: 8 * 2 ** 30,
    methods: new MethodCounters(servedMethods, clock.nowMs, false),
    callers: new Callers(),
  });
  const handle = unary.get(path);
  const call = { metadata: [], cancelled: false, deadlineMs: Infinity, reply() {}, end: (_, text) => fail(text) };
  const requestsOf = () => Array.from({ length: batch }, next);
  let some = [];
  let revision = 1;
  return [
    {
      name: 'rpc: decode and validate',
      budget: '1',
      prepare() {
        waiting.length = 0;
        some = requestsOf();
      },
      run() {
        for (let i = 0; i < batch; i++) handle(call, some[i]);
      },
    },
    {
      name: 'rpc: answer',
      prepare() {
        waiting.length = 0;
        for (const put of requestsOf()) handle(call, put);
      },
      run() {
        const applied = { error: null, revision: 0, response: null };
        for (let i = 0; i < batch; i++) {
          applied.revision = revision++;
          waiting[i].onApplied(applied);
        }
      },
    },
  ];
}

function fail(text) {
  throw new Error(text);
}

/** Queue, consensus and answers: everything of the loop but what its ports do. */
function loopStage(puts, batch) {
  const next = ring(puts);
  let turn = () => {};
  let newest = 0;
  const log = { pendingBytes: 0, append: ({ number }) => void (newest = number) };
  const state = {
    confState: voters,
    appliedIndex: 0,
    flushedIndex: 0,
    unflushedOperations: 0,
    unflushedBytes: 0,
    apply(entry) {
      state.appliedIndex = state.flushedIndex = entry.index;
    },
    work: () => false,
  };
  const lines = { info() {} };
  const node = new Node({
    config: {
      heartbeatIntervalMs: 100,
      electionTimeoutMs: 1_000,
      snapshotCount: 10_000,
      snapshotCatchupEntries: 5_000,
      maxRequestBytes: 1_572_864,
      backendBatchLimit: 10_000,
      backendBatchIntervalMs: 100,
    },
    memberId,
    clusterId: 1n,
    clock: { ...clock, soon: (callback) => void (turn = callback) },
    raft: new Raft(raftConfig, restored),
    bootstrap: null,
    snapshotIndex: 0,
    log,
    state,
    lines,
    gate: { shut() {}, reopen() {} },
    backendCommitSeconds: { observe() {} },
    onTurnEnd() {},
    onLeading() {},
    onFatal: fail,
  });
  node.start();
  node.onPersisted(newest);
  node.onPersisted(newest);
  const proposer = { onApplied() {}, onFailed: ({ message }) => fail(message) };
  return {
    name: 'loop: queue, own the bytes, consensus, reply',
    budget: '2',
    run() {
      for (let i = 0; i < batch; i++) node.proposePut(next(), proposer);
      turn();
      node.onPersisted(newest);
    },
  };
}

const raftConfig = {
  id: memberId,
  electionTicks: 10,
  heartbeatTicks: 1,
  preVote: true,
  checkQuorum: true,
  seed: 1,
  uncommittedBytesMax: Infinity,
};
const restored = {
  hardState: { term: 1, vote: memberId, commit: 0 },
  confState: voters,
  snapshotIndex: 0,
  snapshotTerm: 0,
  entries: [],
  applied: 0,
};

/** Batches of entries as the loop makes them, with indexes that go on for ever. */
function entrySource(puts, batch) {
  const slab = new RequestSlab();
  const ids = new RequestIds(memberId, clock.wallMs());
  const data = puts.map((put) => (ids.advance(), slab.encodePut(put, ids)));
  return (firstIndex) =>
    Array.from({ length: batch }, (_, i) => ({
      term: 2,
      index: firstIndex + i,
      type: 0,
      data: data[(firstIndex + i) % data.length],
    }));
}

function walStage(nextEntries) {
  const hardState = { term: 2, vote: memberId, commit: 0 };
  const metadata = { memberId, clusterId: 1n };
  const to = new Batch();
  const encoder = new WalEncoder(to, 64_000_000, { metadata, hardState, crc: 0, position: 0, lastIndex: 0 });
  let index = 1;
  let entries = [];
  return {
    name: 'wal: records and checksums',
    prepare() {
      to.clear();
      entries = nextEntries(index);
      index += entries.length;
    },
    run() {
      for (const entry of entries) encoder.entry(entry);
    },
  };
}

/** The same hundred thousand keys again and again: found and appended to. */
function stateStages(nextEntries) {
  const spare = [];
  let batchWriter = null;
  const storage = {
    get: () => null,
    scan: () => {},
    begin: () => {
      batchWriter = new BatchWriter(() => spare.pop() ?? new ArrayBuffer(chunkBytes));
      return {
        put: (table, key, value) => batchWriter.put(table, key, value),
        delete: (table, key) => batchWriter.delete(table, key),
        commit(done) {
          spare.push(...batchWriter.finish().chunks);
          done(null);
        },
      };
    },
  };
  const state = new StateMachine(storage, new ArenaKeyIndex(), { clock });
  const applied = { error: null, revision: 0, response: null };
  let index = 1;
  let entries = [];
  const applyAll = () => {
    for (let i = 0; i < entries.length; i++) state.apply(entries[i], applied);
  };
  const takeEntries = () => {
    entries = nextEntries(index);
    index += entries.length;
  };
  for (let done = 0; done < keys; done += entries.length) {
    takeEntries();
    applyAll();
    state.flush(() => {});
  }
  return [
    {
      name: 'state: apply',
      budget: '3',
      prepare() {
        state.flush(() => {});
        takeEntries();
      },
      run: applyAll,
    },
    {
      name: 'backend: hand-off',
      budget: '1',
      prepare() {
        takeEntries();
        applyAll();
      },
      run: () => state.flush(() => {}),
    },
  ];
}
