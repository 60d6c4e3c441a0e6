/**
 * A short life of a log over memory files, and the model that says what a start may find afterwards: the log as it was
 * after some record, not before the last that was acknowledged.
 */
import { expect } from 'vitest';
import { createRandom, type Random } from '../../../src/base/random.ts';
import { openLog, type LogOptions, type OpenedLog } from '../../../src/node/disk/wal-log-store.ts';
import type { LogMeters, RestoredLog } from '../../../src/node/log-store.ts';
import type { Entry, HardState } from '../../../src/node/raft/entry.ts';
import type { MemoryFiles } from './memory-files.ts';

export const directories = { walDir: '/d/wal', snapDir: '/d/snap' };
export const memberId = 0xf00d_0000_0000_beefn;
const noMeter = { observe: () => {} };

export function meters(): LogMeters {
  return {
    fsyncSeconds: noMeter,
    writeSeconds: noMeter,
    snapshotFsyncSeconds: noMeter,
    snapshotSaveSeconds: noMeter,
    writtenBytes: 0,
  };
}

export interface ModelState {
  readonly entries: readonly Entry[];
  readonly term: number;
  readonly vote: bigint;
}

/** From event `at` on, this much was acknowledged. */
interface Mark {
  readonly at: number;
  readonly states: number;
  readonly snapshotIndex: number;
}

const sizes = [0, 3, 40, 300, 900, 1500];

export class LogRun {
  readonly files: MemoryFiles;
  /** After each record, beginning with the empty log. */
  readonly states: ModelState[];
  readonly marks: Mark[];
  readonly failures: Error[] = [];
  readonly warnings: string[] = [];
  snapshotErrors = 0;
  opened: OpenedLog | null = null;
  readonly #random: Random;
  #state: ModelState;
  #commit = 0;
  #number = 0;
  readonly #statesOf = new Map<number, number>();
  #persisted = 0;
  #acknowledgedSnapshot = 0;
  #snapshotsUnderWay = 0;
  #wake: (() => void) | null = null;

