/**
 * Records into batches: what one turn appends is encoded straight into the buffer that will be written, its checksum
 * chained over all records since the log began, and where a segment is full the batch is marked for a cut.
 *
 * Promises: bytes as etcd writes them; a segment runs over by its last record at most; per entry no object but the
 * checksum's result is made.
 */
import { assert } from '../../base/assert.ts';
import { entryBytes, hardStateBytes, writeEntry, writeHardState } from '../raft/codec.ts';
import type { Entry, HardState, SnapshotMetadata } from '../raft/entry.ts';
import { varintBytes, writeVarint } from '../raft/proto-fields.ts';
import type { Done } from '../ports.ts';
import { crc32c, crc32cByTable } from './crc32c.ts';
import {
  RecordType,
  frameBytes,
  metadataBytes,
  paddingOf,
  recordTags,
  walSnapshotBytes,
  writeFrame,
  writeMetadata,
  writeWalSnapshot,
  type WalMetadata,
} from './wal-record.ts';

const batchBytesMin = 256 * 1024;
/** Larger buffers are let go once they are written, so that one burst is not paid for ever after. */
const batchBytesKept = 8 * 1024 * 1024;
/** Bytes of a checksum as a varint, but for one value in sixteen, which is shorter. */
const crcBytesMax = 5;

/** Where in a batch another segment begins. */
export interface Cut {
  readonly at: number;
  /** Of the first entry that the new segment may hold. */
  readonly firstIndex: number;
}

/** What leaves together: one write and one sync for each segment that it touches. */
export class Batch {
  bytes: Uint8Array = new Uint8Array(batchBytesMin);
  length = 0;
  readonly cuts: Cut[] = [];
  /** Somebody waits for it to be on the disk. */
  mustSync = false;
  /** The newest that is in it; 0 is none. */
  persist = 0;
  done: Done | null = null;

  clear(): void {
    if (this.bytes.length > batchBytesKept) this.bytes = new Uint8Array(batchBytesMin);
    this.length = 0;
    this.cuts.length = 0;
    this.mustSync = false;
    this.persist = 0;
    this.done = null;
  }

  /** Makes room for `count` bytes more. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}

/** Where the log ends, as recovery found it or as it begins. */
export interface LogEnd {
  readonly metadata: WalMetadata;
  readonly hardState: HardState;
  /** The checksum's running value. */
  readonly crc: number;
  /** In the segment that is written to. */
  readonly position: number;
  readonly lastIndex: number;
}

export class WalEncoder {
  /** Takes the records; exchanged by whoever writes them. */
  batch: Batch;
  readonly #segmentBytes: number;
  readonly #metadata: WalMetadata;
  #hardState: HardState;
  #crc: number;
  /** Where the next record comes to lie in its segment. */
  #position: number;
  #lastIndex: number;
  /** Entries up to these are on their way, or on the disk, as they were encoded last. */
  #flightIndex: number;
  #persistedIndex: number;

  constructor(batch: Batch, segmentBytes: number, end: LogEnd) {
    this.batch = batch;
    this.#segmentBytes = segmentBytes;
    this.#metadata = end.metadata;
    this.#hardState = end.hardState;
    this.#crc = end.crc;
    this.#position = end.position;
    this.#lastIndex = end.lastIndex;
    this.#flightIndex = end.lastIndex;
    this.#persistedIndex = end.lastIndex;
  }

  /** What was encoded so far is on its way to the disk. */
  launched(): void {
    this.#flightIndex = this.#lastIndex;
  }

  /** What was on its way is on the disk. */
  persisted(): void {
    this.#persistedIndex = this.#flightIndex;
  }

  /** The head of a new log: its first segment, and the snapshot of nothing. */
  begin(): void {
    this.#cut(0);
    this.snapshot({ index: 0, term: 0, confState: { voters: [], learners: [] } });
  }

