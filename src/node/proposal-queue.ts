/**
 * Proposals from their arrival to their answer, oldest first, in one ring of fixed size.
 *
 *        head                 handed                tail
 *   -----|-- in the log ------|-- waiting for the ---|-----
 *        |   under an index   |   next step          |
 *
 * Promises: proposers are answered in the order of the log, each at most once; more than `proposalsMax` are never held.
 * Relies on one leader: entries of ours come back under the index that they were given.
 */
import { assert } from '../base/assert.ts';
import type { Proposal } from './raft/effects.ts';
import { EntryType } from './raft/entry.ts';
import type { Proposer } from './requests.ts';

/** etcd's bound on the gap between committed and applied (docs/etcd-facts.md, backlog). */
export const proposalsMax = 5_000;
/** The next power of two, so that positions wrap by a mask. */
const slots = 8_192;
const mask = slots - 1;

export class ProposalQueue {
  readonly #proposers: (Proposer | null)[] = new Array<Proposer | null>(slots).fill(null);
  readonly #proposals: (Proposal | null)[] = new Array<Proposal | null>(slots).fill(null);
  readonly #indexes = new Float64Array(slots);
  readonly #deadlinesMs = new Float64Array(slots);
  // Positions only grow; a slot is a position's low bits.
  #head = 0;
  #handed = 0;
  #tail = 0;
  /** Before it nothing can expire any more. */
  #expired = 0;
  /** Payload of all that is held. */
  bytes = 0;

  /** Proposals that wait for an answer, or for their entry to come by when they have expired. */
  get size(): number {
    return this.#tail - this.#head;
  }

  get isFull(): boolean {
    return this.size >= proposalsMax;
  }

  get waiting(): number {
    return this.#tail - this.#handed;
  }

  /** What of those that wait was encoded first; null when none does. */
  get oldestWaiting(): Uint8Array | null {
    for (let position = this.#handed; position < this.#tail; position++) {
      const proposal = this.#proposals[position & mask]!;
      if (proposal !== null) return proposal.data;
    }
    return null;
  }

  /** Not when it is full. Deadlines never fall. */
  push(data: Uint8Array, proposer: Proposer, deadlineMs: number): void {
    assert(!this.isFull, 'a full queue takes nothing');
    const slot = this.#tail++ & mask;
    this.#proposers[slot] = proposer;
    this.#proposals[slot] = { type: EntryType.normal, data };
    this.#deadlinesMs[slot] = deadlineMs;
    this.bytes += data.length;
  }

  /** Gives out all that wait; they will stand in the log from `firstIndex` on. */
  handOver(firstIndex: number): Proposal[] {
    const batch: Proposal[] = [];
    for (; this.#handed < this.#tail; this.#handed++) {
      const slot = this.#handed & mask;
      const proposal = this.#proposals[slot]!;
      if (proposal === null) continue; // expired
      this.#indexes[slot] = firstIndex + batch.length;
      batch.push(proposal);
    }
    return batch;
  }

  /** The proposer of the entry at `index`; null when it is not one of ours, or nobody waits any more. */
  take(index: number): Proposer | null {
    const slot = this.#head & mask;
    if (this.#head === this.#handed || this.#indexes[slot] !== index) return null;
    const proposer = this.#proposers[slot]!;
    this.#release();
    return proposer;
  }

  /** Those whose time is up, oldest first: calls `onExpired` with whether they are in the log already. */
  expire(nowMs: number, onExpired: (proposer: Proposer, inLog: boolean) => void): void {
    if (this.#expired < this.#head) this.#expired = this.#head;
    for (; this.#expired < this.#tail; this.#expired++) {
      const slot = this.#expired & mask;
      if (this.#deadlinesMs[slot]! > nowMs) break;
      const proposer = this.#proposers[slot]!;
      this.#proposers[slot] = null;
      const inLog = this.#expired < this.#handed;
      if (!inLog) this.#forget(slot);
      onExpired(proposer, inLog);
    }
    this.#passDropped();
  }

  #release(): void {
    const slot = this.#head++ & mask;
    this.#forget(slot);
    this.#proposers[slot] = null;
    this.#passDropped();
  }

  /** The head stands at a proposal that has, or will have, an index: what expired before that holds no slot. */
  #passDropped(): void {
    while (this.#head < this.#tail && this.#proposals[this.#head & mask] === null) this.#head++;
    this.#handed = Math.max(this.#handed, this.#head);
  }

  #forget(slot: number): void {
    const proposal = this.#proposals[slot];
    if (proposal === null || proposal === undefined) return;
    this.bytes -= proposal.data.length;
    this.#proposals[slot] = null;
  }
}
