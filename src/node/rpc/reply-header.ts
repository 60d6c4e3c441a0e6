/**
 * The ResponseHeader of every answer: who answers is encoded once, the revision and the term are patched in behind it.
 *
 *   | 0a length | 08 cluster id 10 member id | 18 revision | 20 term |
 *     field 1     once per process             per answer
 */
import type { ResponseHeader } from '../../api/gen/etcdserverpb/header.ts';
import { varint64Bytes, writeVarint, writeVarint64 } from '../raft/proto-fields.ts';
import type { NodeStatus } from '../requests.ts';

const headerTag = 0x0a;
const clusterTag = 0x08;
const memberTag = 0x10;
const revisionTag = 0x18;
const termTag = 0x20;
/** Tag and length of field 1: a header is shorter than 128 bytes. */
const prefixBytes = 2;

/** What `write` writes at most: two ids of 10 bytes, two numbers of 8, their tags, and the prefix. */
export const headerBytesMax: number = prefixBytes + 2 * 11 + 2 * 9;

export class ReplyHeader {
  readonly #status: NodeStatus;
  readonly #ids: Uint8Array;
  readonly #buffer: Uint8Array;
  /** Where the revision begins. */
  readonly #fixedBytes: number;
  /** Views of the buffer by their length, as a reply is a view and its length hardly ever changes. */
  readonly #views: (Uint8Array | null)[] = new Array<Uint8Array | null>(headerBytesMax + 1).fill(null);

  constructor(status: NodeStatus) {
    this.#status = status;
    this.#ids = encodedIds(status);
    this.#fixedBytes = prefixBytes + this.#ids.length;
    this.#buffer = new Uint8Array(headerBytesMax);
    this.#copyIds(this.#buffer, 0);
  }

  /** As field 1 of a response, at `at`; answers the end. */
  write(into: Uint8Array, at: number, revision: number): number {
    this.#copyIds(into, at);
    return this.#writeNumbers(into, at, revision);
  }

  /** A response that has nothing but its header. Valid until the next call. */
  alone(revision: number): Uint8Array {
    const end = this.#writeNumbers(this.#buffer, 0, revision);
    return (this.#views[end] ??= this.#buffer.subarray(0, end));
  }

  /** The same for responses that are encoded from objects. Revision 0 is none. */
  message(revision: number): ResponseHeader {
    const { clusterId, memberId, term } = this.#status;
    return { cluster_id: clusterId, member_id: memberId, revision, raft_term: term };
  }

  #copyIds(into: Uint8Array, at: number): void {
    const ids = this.#ids;
    into[at] = headerTag;
    for (let i = 0; i < ids.length; i++) into[at + prefixBytes + i] = ids[i]!;
  }

  #writeNumbers(into: Uint8Array, at: number, revision: number): number {
    const { term } = this.#status;
    let end = at + this.#fixedBytes;
    if (revision > 0) {
      into[end] = revisionTag;
      end = writeVarint(into, end + 1, revision);
    }
    if (term > 0) {
      into[end] = termTag;
      end = writeVarint(into, end + 1, term);
    }
    into[at + 1] = end - at - prefixBytes;
    return end;
  }
}

function encodedIds({ clusterId, memberId }: NodeStatus): Uint8Array {
  const ids = new Uint8Array(2 + varint64Bytes(clusterId) + varint64Bytes(memberId));
  ids[0] = clusterTag;
  const at = writeVarint64(ids, 1, clusterId);
  ids[at] = memberTag;
  writeVarint64(ids, at + 1, memberId);
  return ids;
}
