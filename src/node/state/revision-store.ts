/**
 * Keys over time: the index in memory, the records behind it (unflushed ones in our memory, the others in the backend), and
 * the store's revision. What one entry changes shares one main revision, and its changes are numbered from 0.
 *
 *   put, remove … -> commit: the revision moves if anything changed      stored: unflushed records first, then the backend
 *
 * Promises: a record is encoded once; whatever the index names can be read; nothing here fails on what a request holds.
 */
import { copyBytes } from '../../base/bytes.ts';
import { assert } from '../../base/assert.ts';
import { KeyValue } from '../../api/gen/mvccpb/kv.ts';
import type { Storage, WriteTransaction } from '../ports.ts';
import type { KeyIndex } from './key-index.ts';
import type { PutCommand } from './put-command.ts';
import { RecordBuffer } from './record-buffer.ts';
import { RevisionKey } from './revision-key.ts';
import {
  bytesFieldBytes,
  copyRange,
  keyAndRevisionsBytes,
  valueAndLeaseBytes,
  writeKeyHead,
  writeLease,
  writeRevisions,
  writeValueHead,
  type Revisions,
} from './stored-record.ts';

export class RevisionStore {
  readonly index: KeyIndex;
  /** The newest committed one; 1 when fresh. */
  revision = 1;
  /** Below this nothing can be read; -1 before any compaction. */
  compactedRevision = -1;
  readonly #storage: Storage;
  readonly #key = new RevisionKey();
  readonly #revisions: Revisions = { create: 0, mod: 0, version: 0 };
  /** Of the entry that is being applied. */
  #changes = 0;
  #filling = new RecordBuffer();
  #flushing = new RecordBuffer();
  /** How many records of `#filling` a transaction has already. */
  #handedOver = 0;

  constructor(index: KeyIndex, storage: Storage) {
    this.index = index;
    this.#storage = storage;
  }

  /** What a read sees now: inside an entry also what it has changed already. */
  get readRevision(): number {
    return this.#changes === 0 ? this.revision : this.revision + 1;
  }

  /** Sets the key to the value and lease of the command, whose flags are the caller's affair. */
  put(command: PutCommand): void {
    const { index } = this;
    const { keySource, keyStart, keyEnd, valueSource, valueStart, valueEnd, leaseLow, leaseHigh } = command;
    const slot = index.ensure(keySource, keyStart, keyEnd);
    const revisions = this.#nextRevisions(slot);
    const keyBytes = keyEnd - keyStart;
    const valueBytes = valueEnd - valueStart;
    const length = keyAndRevisionsBytes(keyBytes, revisions) + valueAndLeaseBytes(valueBytes, leaseLow, leaseHigh);
    const buffer = this.#append(slot, false, length);
    const { chunk } = buffer;
    let at = writeKeyHead(chunk, buffer.at, keyBytes);
    at = copyRange(chunk, at, keySource, keyStart, keyEnd);
    at = writeRevisions(chunk, at, revisions);
    at = writeValueHead(chunk, at, valueBytes);
    at = copyRange(chunk, at, valueSource, valueStart, valueEnd);
    at = writeLease(chunk, at, leaseLow, leaseHigh);
    assert(at === buffer.at + length, 'a record is as long as was computed');
  }

  /** Deletes a key that exists: a tombstone, stored as a KeyValue with its key alone. */
  remove(slot: number): void {
    const keyBytes = this.index.keyLength(slot);
    const buffer = this.#append(slot, true, bytesFieldBytes(keyBytes));
    this.index.copyKey(slot, buffer.chunk, writeKeyHead(buffer.chunk, buffer.at, keyBytes));
  }

  /** Ends an entry. */
  commit(): void {
    if (this.#changes > 0) this.revision++;
    this.#changes = 0;
  }

  /** The encoded KeyValue of an index's record. Valid until the next read or flush: copy what is kept. */
  stored(record: number): Uint8Array {
    const main = this.index.main(record);
    const sub = this.index.sub(record);
    const bytes =
      this.#filling.find(main, sub) ??
      this.#flushing.find(main, sub) ??
      this.#storage.get('key', this.#key.write(main, sub, this.index.isTombstone(record)));
    assert(bytes !== null, 'every record that the index names is stored');
    return bytes;
  }

  /** The same as an object that owns its bytes. */
  keyValue(record: number): KeyValue {
    return KeyValue.decode(copyBytes(this.stored(record)));
  }

  /** Of records that no commit of the backend has confirmed. */
  get unflushedBytes(): number {
    return this.#filling.bytes + this.#flushing.bytes;
  }

  /** Hands the next records to a transaction, at most `countMax`; they stay readable here until `flushed`. */
  handOver(transaction: WriteTransaction, countMax: number): void {
    const end = Math.min(this.#filling.count, this.#handedOver + countMax);
    this.#filling.putInto(transaction, this.#key, this.#handedOver, end);
    this.#handedOver = end;
  }

  /** Hands over all that are left: records from now on are of the next transaction. */
  flushInto(transaction: WriteTransaction): void {
    assert(this.#flushing.count === 0, 'one flush at a time');
    this.handOver(transaction, Infinity);
    this.#handedOver = 0;
    [this.#filling, this.#flushing] = [this.#flushing, this.#filling];
  }

  /** The transaction is committed. */
  flushed(): void {
    this.#flushing.clear();
  }

  #nextRevisions(slot: number): Revisions {
    const { index } = this;
    const revisions = this.#revisions;
    const newest = index.newest(slot);
    const exists = newest >= 0 && !index.isTombstone(newest);
    revisions.mod = this.revision + 1;
    revisions.create = exists ? index.createRevision(newest) : revisions.mod;
    revisions.version = exists ? index.version(newest) + 1 : 1;
    return revisions;
  }

  /** To the index and to the buffer, where `length` bytes are to be written now. */
  #append(slot: number, isTombstone: boolean, length: number): RecordBuffer {
    const main = this.revision + 1;
    const sub = this.#changes++;
    this.index.append(slot, main, sub, isTombstone, length);
    this.#filling.add(main, sub, isTombstone, length);
    return this.#filling;
  }
}
