/**
 * The loop: requests become inputs of consensus, its effects become work for the log, the state and the backend.
 *
 *   propose ---> queue --turn--> raft --persist--> log --onPersisted--> raft --commit--> state --> proposer
 *   readIndex -> queue --turn--> raft ----------------------reads------------> applied that far --> reader
 *                                                                      state --flusher--> backend --snapshots--> log
 *
 * A turn is one turn of the event loop: whatever arrived in it goes through consensus together, and what the log writes
 * meanwhile is its next batch.
 *
 * Promises: an answer is given once, and only after its entry is on the disk and applied; after the first failed write
 * nothing is acknowledged any more; every wait ends, by an answer or by etcd's request time-out; no queue is unbounded.
 * Relies on ports alone, so that a simulator runs this very file. Longer than most files here: it is one state machine,
 * and what it waits for is worth reading in one place.
 */
import { type EtcdError, etcdErrors } from '../api/errors.ts';
import { assert } from '../base/assert.ts';
import { sayAlarms } from './alarm-lines.ts';
import type { NodeLog } from './config.ts';
import { Flusher } from './flusher.ts';
import type { LogObserver, LogStore } from './log-store.ts';
import { LiveStatus } from './node-status.ts';
import type { Clock, Meter, Timer } from './ports.ts';
import { type Gate, Pressure } from './pressure.ts';
import { ProposalQueue } from './proposal-queue.ts';
import type { Effects, Input, Persist, ReadIndex, Role } from './raft/effects.ts';
import { type Entry, EntryType, type SnapshotMetadata } from './raft/entry.ts';
import type { Raft } from './raft/raft.ts';
import { ReadQueue } from './read-queue.ts';
import { RequestIds } from './request-ids.ts';
import { encodedBytes, encodedPutBytes, RequestSlab } from './request-slab.ts';
import type { Proposer, Reader, Requests } from './requests.ts';
import { Snapshots } from './snapshots.ts';
import type { Applied, State } from './state/state.ts';

/** What of the configuration the loop obeys; names and units as in NodeConfig. */
export interface LoopConfig {
  readonly heartbeatIntervalMs: number;
  readonly electionTimeoutMs: number;
  readonly snapshotCount: number;
  readonly snapshotCatchupEntries: number;
  readonly maxRequestBytes: number;
  readonly backendBatchLimit: number;
  readonly backendBatchIntervalMs: number;
}

export interface NodeOptions {
  readonly config: LoopConfig;
  readonly memberId: bigint;
  readonly clusterId: bigint;
  readonly clock: Clock;
  readonly raft: Raft;
  /** Of a new log: what stands at its beginning; synced before consensus hands out its own, which count from 1 again. */
  readonly bootstrap: Persist | null;
  /** Index of the snapshot that the log begins with. */
  readonly snapshotIndex: number;
  readonly log: LogStore;
  readonly state: State;
  readonly lines: NodeLog;
  /** Shut under pressure. */
  readonly gate: Gate;
  readonly backendCommitSeconds: Meter;
  /** Called at the end of every turn that served anybody: what was answered may leave. */
  readonly onTurnEnd: () => void;
  /** This member leads, for the first time or again: from now on proposals are taken. */
  readonly onLeading: () => void;
  /** A write failed; the process must end. Once. */
  readonly onFatal: (message: string, error: Error) => void;
  /** Every input of consensus, for those who keep a record to replay. */
  readonly onInput?: (input: Input) => void;
}

/** etcd's allowance for a request beside two elections (docs/etcd-facts.md, request time-out). */
const requestTimeoutBaseMs = 5_000;
/** etcd's pause before a read round is tried again (docs/etcd-facts.md, linearizable reads). */
const readRetryMs = 500;
/** Between slices of background work (etcd's pause between batches of a compaction). */
const workPauseMs = 10;
/** etcd's --warning-apply-duration. */
const slowApplyMs = 100;
/** How far the log in memory may grow beyond what is kept for others before it is cut. */
const compactStepEntries = 500;
/** Payload in memory beyond which applied entries are forgotten, whatever others may still want of them. */
const logBytesMax = 64 * 1024 * 1024;

