/**
 * One member's consensus, as far as a single voter needs it: it persists its vote, elects itself, puts proposals into its
 * log, commits what is on its own disk. Pure: what happens depends on (config, restored log, inputs) alone.
 *
 *   follower -- election timeout, campaign --> candidate -- own vote on disk, is a quorum --> leader
 *
 * Promises (Ongaro's dissertation, chapter 3): at most one vote for each term, and on disk before it counts; a leader
 * commits by counting only entries of its own term, so it begins its term with an empty one; what is given out to be applied is
 * on our disk, committed, and in order; a read index is given only by a leader that has committed in its term.
 */
import { assert, unreachable } from '../../base/assert.ts';
import { emptyBytes } from '../../base/bytes.ts';
import { createRandom, type Random } from '../../base/random.ts';
import type { Effects, Input, Persist, Proposal, RaftConfig, ReadIndex, Restored, Role } from './effects.ts';
import { type ConfState, type Entry, EntryType, type HardState } from './entry.ts';
import { EntryLog } from './entry-log.ts';

/** What will be on the disk once the `Persist` of this number is. */
interface PersistMark {
  readonly number: number;
  readonly lastIndex: number;
  /** With the vote that was cast in it. */
  readonly term: number;
}

const nothing: readonly never[] = [];
const emptyEntry: Proposal = { type: EntryType.normal, data: emptyBytes };

export class Raft {
  readonly #config: RaftConfig;
  readonly #random: Random;
  readonly #log: EntryLog;
  #confState: ConfState;
  #role: Role['role'] = 'follower';
  #term: number;
  #vote: bigint;
  #leader = 0n;
  #commit: number;
  /** Given out to be applied, and reported as applied. */
  #givenOut: number;
  #applied: number;
  /** Handed to the disk, and reported to be there. */
  #persisting: number;
  #persisted: number;
  readonly #marks: PersistMark[] = [];
  #persistNumber = 0;
  /** The newest hard state that was handed to the disk. */
  #hardState: HardState;
  /** The term whose vote of ours is on the disk. */
  #votePersistedTerm: number;
  #uncommittedBytes = 0;
  #ticks = 0;
  #timeoutTicks: number;
  /** Reads that wait for the first commit of this term. */
  #waitingReads: number[] = [];
  #told: Role;
  // This step's effects.
  #reads: ReadIndex[] = [];
  #refused = false;

  constructor(config: RaftConfig, restored: Restored) {
    const { hardState, snapshotIndex, snapshotTerm, entries, applied } = restored;
    this.#config = config;
    this.#random = createRandom(config.seed);
    this.#log = new EntryLog(snapshotIndex, snapshotTerm, entries);
    this.#confState = restored.confState;
    this.#term = hardState.term;
    this.#vote = hardState.vote;
    this.#commit = hardState.commit;
    this.#hardState = hardState;
    this.#votePersistedTerm = hardState.term;
    this.#givenOut = this.#applied = applied;
    this.#persisting = this.#persisted = this.#log.lastIndex;
    this.#timeoutTicks = this.#drawTimeout();
    this.#told = this.role;
    assert(hardState.term >= this.#log.lastTerm, 'no entry is of a later term than the hard state');
    assert(hardState.commit <= this.#log.lastIndex, 'what is committed is in the log');
    assert(applied >= snapshotIndex, 'what is in a snapshot only is applied');
    assert(applied <= hardState.commit, 'what is applied is committed');
  }

  /** Who leads, in which term, and what we are in it. */
  get role(): Role {
    return { role: this.#role, term: this.#term, leader: this.#leader };
  }

  get commitIndex(): number {
    return this.#commit;
  }

  get lastIndex(): number {
    return this.#log.lastIndex;
  }

  /** Entries up to here are forgotten. */
  get snapshotIndex(): number {
    return this.#log.snapshotIndex;
  }

  /** The oldest entry in memory. */
  get oldestEntry(): Entry | null {
    return this.#log.oldest;
  }

  /** Payload of the entries in memory. */
  get logBytes(): number {
    return this.#log.payloadBytes;
  }

  /** Never throws for an input that its sender may give; what comes back is the caller's. */
  step(input: Input): Effects {
    this.#reads = [];
    this.#refused = false;
    this.#take(input);
    return {
      persist: this.#takePersist(),
      commit: this.#takeCommitted(),
      reads: this.#reads,
      role: this.#takeRole(),
      refused: this.#refused,
    };
  }

  #take(input: Input): void {
    switch (input.kind) {
      case 'tick':
        return this.#onTick();
      case 'campaign':
        return this.#campaign();
      case 'propose':
        return this.#propose(input.proposals);
      case 'persisted':
        return this.#onPersisted(input.number);
      case 'readIndex':
        return this.#onReadIndex(input.id);
      case 'applied':
        return this.#onApplied(input.index, input.confState);
      case 'compact':
        assert(input.keepAfter <= this.#applied, 'only what is applied is forgotten');
        return this.#log.compact(input.keepAfter);
      default:
        return unreachable(input);
    }
  }

  // Elections.

  #onTick(): void {
    if (this.#role === 'leader') return;
    this.#ticks++;
    if (this.#ticks >= this.#timeoutTicks) this.#campaign();
  }

  /** A second time only when our vote of the first is on the disk: terms must not run away from a slow one. */
  #campaign(): void {
    this.#ticks = 0;
    if (this.#role === 'leader' || !this.#confState.voters.includes(this.#config.id)) return;
    if (this.#votePersistedTerm < this.#term || this.#configurationIsBehind()) return;
    this.#role = 'candidate';
    this.#term++;
    this.#vote = this.#config.id;
    this.#leader = 0n;
    this.#timeoutTicks = this.#drawTimeout();
  }

  /** Who may vote is not known before every committed configuration change is applied. */
  #configurationIsBehind(): boolean {
    return this.#log.between(this.#applied, this.#commit).some((entry) => entry.type !== EntryType.normal);
  }

  #drawTimeout(): number {
    const { electionTicks } = this.#config;
    return electionTicks + this.#random.below(electionTicks);
  }

  #lead(): void {
    this.#role = 'leader';
    this.#leader = this.#config.id;
    this.#uncommittedBytes = 0;
    this.#append(emptyEntry); // its commit commits what earlier terms have left
  }

  /** Our own voice counts for one. */
  get #isQuorumAlone(): boolean {
    const { voters } = this.#confState;
    return voters.length === 1 && voters[0] === this.#config.id;
  }

  // The log.

  #propose(proposals: readonly Proposal[]): void {
    let bytes = 0;
    for (let i = 0; i < proposals.length; i++) bytes += proposals[i]!.data.length;
    const tooMany = this.#uncommittedBytes > 0 && this.#uncommittedBytes + bytes > this.#config.uncommittedBytesMax;
    if (this.#role !== 'leader' || tooMany) {
      this.#refused = true;
      return;
    }
    this.#uncommittedBytes += bytes;
    for (let i = 0; i < proposals.length; i++) this.#append(proposals[i]!);
  }

