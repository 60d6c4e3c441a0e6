/**
 * Requests on their way into the log: field numbers of etcdserverpb.InternalRaftRequest (docs/etcd-facts.md, internal raft
 * request), and the frame that makes a request's own bytes one of its fields.
 */
import { tagOf, varintBytes, WireType, writeVarint } from '../raft/proto-fields.ts';

export const RaftField = { deleteRange: 5, txn: 6, compaction: 7, alarm: 10 } as const;
export type RaftField = (typeof RaftField)[keyof typeof RaftField];

const keptBytesMax = 64 * 1024;

/** One for all requests: its buffer is written again by each. */
export class RaftRequestFrame {
  #buffer = new Uint8Array(1024);

  /** An InternalRaftRequest with this one field. Valid until the next call. */
  wrap(field: RaftField, request: Uint8Array): Uint8Array {
    const tag = tagOf(field, WireType.bytes);
    const bytes = varintBytes(tag) + varintBytes(request.length) + request.length;
    const buffer = this.#room(bytes);
    const at = writeVarint(buffer, writeVarint(buffer, 0, tag), request.length);
    buffer.set(request, at);
    return buffer.subarray(0, bytes);
  }

  #room(bytes: number): Uint8Array {
    if (bytes <= this.#buffer.length) return this.#buffer;
    const larger = new Uint8Array(bytes);
    if (bytes <= keptBytesMax) this.#buffer = larger;
    return larger;
  }
}