  entry(entry: Entry): void {
    assert(entry.index > 0 && entry.index <= this.#lastIndex + 1, 'the log is contiguous');
    this.#cutIfFull();
    const { data } = entry;
    const size = entryBytes(entry);
    const at = this.#dataAt(size);
    const { bytes } = this.batch;
    const end = writeEntry(entry, bytes, at);
    this.#crc = crc32cByTable(bytes, at, end - data.length, this.#crc);
    if (data.length > 0) this.#crc = crc32c(data, this.#crc); // over the entry's own view: none is made of the buffer
    this.#finish(RecordType.entry, at, size);
    if (entry.index <= this.#flightIndex) this.#replaceFrom(entry.index);
    this.#lastIndex = entry.index;
  }

  /**
   * No commit index is written that goes beyond the entries on this disk: a follower may know of one, and may forget it; in
   * return a commit index tells recovery what was synced (tear-evidence.ts).
   */
  state(state: HardState): void {
    this.#cutIfFull();
    const { term, vote, commit } = state;
    this.#hardState = commit <= this.#persistedIndex ? state : { term, vote, commit: this.#persistedIndex };
    this.#writeState();
  }

  snapshot(snapshot: SnapshotMetadata): void {
    this.#cutIfFull();
    const size = walSnapshotBytes(snapshot);
    const at = this.#dataAt(size);
    this.#chain(at, writeWalSnapshot(snapshot, this.batch.bytes, at));
    this.#finish(RecordType.snapshot, at, size);
    this.#lastIndex = Math.max(this.#lastIndex, snapshot.index);
  }

  #replaceFrom(index: number): void {
    this.#flightIndex = index - 1;
    this.#persistedIndex = Math.min(this.#persistedIndex, index - 1);
  }

  #cutIfFull(): void {
    if (this.#position >= this.#segmentBytes) this.#cut(this.#lastIndex + 1);
  }

  /** A segment's head: it continues the checksum and repeats what must be known without the segments before it. */
  #cut(firstIndex: number): void {
    this.batch.cuts.push({ at: this.batch.length, firstIndex });
    this.#position = 0;
    this.#finish(RecordType.crc, this.#dataAt(0), 0);
    const size = metadataBytes(this.#metadata);
    const at = this.#dataAt(size);
    this.#chain(at, writeMetadata(this.#metadata, this.batch.bytes, at));
    this.#finish(RecordType.metadata, at, size);
    const { term, vote, commit } = this.#hardState;
    if (term > 0 || vote !== 0n || commit > 0) this.#writeState();
  }

  #writeState(): void {
    const size = hardStateBytes(this.#hardState);
    const at = this.#dataAt(size);
    this.#chain(at, writeHardState(this.#hardState, this.batch.bytes, at));
    this.#finish(RecordType.state, at, size);
  }

  #chain(from: number, to: number): void {
    this.#crc = crc32cByTable(this.batch.bytes, from, to, this.#crc);
  }

  /** Where data of `size` bytes comes to lie if the checksum before it takes all of its five bytes. */
  #dataAt(size: number): number {
    this.batch.reserve(frameBytes + 2 + 1 + crcBytesMax + 1 + varintBytes(size) + size + frameBytes);
    return this.batch.length + frameBytes + 2 + 1 + crcBytesMax + 1 + varintBytes(size);
  }

  /** Everything around the data that is at `at` already. A record without data has no such field. */
  #finish(type: RecordType, at: number, size: number): void {
    const { batch } = this;
    const { bytes } = batch;
    const start = batch.length;
    let end = start + frameBytes;
    bytes[end++] = recordTags.type;
    bytes[end++] = type;
    bytes[end++] = recordTags.crc;
    end = writeVarint(bytes, end, this.#crc);
    if (size > 0) {
      bytes[end++] = recordTags.data;
      end = writeVarint(bytes, end, size);
      if (end !== at) bytes.copyWithin(end, at, at + size);
      end += size;
    }
    const recordBytes = end - start - frameBytes;
    writeFrame(bytes, start, recordBytes);
    for (let padding = paddingOf(recordBytes); padding > 0; padding--) bytes[end++] = 0;
    batch.length = end;
    this.#position += end - start;
  }
}
