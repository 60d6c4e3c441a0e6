/**
 * The services with everything real around them but the log: a client and a server connection joined in memory, the state
 * machine over a storage in memory. Proposals are applied, and reads allowed, when the rig takes a turn.
 */
import type { EtcdError } from '../../../src/api/errors.ts';
import { etcdErrors } from '../../../src/api/errors.ts';
import type { DeepPartial } from '../../../src/api/message.ts';
import type { UnaryMethod } from '../../../src/api/methods.ts';
import { copyBytes } from '../../../src/base/bytes.ts';
import type { Clock } from '../../../src/node/ports.ts';
import { EntryType } from '../../../src/node/raft/entry.ts';
import type { Proposer, Reader, Requests } from '../../../src/node/requests.ts';
import { Callers } from '../../../src/node/rpc/callers.ts';
import { MethodCounters } from '../../../src/node/rpc/method-counters.ts';
import { routesOf, servedMethods } from '../../../src/node/rpc/routes.ts';
import { ArenaKeyIndex } from '../../../src/node/state/key-index/arena-key-index.ts';
import { StateMachine } from '../../../src/node/state/state-machine.ts';
import type { Applied } from '../../../src/node/state/state.ts';
import type { CallOptions, Metadata } from '../../../src/wire/contract.ts';
import { defaultLimits } from '../../../src/wire/limits.ts';
import { Loopback, Replies } from '../../wire/loopback.ts';
import { MemoryStorage } from '../memory-storage.ts';
import { type Command, internalRequest, requestBytes } from '../state/entries.ts';

export interface Answer<R> {
  readonly code: number;
  readonly message: string;
  /** Of an answer that is OK. */
  readonly response: R;
}

export interface RigOptions {
  readonly maxTxnOps?: number;
  readonly quotaBackendBytes?: number;
  readonly withLatencies?: boolean;
  /** The client's receive window of a stream. */
  readonly streamWindowBytes?: number;
}

/** Turns of the event loop that a test takes by hand. Every look at the time costs `lookMs`, so that slices end. */
class TurnClock implements Clock {
  ms = 1_000;
  lookMs = 0;
  #soon: (() => void)[] = [];

  nowMs(): number {
    this.ms += this.lookMs;
    return this.ms;
  }

  wallMs(): number {
    return 1_700_000_000_000;
  }

  after(): never {
    throw new Error('services set no timers');
  }

  soon(callback: () => void): void {
    this.#soon.push(callback);
  }

  get isWaiting(): boolean {
    return this.#soon.length > 0;
  }

  /** False when nothing was waiting. */
  turn(): boolean {
    const callbacks = this.#soon;
    this.#soon = [];
    for (const callback of callbacks) callback();
    return callbacks.length > 0;
  }
}

export class RpcRig implements Requests {
  readonly storage = new MemoryStorage();
  readonly state: StateMachine;
  readonly clock = new TurnClock();
  readonly methods: MethodCounters;
  readonly callers = new Callers();
  readonly loop: Loopback;
  readonly status = {
    memberId: 0x8e9e05c52164694dn,
    clusterId: 0xcdf818194e3a8c32n,
    leader: 0x8e9e05c52164694dn,
    isLeader: true,
    isLearner: false,
    term: 2,
    commitIndex: 0,
    appliedIndex: 0,
    leaderChangesSeen: 1,
    proposalsPending: 0,
    proposalsFailed: 0,
    slowApplies: 0,
    stopping: false,
  };
  /** False: proposals and reads wait. */
  running = true;
  /** What proposals fail with instead of being applied. */
  failure: EtcdError | null = null;
  /** Every entry that was applied. */
  readonly log: Uint8Array[] = [];
  #proposals: { readonly data: Uint8Array; readonly proposer: Proposer }[] = [];
  #readers: Reader[] = [];
  #token = 0;

