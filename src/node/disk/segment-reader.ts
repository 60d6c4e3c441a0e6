/**
 * One segment of the log, record by record, through a window of bounded size. Says what a record is, or why there is
 * none; what records mean is for recovery to know.
 *
 * Promises: never throws on what it reads; `next` passes over nothing, so that where it stopped is where the damage is.
 */
import { equalBytes } from '../../base/bytes.ts';
import type { Files } from '../ports.ts';
import { crc32cOfRange } from './crc32c.ts';
import { RecordFields } from './record-fields.ts';
import { RecordType, frameBytes, paddingOf, readFrame, sectorBytes } from './wal-record.ts';

const windowBytesMin = 1024 * 1024;
/** A record before its data: three tags, a type of one byte, a checksum, a length; each number at most five bytes. */
const headBytesMax = 14;
const zeros = new Uint8Array(windowBytesMin);

/**
 * - record: `record` has it; `next` goes on after it
 * - end: nothing but zeros, or nothing at all, from here on
 * - cut: the file ends inside a record that is sound as far as it is there
 * - lost: sectors of zeros where a record was being written, and something behind or around them
 * - damaged: anything else
 */
export type Outcome = 'record' | 'end' | 'cut' | 'lost' | 'damaged';

export class SegmentReader {
  readonly path: string;
  readonly sizeBytes: number;
  /** What was read last, within `bytes`, until the next call. */
  readonly record = new RecordFields();
  bytes: Uint8Array;
  /** Where the record begins that was read last, or what stopped the reading. */
  offset = 0;
  /** Where the next one begins. */
  end = 0;
  /** What is wrong at `offset`, after any outcome but the first two. */
  problem = '';
  readonly #files: Files;
  /** The window: `#held` bytes of the file from `#base`. */
  #base = 0;
  #held = 0;

  constructor(files: Files, path: string) {
    this.#files = files;
    this.path = path;
    this.sizeBytes = files.sizeOf(path) ?? 0;
    this.bytes = new Uint8Array(Math.min(windowBytesMin, Math.max(this.sizeBytes, frameBytes)));
  }

  /** `running` is the checksum before the record; one of type crc brings its own. */
  next(running: number): Outcome {
    this.offset = this.end;
    const left = this.sizeBytes - this.offset;
    if (left < frameBytes) {
      if (this.#isZero(this.offset, this.sizeBytes)) return 'end';
      return this.#stop('cut', 'the file ends inside a record');
    }
    const length = readFrame(this.bytes, this.#load(this.offset, frameBytes));
    if (length === 0) return this.#afterZeros();
    if (length < 0) return this.#stop('damaged', 'there is no record with such a length');
    if (frameBytes + length + paddingOf(length) > left) return this.#cutShort(length, left);
    return this.#whole(length, running);
  }

  #whole(length: number, running: number): Outcome {
    const start = this.#load(this.offset, frameBytes + length) + frameBytes;
    const sound = this.record.parse(this.bytes, start, start + length, length) === 'sound';
    const end = this.offset + frameBytes + length;
    if (sound && this.#matches(running)) {
      this.end = end + paddingOf(length);
      return 'record';
    }
    const problem = sound ? 'a checksum does not match' : 'a record is malformed';
    // Fields that cannot be are no sign of what is missing behind them, only of a sector that is missing among them.
    const suspect = sound ? end : Math.min(end, this.offset + frameBytes + headBytesMax);
    return this.#stop(this.#hasLostSector(suspect) ? 'lost' : 'damaged', problem);
  }

  /**
   * A record of type crc says what the value is from there on: who knows what it was compares
   * (docs/etcd-facts.md, wal record types).
   */
  #matches(running: number): boolean {
    const { type, crc, dataFrom, dataTo } = this.record;
    if (type === RecordType.crc && dataFrom === dataTo) return true;
    return crc32cOfRange(this.bytes, dataFrom, dataTo, running) === crc;
  }

  /** A length that is damaged points beyond the end as well: then the record's own fields disagree with it. */
  #cutShort(length: number, left: number): Outcome {
    const held = Math.min(length, left - frameBytes, headBytesMax);
    const start = this.#load(this.offset, frameBytes + held) + frameBytes;
    if (this.record.parse(this.bytes, start, start + held, length) === 'malformed') {
      const isLost = this.#hasLostSector(this.offset + frameBytes + held);
      return this.#stop(isLost ? 'lost' : 'damaged', 'a record is longer than the file');
    }
    return this.#stop('cut', 'the file ends inside a record');
  }

  #afterZeros(): Outcome {
    if (this.#isZero(this.offset, this.sizeBytes)) return 'end';
    const sectorEnd = Math.ceil((this.offset + 1) / sectorBytes) * sectorBytes;
    const outcome = this.#isZero(this.offset, sectorEnd) ? 'lost' : 'damaged';
    return this.#stop(outcome, 'there is something after the end of the log');
  }

  /** Sectors are written whole: one that is all zeros behind the record's first was never written. */
  #hasLostSector(recordEnd: number): boolean {
    let sector = Math.ceil((this.offset + 1) / sectorBytes) * sectorBytes;
    for (; sector < recordEnd; sector += sectorBytes) {
      if (this.#isZero(sector, Math.min(sector + sectorBytes, this.sizeBytes))) return true;
    }
    return false;
  }

  #isZero(from: number, to: number): boolean {
    const limit = Math.min(to, this.sizeBytes);
    for (let at = from; at < limit; at += windowBytesMin) {
      const count = Math.min(windowBytesMin, limit - at);
      const start = this.#load(at, count);
      if (!equalBytes(this.bytes.subarray(start, start + count), zeros.subarray(0, count))) return false;
    }
    return true;
  }

  #stop(outcome: Outcome, problem: string): Outcome {
    this.problem = problem;
    return outcome;
  }

  /** Brings `count` bytes of the file from `offset` into the window; answers where they are in it. */
  #load(offset: number, count: number): number {
    if (offset < this.#base || offset + count > this.#base + this.#held) this.#slide(offset, count);
    return offset - this.#base;
  }

  #slide(offset: number, count: number): void {
    const size = Math.max(count, this.bytes.length);
    const bytes = size === this.bytes.length ? this.bytes : new Uint8Array(size);
    this.#held = this.#files.read(this.path, offset, bytes);
    this.#base = offset;
    this.bytes = bytes;
    if (this.#held < count) this.bytes.fill(0, this.#held, count); // it shrank while we read: as lost as zeros
  }
}
