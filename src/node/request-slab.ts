/**
 * Where requests become the data of log entries: an InternalRaftRequest is written once, into memory that the log owns, a
 * megabyte at a time. What the log has forgotten is used again: as garbage it would start a full collection every few
 * thousand puts, because memory outside the heap counts as if it were in it.
 *
 *   put (field 4) = the PutRequest's own bytes | header (field 100) { ID (field 1) }
 */
import {
  tagOf,
  varintBytes,
  varintHalvesBytes,
  WireType,
  writeVarint,
  writeVarintHalves,
} from './raft/proto-fields.ts';
import type { RequestIds } from './request-ids.ts';

const slabBytes = 1024 * 1024;
/** Larger requests get memory of their own, so that a slab's end is never much of it. */
const sharedBytesMax = slabBytes / 16;

const putTag = tagOf(4, WireType.bytes);
const headerTag = tagOf(100, WireType.bytes);
const idTag = tagOf(1, WireType.varint);
const putTagBytes = 1;
const headerTagBytes = 2;

/** As many as the entries that the log keeps for others take, twice. */
const spareMax = 16;

/** How long `encode` makes a request: what etcd's --max-request-bytes is compared with. */
export function encodedBytes(requestBytes: number, ids: RequestIds): number {
  return requestBytes + headerBytes(varintHalvesBytes(ids.low, ids.high));
}

/** And `encodePut`. */
export function encodedPutBytes(putBytes: number, ids: RequestIds): number {
  return encodedBytes(putTagBytes + varintBytes(putBytes) + putBytes, ids);
}

export class RequestSlab {
  /** The one that is filled, and those before it that entries may still point into, oldest first. */
  #bytes: Uint8Array = new Uint8Array(0);
  readonly #filled: Uint8Array[] = [];
  readonly #spare: Uint8Array[] = [];
  #used = 0;

  /** `put` becomes field 4, under the id that `ids` is at. */
  encodePut(put: Uint8Array, ids: RequestIds): Uint8Array {
    const idBytes = varintHalvesBytes(ids.low, ids.high);
    const data = this.#take(encodedPutBytes(put.length, ids));
    data[0] = putTag;
    const start = writeVarint(data, putTagBytes, put.length);
    data.set(put, start);
    writeHeader(data, start + put.length, idBytes, ids);
    return data;
  }

  /** `request` has every field but the header. */
  encode(request: Uint8Array, ids: RequestIds): Uint8Array {
    const idBytes = varintHalvesBytes(ids.low, ids.high);
    const data = this.#take(encodedBytes(request.length, ids));
    data.set(request, 0);
    writeHeader(data, request.length, idBytes, ids);
    return data;
  }

  /** `oldest` is the data of the oldest request that is still in use; all that was encoded before it is not any more. */
  releaseBefore(oldest: Uint8Array): void {
    const filled = this.#filled;
    let count = filled.findIndex(({ buffer }) => buffer === oldest.buffer);
    if (count < 0 && oldest.buffer === this.#bytes.buffer) count = filled.length;
    if (count > 0) this.#release(count); // else none, or it lies elsewhere and says nothing about slabs
  }

  /** Nothing that was encoded is in use any more. */
  releaseAll(): void {
    this.#release(this.#filled.length);
  }

  #release(count: number): void {
    for (const slab of this.#filled.splice(0, count)) if (this.#spare.length < spareMax) this.#spare.push(slab);
  }

  #take(count: number): Uint8Array {
    if (count > sharedBytesMax) return new Uint8Array(count);
    if (count > this.#bytes.length - this.#used) this.#nextSlab();
    const start = this.#used;
    this.#used = start + count;
    return this.#bytes.subarray(start, this.#used);
  }

  #nextSlab(): void {
    if (this.#used > 0) this.#filled.push(this.#bytes);
    this.#bytes = this.#spare.pop() ?? new Uint8Array(slabBytes);
    this.#used = 0;
  }
}

function headerBytes(idBytes: number): number {
  return headerTagBytes + 1 + 1 + idBytes; // tag, length, tag of the id, id
}

function writeHeader(data: Uint8Array, at: number, idBytes: number, ids: RequestIds): void {
  at = writeVarint(data, at, headerTag);
  data[at++] = 1 + idBytes;
  data[at++] = idTag;
  writeVarintHalves(data, at, ids.low, ids.high);
}