  constructor(options: RigOptions = {}) {
    this.state = new StateMachine(this.storage, new ArenaKeyIndex(), { clock: this.clock });
    this.methods = new MethodCounters(servedMethods, () => this.clock.nowMs(), options.withLatencies ?? false);
    const routes = routesOf({
      requests: this,
      storage: this.storage,
      clock: this.clock,
      version: '3.7.1',
      maxTxnOps: options.maxTxnOps ?? 128,
      quotaBackendBytes: options.quotaBackendBytes ?? Infinity,
      methods: this.methods,
      callers: this.callers,
    });
    const streamWindowBytes = options.streamWindowBytes ?? defaultLimits.streamWindowBytes;
    this.loop = new Loopback({
      server: { routes },
      client: { limits: { messageBytesMax: 2 ** 31, streamWindowBytes } },
    });
    this.loop.pump();
  }

  propose(request: Uint8Array, proposer: Proposer): void {
    this.#proposals.push({ data: copyBytes(request), proposer });
  }

  proposePut(put: Uint8Array, proposer: Proposer): void {
    this.#proposals.push({ data: internalRequest(4, put), proposer });
  }

  readIndex(reader: Reader): void {
    this.#readers.push(reader);
  }

  /** Starts a call; its answer is in `replies` when it has come. */
  start<Q, R>(
    method: UnaryMethod<Q, R>,
    request: DeepPartial<Q> | Uint8Array,
    replies: Replies,
    options: Partial<CallOptions> = {},
  ): number {
    const bytes = request instanceof Uint8Array ? request : method.request.encode(request);
    const whole = { timeoutMs: 0, metadata: [], ...options };
    const handle = this.loop.client.unary(method.path, bytes, whole, ++this.#token, replies, this.loop.nowMs);
    this.loop.pump();
    return handle;
  }

  call<Q, R>(method: UnaryMethod<Q, R>, request: DeepPartial<Q> | Uint8Array, metadata: Metadata = []): Answer<R> {
    const replies = new Replies();
    this.start(method, request, replies, { metadata });
    this.settle();
    const [reply] = replies.all;
    if (reply === undefined) throw new Error(`${method.name} was not answered`);
    const response = reply.code === 0 ? method.response.decode(reply.payload) : (undefined as R);
    return { code: reply.code, message: reply.message, response };
  }

  /** Turns until nothing moves any more. */
  settle(): void {
    for (let moved = true; moved;) moved = this.turn();
  }

  turn(): boolean {
    const moved = this.serverTurn();
    this.loop.pump();
    return moved || this.clock.isWaiting;
  }

  /** A turn in which nothing reaches the client, nor comes from it. */
  serverTurn(): boolean {
    const served = this.running && this.#serve();
    return this.clock.turn() || served;
  }

  /** A request that comes from elsewhere. */
  apply(command: Command): void {
    this.#apply(requestBytes(command), { onApplied: () => {}, onFailed: () => {} });
  }

  #serve(): boolean {
    const proposals = this.#proposals;
    const readers = this.#readers;
    this.#proposals = [];
    this.#readers = [];
    for (const { data, proposer } of proposals) this.#apply(data, proposer);
    for (const reader of readers) {
      if (this.status.leader === 0n) reader.onFailed(etcdErrors.TIMEOUT);
      else reader.onReadable();
    }
    return proposals.length + readers.length > 0;
  }

  #apply(data: Uint8Array, proposer: Proposer): void {
    if (this.failure !== null) return proposer.onFailed(this.failure);
    this.log.push(data);
    const index = this.state.appliedIndex + 1;
    const applied: Applied = { error: null, revision: 0, response: null };
    this.state.apply({ term: this.status.term, index, type: EntryType.normal, data }, applied);
    this.status.commitIndex = this.status.appliedIndex = index;
    proposer.onApplied(applied);
  }

  /** All that compactions remove is gone, and the rest in the backend. */
  async finishWork(): Promise<void> {
    do {
      while (this.state.work());
      await this.flush();
    } while (this.state.work() || this.state.unflushedOperations > 0);
  }

  /** Everything that is applied is in the backend. */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.state.flush((error) => (error === null ? resolve() : reject(error)));
    });
  }
}