  constructor(files: MemoryFiles, seed: number) {
    this.files = files;
    this.#random = createRandom(seed);
    this.#state = { entries: [], term: 0, vote: 0n };
    this.states = [this.#state];
    this.marks = [{ at: 0, states: 0, snapshotIndex: 0 }];
  }

  options(segmentBytes: number): LogOptions {
    return {
      files: this.files,
      ...directories,
      memberId,
      clusterId: 5n,
      segmentBytes,
      walsKept: 2,
      snapsKept: 1,
      clock: { nowMs: () => 0 },
      meters: meters(),
      observer: {
        onPersisted: (number) => this.#onPersisted(number),
        onFailed: (error) => {
          this.failures.push(error);
          this.#wake?.();
        },
      },
      trace: { debug: () => {}, warn: (message) => this.warnings.push(message) },
    };
  }

  /**
   * Opens, appends `steps` times, takes a snapshot now and then, closes, perhaps with one under way. Ends early when the
   * log fails.
   */
  async live(steps: number, segmentBytes: number, snapshotEvery: number, snapsAtClose = false): Promise<void> {
    this.opened = await openLog(this.options(segmentBytes));
    for (let step = 1; step <= steps && this.failures.length === 0; step++) {
      this.#append();
      if (this.#random.float() < 0.4) await this.#untilPersisted();
      if (step % snapshotEvery === 0) await this.#snapshot();
    }
    await this.#untilPersisted();
    this.#appendCommit();
    if (snapsAtClose && this.snapshotErrors === 0) void this.#snapshot();
    await this.opened.log.close();
    expect(this.#snapshotsUnderWay).toBe(0);
  }

  /** What a node still has to say when it stops: that the last entries are committed. */
  #appendCommit(): void {
    const { term, vote, entries } = this.#state;
    const hardState = { term: Math.max(1, term), vote, commit: entries.length };
    this.#record({ ...this.#state, term: hardState.term });
    this.opened!.log.append({ number: ++this.#number, entries: [], hardState, mustSync: false });
  }

  #append(): void {
    const number = ++this.#number;
    const hardState = this.#random.float() < 0.7 ? this.#nextHardState() : null;
    const entries = this.#random.float() < 0.85 ? this.#nextEntries() : [];
    // As the log encodes them: entries first.
    for (const entry of entries)
      this.#record({ ...this.#state, entries: [...this.#state.entries.slice(0, entry.index - 1), entry] });
    const mustSync = entries.length > 0 || (hardState !== null && hardState.term !== this.#state.term);
    if (hardState !== null) this.#record({ ...this.#state, term: hardState.term, vote: hardState.vote });
    this.#statesOf.set(number, this.states.length - 1);
    this.opened!.log.append({ number, entries, hardState, mustSync });
    if (!mustSync) this.#statesOf.delete(number);
  }

  #record(state: ModelState): void {
    this.#state = state;
    this.states.push(state);
  }

  #nextHardState(): HardState {
    const { term, vote, entries } = this.#state;
    const persistedEntries = this.states[this.marks.at(-1)!.states]!.entries.length;
    this.#commit = Math.max(this.#commit, Math.min(persistedEntries, entries.length));
    if (term > 0 && this.#random.float() < 0.9) return { term, vote, commit: this.#commit };
    return { term: term + 1, vote: BigInt(1 + this.#random.below(3)), commit: this.#commit };
  }

  #nextEntries(): Entry[] {
    const last = this.#state.entries.length;
    const replaces = last > this.#commit && this.#random.float() < 0.1;
    const first = replaces ? last : last + 1;
    const term = Math.max(1, this.#state.term) + (replaces ? this.states.length : 0);
    const terms = Math.max(term, this.#state.entries.at(-1)?.term ?? 0);
    return Array.from({ length: 1 + this.#random.below(3) }, (_, i) => this.#entry(first + i, terms));
  }

  #entry(index: number, term: number): Entry {
    const data = new Uint8Array(sizes[this.#random.below(sizes.length)]!);
    if (this.#random.float() < 0.7) this.#random.fill(data); // the rest are zeros, the hardest to tell from lost ones
    return { index, term, type: 0, data };
  }

  async #snapshot(): Promise<void> {
    const index = this.#commit;
    if (index <= this.#acknowledgedSnapshot || this.failures.length > 0) return;
    const snapshot = {
      index,
      term: this.#state.entries[index - 1]!.term,
      confState: { voters: [memberId], learners: [] },
    };
    await new Promise<void>((resolve) => {
      this.#snapshotsUnderWay++;
      this.opened!.log.snapshot(snapshot, Math.max(0, index - 3), (error) => {
        this.#snapshotsUnderWay--;
        if (error === null) {
          this.#acknowledgedSnapshot = index;
          this.#mark(this.marks.at(-1)!.states);
        } else this.snapshotErrors++;
        resolve();
      });
    });
  }

  #onPersisted(number: number): void {
    this.#persisted = number;
    let states = this.marks.at(-1)!.states;
    for (const [one, count] of this.#statesOf) if (one <= number) states = Math.max(states, count);
    this.#mark(states);
    this.#wake?.();
  }

  #mark(states: number): void {
    expect(this.failures).toEqual([]); // nothing is acknowledged after a failure
    this.marks.push({ at: this.files.events.length, states, snapshotIndex: this.#acknowledgedSnapshot });
  }

  async #untilPersisted(): Promise<void> {
    const newest = Math.max(0, ...this.#statesOf.keys());
    while (this.#persisted < newest && this.failures.length === 0) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** What had been acknowledged when the first `at` events had happened. */
  markAt(at: number): Mark {
    let newest = this.marks[0]!;
    for (const mark of this.marks) if (mark.at <= at) newest = mark;
    return newest;
  }

  /** Null when the start found what it may find, given what was acknowledged; else what is wrong. */
  problemOf(found: RestoredLog | null, mark: Mark = this.marks.at(-1)!): string | null {
    if (found === null) return mark.states === 0 ? null : 'the log is gone';
    if (found.snapshot.index < mark.snapshotIndex) return `the snapshot at ${mark.snapshotIndex} is gone`;
    for (let i = this.states.length - 1; i >= mark.states; i--) if (isState(found, this.states[i]!)) return null;
    return `found ${found.snapshot.index} + ${found.entries.length} entries, term ${found.hardState.term}; acknowledged were ${mark.states} records`;
  }
}

function isState(found: RestoredLog, { entries, term, vote }: ModelState): boolean {
  const { snapshot, hardState } = found;
  if (hardState.term !== term || hardState.vote !== vote) return false;
  if (snapshot.index + found.entries.length !== entries.length && snapshot.index < entries.length) return false;
  return found.entries.every((entry, i) => isEntry(entry, entries[snapshot.index + i]));
}

function isEntry(a: Entry, b: Entry | undefined): boolean {
  if (b === undefined || a.index !== b.index || a.term !== b.term || a.type !== b.type) return false;
  return Buffer.compare(a.data, b.data) === 0;
}