export class Node implements Requests, LogObserver {
  readonly state: State;
  readonly status: LiveStatus;
  readonly pressure: Pressure;
  readonly #options: NodeOptions;
  readonly #raft: Raft;
  readonly #clock: Clock;
  readonly #ids: RequestIds;
  readonly #slab = new RequestSlab();
  readonly #proposals = new ProposalQueue();
  readonly #reads = new ReadQueue();
  /** Refused in this turn, told at its end. */
  #refused: Refusal[] = [];
  readonly #applied: Applied = { error: null, revision: 0, response: null };
  readonly #flusher: Flusher;
  readonly #snapshots: Snapshots;
  readonly #requestTimeoutMs: number;
  readonly #turn = (): void => this.#onTurn();
  #turnScheduled = false;
  /** The time as of the newest turn or tick: deadlines need no better. */
  #nowMs: number;
  #readsAgainAtMs = 0;
  #tickTimer: Timer | null = null;
  #workTimer: Timer | null = null;
  /** The log's beginning is on its way to the disk. */
  #bootstrapping = false;
  #failed = false;
  /** The log has failed, or is being closed: nothing goes through consensus any more. */
  #over = false;
  #onDrained: (() => void) | null = null;

  constructor(options: NodeOptions) {
    const { config, clock, state, raft, log, lines, memberId } = options;
    this.#options = options;
    this.#raft = raft;
    this.#clock = clock;
    this.#nowMs = clock.nowMs();
    this.#ids = new RequestIds(memberId, clock.wallMs());
    this.#requestTimeoutMs = requestTimeoutBaseMs + 2 * config.electionTimeoutMs;
    this.state = state;
    this.status = new LiveStatus(memberId, options.clusterId);
    this.status.term = raft.role.term;
    this.pressure = new Pressure(options.gate);
    this.#flusher = new Flusher({
      state,
      clock,
      lines,
      intervalMs: config.backendBatchIntervalMs,
      operationsMax: config.backendBatchLimit,
      commitSeconds: options.backendCommitSeconds,
      onFlushed: (flushed) => this.#onFlushed(flushed),
      onFailed: (error) => this.#fail('failed to commit to the backend', error),
    });
    this.#snapshots = new Snapshots({
      log,
      lines,
      memberId: memberId.toString(16),
      index: options.snapshotIndex,
      snapshotCount: config.snapshotCount,
      onFailed: (error) => this.#fail('failed to save a snapshot', error),
    });
  }

  /** Begins: what the log has is applied, a single voter elects itself, time passes. */
  start(): void {
    const { bootstrap, log } = this.#options;
    if (bootstrap === null) return this.#begin();
    this.#bootstrapping = true;
    log.append(bootstrap); // onPersisted goes on
  }

  #begin(): void {
    this.#step({ kind: 'tick' });
    if (this.state.confState.voters.length === 1) this.#step({ kind: 'campaign' });
    this.#tickTimer = this.#clock.after(this.#options.config.heartbeatIntervalMs, () => this.#onTick());
  }

  /** Takes no more proposals, waits for those it has (`timeoutMs` at most), flushes, and closes the log. */
  async stop(timeoutMs: number): Promise<void> {
    this.status.stopping = true;
    await this.#drained(timeoutMs);
    this.#over = true; // what the disk is still busy with is applied by the next start
    this.#tickTimer?.cancel();
    this.#workTimer?.cancel();
    await this.#flusher.drain();
    await this.#options.log.close();
  }

  // Requests.

  propose(request: Uint8Array, proposer: Proposer): void {
    this.#ids.advance();
    const refusal = this.#refusalOf(encodedBytes(request.length, this.#ids));
    if (refusal !== null) return this.#refuse(proposer, refusal);
    this.#push(this.#slab.encode(request, this.#ids), proposer);
  }

  proposePut(put: Uint8Array, proposer: Proposer): void {
    this.#ids.advance();
    const refusal = this.#refusalOf(encodedPutBytes(put.length, this.#ids));
    if (refusal !== null) return this.#refuse(proposer, refusal);
    this.#push(this.#slab.encodePut(put, this.#ids), proposer);
  }

  readIndex(reader: Reader): void {
    this.#reads.push(reader, this.#nowMs + this.#requestTimeoutMs);
    this.#schedule();
  }

  #refusalOf(bytes: number): EtcdError | null {
    if (this.status.stopping) return etcdErrors.STOPPED;
    if (bytes > this.#options.config.maxRequestBytes) return etcdErrors.REQUEST_TOO_LARGE;
    return this.#proposals.isFull ? etcdErrors.REQUEST_TOO_MANY_REQUESTS : null;
  }

  #refuse(proposer: Proposer, error: EtcdError): void {
    this.status.proposalsFailed++;
    this.#refused.push({ proposer, error });
    this.#schedule();
  }

  #push(data: Uint8Array, proposer: Proposer): void {
    this.#proposals.push(data, proposer, this.#nowMs + this.#requestTimeoutMs);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#turnScheduled) return;
    this.#turnScheduled = true;
    this.#clock.soon(this.#turn);
  }

  // Turns.

  #onTurn(): void {
    this.#turnScheduled = false;
    this.#nowMs = this.#clock.nowMs();
    if (this.#over) return;
    this.#tellRefused();
    if (this.status.isLeader) this.#handOver();
    this.#askForReads();
    this.#feelPressure();
    this.#options.onTurnEnd();
  }

  #tellRefused(): void {
    if (this.#refused.length === 0) return;
    const refused = this.#refused;
    this.#refused = [];
    for (const { proposer, error } of refused) proposer.onFailed(error);
  }

  #handOver(): void {
    if (this.#proposals.waiting === 0) return;
    const proposals = this.#proposals.handOver(this.#raft.lastIndex + 1);
    if (proposals.length > 0) this.#step({ kind: 'propose', proposals });
  }

  #askForReads(): void {
    if (!this.#reads.wantsRound || this.status.leader === 0n || this.#nowMs < this.#readsAgainAtMs) return;
    this.#step({ kind: 'readIndex', id: this.#reads.begin() });
  }

  #onTick(): void {
    this.#tickTimer = this.#clock.after(this.#options.config.heartbeatIntervalMs, () => this.#onTick());
    if (this.#over) return;
    this.#nowMs = this.#clock.nowMs();
    this.#step({ kind: 'tick' });
    this.#proposals.expire(this.#nowMs, (proposer, inLog) => this.#onExpired(proposer, inLog));
    this.#noteDrained();
    this.#reads.expire(this.#nowMs, (reader) => reader.onFailed(etcdErrors.TIMEOUT));
    this.#work();
    this.#onTurn();
  }

  #onExpired(proposer: Proposer, inLog: boolean): void {
    this.status.proposalsFailed++;
    proposer.onFailed(inLog ? etcdErrors.TIMEOUT : etcdErrors.PROPOSAL_DEADLINE_EXCEEDED);
  }

  /** Background work of the state, a slice at a time, with the network served between. */
  #work(): void {
    if (this.#workTimer !== null || this.#over || !this.state.work()) return;
    this.#flusher.check();
    this.#workTimer = this.#clock.after(workPauseMs, () => {
      this.#workTimer = null;
      this.#work();
    });
  }

  #feelPressure(): void {
    this.pressure.update(this.#proposals.bytes + this.#options.log.pendingBytes + this.state.unflushedBytes);
  }

  // Consensus.

  #step(input: Input): void {
    this.#options.onInput?.(input);
    this.#obey(this.#raft.step(input));
  }

  #obey(effects: Effects): void {
    assert(!effects.refused, 'what is handed over has its index, so a leader without a bound takes it');
    if (effects.role !== null) this.#onRole(effects.role);
    if (effects.persist !== null) this.#options.log.append(effects.persist);
    if (effects.commit.length > 0) this.#apply(effects.commit);
    if (effects.reads.length > 0) this.#onReads(effects.reads);
    this.status.commitIndex = this.#raft.commitIndex;
    this.status.proposalsPending = this.#proposals.size;
  }

  #onRole(role: Role): void {
    const { status } = this;
    const wasLeader = status.isLeader;
    if (role.leader !== 0n && role.leader !== status.leader) status.leaderChangesSeen++;
    status.leader = role.leader;
    status.term = role.term;
    status.isLeader = role.role === 'leader';
    this.#sayRole(role);
    if (status.isLeader && !wasLeader) {
      this.#options.onLeading();
      this.#schedule();
    }
  }

  #sayRole({ role, term }: Role): void {
    const id = this.status.memberId.toString(16);
    this.#options.lines.info(`${id} became ${role} at term ${term}`);
    if (role === 'leader') this.#options.lines.info(`raft.node: ${id} elected leader ${id} at term ${term}`);
  }

  onPersisted(number: number): void {
    if (this.#over) return;
    if (this.#bootstrapping) {
      this.#bootstrapping = false;
      return this.#begin();
    }
    this.#step({ kind: 'persisted', number });
    this.#feelPressure();
  }

  onFailed(error: Error): void {
    this.#fail('failed to write to the log', error);
  }

  #apply(entries: readonly Entry[]): void {
    const startMs = this.#clock.nowMs();
    const { alarms } = this.state;
    let configured = false;
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]!;
      this.state.apply(entry, this.#applied);
      configured ||= entry.type !== EntryType.normal;
      this.#proposals.take(entry.index)?.onApplied(this.#applied);
    }
    const { index } = entries[entries.length - 1]!;
    this.status.appliedIndex = index;
    if (this.state.alarms !== alarms) sayAlarms(this.#options.lines, alarms, this.state.alarms);
    if (this.#clock.nowMs() - startMs > slowApplyMs) this.status.slowApplies++;
    this.#step({ kind: 'applied', index, confState: configured ? this.state.confState : null });
    this.#releaseReads();
    this.#forgetEntries();
    this.#work();
    this.#flusher.check();
    this.#noteDrained();
  }

  #onReads(reads: readonly ReadIndex[]): void {
    for (const { id, index } of reads) {
      if (index >= 0) this.#reads.confirmed(id, index);
      else {
        this.#reads.refused(id);
        this.#readsAgainAtMs = this.#nowMs + readRetryMs;
      }
    }
    this.#releaseReads();
  }

  #releaseReads(): void {
    this.#reads.release(this.status.appliedIndex);
    if (this.#reads.wantsRound) this.#schedule();
  }

  /** Entries that nobody may ask for any more, so that they die young: alone, that is whatever is applied. */
  #forgetEntries(): void {
    const { appliedIndex } = this.status;
    const { voters, learners } = this.state.confState;
    const tooLarge = this.#raft.logBytes > logBytesMax;
    const keepsNone = tooLarge || voters.length + learners.length === 1;
    const keepAfter = keepsNone ? appliedIndex : appliedIndex - this.#options.config.snapshotCatchupEntries;
    if (keepAfter - this.#raft.snapshotIndex < (tooLarge ? 1 : compactStepEntries)) return;
    this.#step({ kind: 'compact', keepAfter });
    const oldest = this.#raft.oldestEntry?.data ?? this.#proposals.oldestWaiting;
    if (oldest === null) this.#slab.releaseAll();
    else this.#slab.releaseBefore(oldest);
  }

  #onFlushed(flushed: SnapshotMetadata): void {
    this.#snapshots.onFlushed(flushed);
    this.#feelPressure();
  }

  // The end.

  #fail(message: string, error: Error): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#over = true;
    this.status.stopping = true;
    this.#onDrained?.();
    this.#options.onFatal(message, error);
  }

  #noteDrained(): void {
    if (this.#proposals.size === 0) this.#onDrained?.();
  }

  #drained(timeoutMs: number): Promise<void> {
    if (this.#proposals.size === 0 || this.#failed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#clock.after(timeoutMs, resolve);
      this.#onDrained = () => {
        timer.cancel();
        resolve();
      };
    });
  }
}

interface Refusal {
  readonly proposer: Proposer;
  readonly error: EtcdError;
}
