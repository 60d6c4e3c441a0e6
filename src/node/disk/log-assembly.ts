/**
 * What the records of a log add up to: whose it is, the newest hard state, the snapshot to start from, the entries after
 * it. A record's type is under no checksum, so each is also held against what a log can say at that place.
 */
import { readEntry, readHardState, hardStateBytes } from '../raft/codec.ts';
import type { Entry, HardState, SnapshotMetadata } from '../raft/entry.ts';
import type { RecordFields } from './record-fields.ts';
import { RecordType, readMetadata, readWalSnapshot, type WalMetadata } from './wal-record.ts';

/** The .snap file for a snapshot record: what it says, or null when it is not there or cannot be used. */
export type SnapLoader = (snapshot: SnapshotMetadata) => SnapshotMetadata | null;

export class LogAssembly {
  metadata: WalMetadata | null = null;
  hardState: HardState = { term: 0, vote: 0n, commit: 0 };
  snapshot: SnapshotMetadata = { index: 0, term: 0, confState: { voters: [], learners: [] } };
  readonly entries: Entry[] = [];
  /** The checksum's running value. */
  crc = 0;
  /** The last record was an entry that does not follow the ones before it. For the reader to note where, and to reset. */
  hasGap = false;
  /** Of the last snapshot record, usable or not. */
  #snapshotIndex = 0;
  /** Index before the first of `entries`. */
  #base = 0;
  /** Of the records of this segment. */
  #count = 0;
  readonly #loadSnap: SnapLoader;

  constructor(loadSnap: SnapLoader) {
    this.#loadSnap = loadSnap;
  }

  get lastIndex(): number {
    return this.#base + this.entries.length;
  }

  /** The head of this segment is complete. */
  get hasHead(): boolean {
    return this.#count >= 2;
  }

  beginSegment(): void {
    this.#count = 0;
  }

  /**
   * Takes one record over, its data in `bytes`. What is wrong with it, or null. `mayBeginAnywhere`: the segments before
   * this one are gone, and the checksum begins where it says.
   */
  take(record: RecordFields, bytes: Uint8Array, mayBeginAnywhere: boolean): string | null {
    const place = this.#count++;
    if (place === 0) return this.#takeCrc(record, mayBeginAnywhere);
    if (place === 1) return this.#takeMetadata(record, bytes);
    this.crc = record.crc;
    switch (record.type) {
      case RecordType.entry:
        return this.#takeEntry(record, bytes);
      case RecordType.state:
        return this.#takeState(record, bytes);
      case RecordType.snapshot:
        return this.#takeSnapshot(record, bytes);
      case RecordType.crc:
      case RecordType.metadata:
        return 'the head of a segment stands in its middle';
      default:
        return 'there is no such type of record';
    }
  }

  /** What is missing at the end, or null. */
  finish(): string | null {
    const { index } = this.snapshot;
    if (this.#base !== index) {
      return `entries ${index + 1} to ${this.#base} are missing, and there is no usable snapshot of them`;
    }
    const { term, vote, commit } = this.hardState;
    if (commit > this.lastIndex) return `entries up to ${commit} were committed, and the log ends at ${this.lastIndex}`;
    this.hardState = { term, vote, commit: Math.max(commit, index) }; // what is in a snapshot is committed
    return null;
  }

  #takeCrc(record: RecordFields, mayBeginAnywhere: boolean): string | null {
    if (record.type !== RecordType.crc || record.dataTo > record.dataFrom) return 'a segment begins with its checksum';
    if (!mayBeginAnywhere && record.crc !== this.crc) return 'it does not continue the segment before it';
    this.crc = record.crc;
    return null;
  }

  #takeMetadata(record: RecordFields, bytes: Uint8Array): string | null {
    const found = readMetadata(bytes, record.dataFrom, record.dataTo);
    if (record.type !== RecordType.metadata || found === null) return 'a segment says first whose it is';
    const known = this.metadata ?? found;
    if (found.memberId !== known.memberId || found.clusterId !== known.clusterId) return 'it belongs to another member';
    this.metadata = found;
    this.crc = record.crc;
    return null;
  }

  #takeEntry(record: RecordFields, bytes: Uint8Array): string | null {
    const entry = readEntry(bytes, record.dataFrom, record.dataTo);
    if (entry === null || entry.index === 0 || entry.term === 0) return 'an entry is malformed';
    if (entry.index <= this.snapshot.index) return null;
    const place = entry.index - this.#base - 1;
    if (place < 0 || place > this.entries.length) return this.#beginAnew(entry);
    if (this.entries[place]?.term === entry.term) return `entry ${entry.index} is there twice`;
    if (place < this.entries.length && entry.index <= this.hardState.commit) return 'a committed entry is replaced';
    const termBefore = this.#termBefore(place);
    if (entry.term < termBefore) return `entry ${entry.index} of term ${entry.term} follows one of term ${termBefore}`;
    this.entries.length = place;
    this.entries.push(entry);
    return null;
  }

  /** Of the entry before `place`; 0 when it is not known. The replaced entry's is no bound: raft may put a lower one there. */
  #termBefore(place: number): number {
    if (place > 0) return this.entries[place - 1]!.term;
    return this.#base === this.snapshot.index ? this.snapshot.term : 0;
  }

  /** The segments between are gone: no harm if a snapshot that comes later covers them, and `finish` sees to that. */
  #beginAnew(entry: Entry): null {
    this.hasGap = true;
    this.#base = entry.index - 1;
    this.entries.splice(0, this.entries.length, entry);
    return null;
  }

  #takeState(record: RecordFields, bytes: Uint8Array): string | null {
    const state = readHardState(bytes, record.dataFrom, record.dataTo);
    if (state === null || hardStateBytes(state) !== record.dataTo - record.dataFrom) return 'a state is malformed';
    if (state.term < this.hardState.term || state.commit < this.hardState.commit) return 'a state goes back';
    this.hardState = state;
    return null;
  }

  #takeSnapshot(record: RecordFields, bytes: Uint8Array): string | null {
    const claimed = readWalSnapshot(bytes, record.dataFrom, record.dataTo);
    if (claimed === null || claimed.index < this.#snapshotIndex) return 'a snapshot is malformed';
    this.#snapshotIndex = claimed.index;
    const snapshot = claimed.index === 0 ? null : this.#loadSnap(claimed);
    if (snapshot !== null) this.#startFrom(snapshot);
    return null;
  }

  /**
   * Everything up to it is in the state already. What is behind it stays if it goes on from there; else a leader sent the
   * snapshot to replace it.
   */
  #startFrom(snapshot: SnapshotMetadata): void {
    this.snapshot = snapshot;
    const covered = snapshot.index - this.#base;
    if (covered < 0) return; // a gap behind it: `finish` says so
    this.entries.splice(0, this.#goesOnFrom(snapshot) ? covered : this.entries.length);
    this.#base = snapshot.index;
  }

  #goesOnFrom({ index, term }: SnapshotMetadata): boolean {
    if (index > this.#base) return this.entries[index - this.#base - 1]?.term === term;
    return (this.entries[0]?.term ?? term) >= term;
  }
}
