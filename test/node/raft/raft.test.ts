import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import type { Effects, Input, Persist, RaftConfig, Restored } from '../../../src/node/raft/effects.ts';
import { type ConfState, type Entry, EntryType, type HardState } from '../../../src/node/raft/entry.ts';
import { Raft } from '../../../src/node/raft/raft.ts';
import { plainConfig } from './script.ts';

const me = 1n;
const alone: ConfState = { voters: [me], learners: [] };
const firstEntry: Entry = { term: 1, index: 1, type: EntryType.confChange, data: utf8('conf') };

/** What one life of a member was given, and what it answered. */
interface Life {
  readonly config: RaftConfig;
  readonly restored: Restored;
  readonly inputs: Input[];
  readonly effects: Effects[];
}

/**
 * A member and its disk, which keeps a prefix of what it was handed: what is not synced may be lost, in order. Everything
 * that was given out to be applied is checked against all that was ever given out, in this life and those before.
 */
class Member {
  readonly lives: Life[] = [];
  readonly given: Entry[] = [];
  #raft!: Raft;
  #life!: Life;
  // The disk.
  #entries: Entry[] = [firstEntry];
  #hardState: HardState = { term: 1, vote: 0n, commit: 1 };
  #handed: Persist[] = [];
  #persistedNumber = 0;
  #applied = 0;
  #reads = 0;
  readonly #askedAt = new Map<number, number>();
  #leaders = new Set<number>();

  constructor() {
    this.restart(1);
  }