  #append(proposal: Proposal): void {
    const { type, data } = proposal;
    this.#log.append({ term: this.#term, index: this.#log.lastIndex + 1, type, data });
  }

  #onPersisted(number: number): void {
    assert(number <= this.#persistNumber, 'what is reported as persisted was handed out');
    const marks = this.#marks;
    let done = 0;
    while (done < marks.length && marks[done]!.number <= number) done++;
    if (done === 0) return;
    const newest = marks[done - 1]!;
    marks.splice(0, done);
    this.#persisted = newest.lastIndex;
    this.#votePersistedTerm = newest.term;
    if (this.#role === 'candidate' && newest.term === this.#term && this.#isQuorumAlone) this.#lead();
    if (this.#role === 'leader' && this.#isQuorumAlone) this.#commitTo(this.#persisted);
  }

  #commitTo(index: number): void {
    if (index <= this.#commit || this.#log.termAt(index) !== this.#term) return;
    this.#commit = index;
    for (const id of this.#waitingReads) this.#reads.push({ id, index });
    this.#waitingReads = [];
  }

  #onReadIndex(id: number): void {
    if (this.#role !== 'leader') this.#reads.push({ id, index: -1 });
    else if (this.#log.termAt(this.#commit) !== this.#term || !this.#isQuorumAlone) this.#waitingReads.push(id);
    else this.#reads.push({ id, index: this.#commit });
  }

  #onApplied(index: number, confState: ConfState | null): void {
    assert(index >= this.#applied && index <= this.#givenOut, 'what is applied was given out');
    this.#applied = index;
    if (confState !== null) this.#confState = confState;
  }

  // Effects.

  #takePersist(): Persist | null {
    const after = this.#persisting;
    const last = this.#log.lastIndex;
    const known = this.#hardState;
    const voteChanged = known.term !== this.#term || known.vote !== this.#vote;
    const hardStateChanged = voteChanged || known.commit !== this.#commit;
    if (last === after && !hardStateChanged) return null;
    if (hardStateChanged) this.#hardState = { term: this.#term, vote: this.#vote, commit: this.#commit };
    this.#persisting = last;
    const number = ++this.#persistNumber;
    const mustSync = last > after || voteChanged;
    if (mustSync) this.#marks.push({ number, lastIndex: last, term: this.#term });
    const entries = last === after ? nothing : this.#log.between(after, last);
    return { number, entries, hardState: hardStateChanged ? this.#hardState : null, mustSync };
  }

  #takeCommitted(): readonly Entry[] {
    const after = this.#givenOut;
    const to = Math.min(this.#commit, this.#persisted);
    if (to <= after) return nothing;
    this.#givenOut = to;
    const entries = this.#log.between(after, to);
    if (this.#uncommittedBytes > 0) for (const entry of entries) this.#release(entry);
    return entries;
  }

  /** Entries of an earlier term were never counted: the sum stops at zero. */
  #release(entry: Entry): void {
    this.#uncommittedBytes = Math.max(0, this.#uncommittedBytes - entry.data.length);
  }

  #takeRole(): Role | null {
    const told = this.#told;
    if (told.role === this.#role && told.term === this.#term && told.leader === this.#leader) return null;
    this.#told = this.role;
    return this.#told;
  }
}
