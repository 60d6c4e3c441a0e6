/**
 * One `kvs` field of a RangeResponse: its size, and its bytes into buffers that may each take only a part of it. What is
 * stored is the KeyValue's encoding already; without values it is encoded from the index, which has all of it but the lease.
 */
import { copyBytes, emptyBytes } from '../../base/bytes.ts';
import { KeyValue } from '../../api/gen/mvccpb/kv.ts';
import { varintBytes, writeVarint } from '../raft/proto-fields.ts';
import type { RevisionStore } from './revision-store.ts';
import {
  StoredRecordReader,
  copyRange,
  keyAndRevisionsBytes,
  valueAndLeaseBytes,
  writeKeyHead,
  writeLease,
  writeRevisions,
  type Revisions,
} from './stored-record.ts';

/**
 * What of a KeyValue is served. `keysAndLease` is keys_only when sorting by value: etcd 3.7 reads the records for it then,
 * and so their leases (docs/etcd-facts.md, range options).
 */
export type KeyValueParts = 'all' | 'keys' | 'keysAndLease';

const kvsTag = 0x12;
/** A tag and a length below 2^35. */
const headBytesMax = 6;

export class KeyValueField {
  readonly #store: RevisionStore;
  readonly #parts: KeyValueParts;
  readonly #revisions: Revisions = { create: 0, mod: 0, version: 0 };
  readonly #reader = new StoredRecordReader();
  readonly #head = new Uint8Array(headBytesMax);
  #scratch = emptyBytes;
  #slot = -1;
  #record = -1;
  #written = 0;

  constructor(store: RevisionStore, parts: KeyValueParts) {
    this.#store = store;
    this.#parts = parts;
  }

  /** Tag and length included. */
  bytes(slot: number, record: number): number {
    const length = this.#length(slot, record);
    return 1 + varintBytes(length) + length;
  }

  /** Begins to write a key's field. */
  open(slot: number, record: number): void {
    this.#slot = slot;
    this.#record = record;
    this.#written = 0;
  }

  /** Between `open` and the call of `write` that wrote the last byte. */
  get isOpen(): boolean {
    return this.#record >= 0;
  }

  /** Goes on from where the last call stopped; answers the end. */
  write(into: Uint8Array, at: number): number {
    const body = this.#body(this.#slot, this.#record);
    const room = into.length - at;
    if (this.#written === 0 && room >= headBytesMax + body.length) {
      this.#record = -1;
      at = writeHead(into, at, body.length);
      into.set(body, at);
      return at + body.length;
    }
    return this.#writePart(into, at, body);
  }

  /** An object that owns its bytes. */
  keyValue(slot: number, record: number): KeyValue {
    return KeyValue.decode(copyBytes(this.#body(slot, record)));
  }

  #writePart(into: Uint8Array, at: number, body: Uint8Array): number {
    const headBytes = writeHead(this.#head, 0, body.length);
    while (this.#written < headBytes && at < into.length) into[at++] = this.#head[this.#written++]!;
    if (this.#written < headBytes) return at;
    const start = this.#written - headBytes;
    const end = Math.min(body.length, start + into.length - at);
    this.#written += end - start;
    if (end === body.length) this.#record = -1;
    return copyRange(into, at, body, start, end);
  }

  #length(slot: number, record: number): number {
    if (this.#parts === 'all') return this.#store.index.valueBytes(record);
    this.#readLease(record);
    const keyBytes = this.#store.index.keyLength(slot);
    return (
      keyAndRevisionsBytes(keyBytes, this.#revisionsOf(record)) +
      valueAndLeaseBytes(0, this.#reader.leaseLow, this.#reader.leaseHigh)
    );
  }

  #body(slot: number, record: number): Uint8Array {
    return this.#parts === 'all' ? this.#store.stored(record) : this.#withoutValue(slot, record);
  }

  #withoutValue(slot: number, record: number): Uint8Array {
    const { index } = this.#store;
    const length = this.#length(slot, record);
    if (this.#scratch.length < length) this.#scratch = new Uint8Array(length);
    const into = this.#scratch;
    let at = index.copyKey(slot, into, writeKeyHead(into, 0, index.keyLength(slot)));
    at = writeRevisions(into, at, this.#revisionsOf(record));
    at = writeLease(into, at, this.#reader.leaseLow, this.#reader.leaseHigh);
    return into.subarray(0, at);
  }

  #readLease(record: number): void {
    if (this.#parts === 'keysAndLease') this.#reader.read(this.#store.stored(record));
  }

  #revisionsOf(record: number): Revisions {
    const { index } = this.#store;
    this.#revisions.create = index.createRevision(record);
    this.#revisions.mod = index.main(record);
    this.#revisions.version = index.version(record);
    return this.#revisions;
  }
}

function writeHead(into: Uint8Array, at: number, length: number): number {
  into[at] = kvsTag;
  return writeVarint(into, at + 1, length);
}