  /** `seed` also draws how much of what is not synced survives. */
  restart(seed: number): void {
    for (const persist of this.#handed.slice(0, seed % (this.#handed.length + 1))) this.#write(persist);
    this.#handed = [];
    this.#persistedNumber = 0;
    // The state keeps what it has applied, up to a point: as a backend that is flushed now and then.
    const applied = Math.min(this.#applied, Math.max(0, this.#applied - (seed % 4)));
    this.given.length = applied;
    this.#applied = applied;
    this.#askedAt.clear();
    const config = { ...plainConfig, seed };
    const restored: Restored = {
      hardState: { ...this.#hardState, commit: Math.max(this.#hardState.commit, applied) },
      confState: applied === 0 ? { voters: [], learners: [] } : alone,
      snapshotIndex: 0,
      snapshotTerm: 0,
      entries: [...this.#entries],
      applied,
    };
    this.#raft = new Raft(config, restored);
    this.#life = { config, restored, inputs: [], effects: [] };
    this.lives.push(this.#life);
  }

  step(input: Input): void {
    const effects = this.#raft.step(input);
    this.#life.inputs.push(input);
    this.#life.effects.push(effects);
    if (effects.role?.role === 'leader') this.#checkLeader(effects.role.term);
    if (effects.persist !== null) this.#handed.push(effects.persist);
    for (const entry of effects.commit) this.#checkGiven(entry);
    for (const { id, index } of effects.reads)
      if (index >= 0) expect(index).toBeGreaterThanOrEqual(this.#askedAt.get(id)!);
  }

  /** Syncs some of what was handed over and says so, as the log store does: once, with the newest number. */
  sync(count: number): void {
    const persists = this.#handed.splice(0, count);
    for (const persist of persists) this.#write(persist);
    const newest = persists.at(-1);
    if (newest === undefined) return;
    expect(newest.number).toBeGreaterThan(this.#persistedNumber);
    this.#persistedNumber = newest.number;
    this.step({ kind: 'persisted', number: newest.number });
  }

  applySome(count: number): void {
    const index = Math.min(this.#applied + count, this.given.length);
    if (index === this.#applied) return;
    const configured = this.#applied === 0;
    this.#applied = index;
    this.step({ kind: 'applied', index, confState: configured ? alone : null });
  }

  read(): void {
    const id = ++this.#reads;
    this.#askedAt.set(id, this.#applied); // what is applied may be acknowledged
    this.step({ kind: 'readIndex', id });
  }

  compact(back: number): void {
    this.step({ kind: 'compact', keepAfter: Math.max(0, this.#applied - back) });
  }

  #write({ entries, hardState }: Persist): void {
    for (const entry of entries) {
      this.#entries.length = entry.index - 1;
      this.#entries.push(entry);
    }
    if (hardState !== null) this.#hardState = hardState;
  }

  #checkLeader(term: number): void {
    expect(this.#leaders).not.toContain(term);
    this.#leaders.add(term);
    expect(this.#hardState).toMatchObject({ term, vote: me }); // on the disk before anybody leads
  }

  #checkGiven(entry: Entry): void {
    expect(entry.index).toBe(this.given.length + 1); // consecutive over all steps
    expect(this.#entries[entry.index - 1]).toEqual(entry); // and on the disk
    this.given.push(entry);
  }
}

type Move = readonly [
  move: 'tick' | 'campaign' | 'propose' | 'sync' | 'apply' | 'read' | 'compact' | 'crash',
  count: number,
];

const moves = fc.array(
  fc.oneof(
    ...(['tick', 'campaign', 'propose', 'sync', 'apply', 'read', 'compact'] as const).map((move) =>
      fc.tuple(fc.constant(move), fc.nat(5)),
    ),
    { weight: 1, arbitrary: fc.tuple(fc.constant('crash' as const), fc.nat(1_000)) },
  ),
  { maxLength: 200 },
);

function play(member: Member, list: readonly Move[]): void {
  let proposed = 0;
  for (const [move, count] of list) {
    if (move === 'tick') for (let i = 0; i <= count; i++) member.step({ kind: 'tick' });
    else if (move === 'campaign') member.step({ kind: 'campaign' });
    else if (move === 'propose') member.step({ kind: 'propose', proposals: some(count, () => `p${proposed++}`) });
    else if (move === 'sync') member.sync(count);
    else if (move === 'apply') member.applySome(count);
    else if (move === 'read') member.read();
    else if (move === 'compact') member.compact(count);
    else member.restart(count);
  }
}

function some(count: number, text: () => string): { type: EntryType; data: Uint8Array }[] {
  return Array.from({ length: count }, () => ({ type: EntryType.normal, data: utf8(text()) }));
}

function json(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each));
}

describe('a single voter', () => {
  it('keeps every promise whatever comes, crashes included, and ends up serving', () => {
    fc.assert(
      fc.property(moves, (list) => {
        const member = new Member();
        play(member, list);
        member.restart(7); // whatever state it was in, quiet times bring it back
        for (let i = 0; i < 40; i++) {
          member.step({ kind: 'tick' });
          member.sync(10);
          member.applySome(1_000);
        }
        const before = member.given.length;
        member.step({ kind: 'propose', proposals: some(1, () => 'last') });
        member.sync(10);
        expect(member.given.length).toBe(before + 1);
      }),
      { numRuns: 300 },
    );
  });

  it('answers a recorded list of inputs as it did the first time', () => {
    fc.assert(
      fc.property(moves, (list) => {
        const member = new Member();
        play(member, list);
        for (const { config, restored, inputs, effects } of member.lives) {
          const again = new Raft(config, restored);
          expect(json(inputs.map((input) => again.step(input)))).toBe(json(effects));
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('broken invariants stop the process', () => {
  const hardState = { term: 1, vote: 0n, commit: 1 };
  const sound: Restored = {
    hardState,
    confState: alone,
    snapshotIndex: 0,
    snapshotTerm: 0,
    entries: [firstEntry],
    applied: 1,
  };

  it.each([
    { name: 'a gap in the log', restored: { entries: [{ ...firstEntry, index: 2 }] } },
    {
      name: 'a term that falls',
      restored: {
        entries: [
          { ...firstEntry, term: 2 },
          { ...firstEntry, index: 2 },
        ],
      },
    },
    { name: 'an entry of a later term', restored: { entries: [{ ...firstEntry, term: 2 }] } },
    { name: 'a commit beyond the log', restored: { hardState: { ...hardState, commit: 2 } } },
    { name: 'an apply beyond the commit', restored: { hardState: { ...hardState, commit: 0 } } },
  ])('$name', ({ restored }) => {
    expect(() => new Raft(plainConfig, { ...sound, ...restored })).toThrow('broken invariant');
  });

  it.each<{ readonly name: string; readonly input: Input }>([
    { name: 'a sync of what was never handed over', input: { kind: 'persisted', number: 1 } },
    { name: 'an apply of what was never given out', input: { kind: 'applied', index: 2, confState: null } },
    { name: 'a compaction of what is not applied', input: { kind: 'compact', keepAfter: 2 } },
  ])('$name', ({ input }) => {
    expect(() => new Raft(plainConfig, sound).step(input)).toThrow('broken invariant');
  });
});
