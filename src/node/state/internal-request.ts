/**
 * InternalRaftRequest (docs/etcd-facts.md, internal raft request) as the place of the one request inside it: no object, no
 * view. The header's id is the proposer's affair, unknown fields are passed over, and of several requests the last one counts.
 */
import { emptyBytes } from '../../base/bytes.ts';
import { DecodeError } from '../../api/decode-error.ts';
import { ProtoReader } from '../../api/proto-reader.ts';

/** Field numbers of the requests that there are so far. */
export const RequestKind = {
  none: 0,
  put: 4,
  deleteRange: 5,
  txn: 6,
  compaction: 7,
  alarm: 10,
  clusterVersionSet: 1300,
  clusterMemberAttrSet: 1301,
} as const;

const requestFields: ReadonlySet<number> = new Set(Object.values(RequestKind));
const bytesWireType = 2;
/** What nearly every entry holds. */
const putTag = RequestKind.put * 8 + bytesWireType;

function isRequest(tag: number): boolean {
  return (tag & 7) === bytesWireType && requestFields.has(tag >>> 3);
}

/** One object for all entries: its fields describe the one read last. */
export class InternalRequestReader {
  /** The field number of the request, 0 without one. */
  kind = 0;
  start = 0;
  end = 0;
  readonly #reader = new ProtoReader(emptyBytes);

  /** False when the bytes are no such message. */
  read(bytes: Uint8Array): boolean {
    this.kind = this.start = this.end = 0;
    try {
      this.#read(bytes);
      return true;
    } catch (error) {
      if (error instanceof DecodeError) return false;
      throw error;
    }
  }

  #read(bytes: Uint8Array): void {
    const reader = this.#reader;
    reader.reset(bytes);
    while (reader.pos < bytes.length) {
      const tag = reader.tag();
      if (tag === putTag || isRequest(tag)) this.#found(reader, tag >>> 3);
      else reader.skip(tag);
    }
  }

  #found(reader: ProtoReader, kind: number): void {
    this.kind = kind;
    this.start = reader.passBytes();
    this.end = reader.pos;
  }
}
