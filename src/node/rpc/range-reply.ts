/**
 * RangeResponses as bytes: header (field 1), kvs (2), more (3), count (4). What fits is put together in one buffer that is
 * written again by the next; of what does not, here are the ends around the kvs.
 */
import { varintBytes, writeVarint } from '../raft/proto-fields.ts';
import type { RangeCursor } from '../state/state.ts';
import { headerBytesMax, type ReplyHeader } from './reply-header.ts';

const kvsTag = 0x12;
const moreTag = 0x18;
const countTag = 0x20;
/** `more`, and `count` with up to 8 bytes. */
const tailBytesMax = 2 + 9;
/** Longer answers are sent in parts of about this size. */
const partBytes = 64 * 1024;

export class RangeReply {
  readonly #header: ReplyHeader;
  readonly #buffer: Uint8Array = new Uint8Array(partBytes);

  constructor(header: ReplyHeader) {
    this.#header = header;
  }

  /** The answer about one key: `stored` is its encoded KeyValue, or null. Valid until the next call. */
  one(revision: number, stored: Uint8Array | null): Uint8Array {
    const into = this.#room(stored === null ? 0 : stored.length);
    let at = this.#header.write(into, 0, revision);
    if (stored === null) return into.subarray(0, at);
    into[at] = kvsTag;
    at = writeVarint(into, at + 1, stored.length);
    into.set(stored, at);
    at += stored.length;
    into[at++] = countTag;
    into[at++] = 1;
    return into.subarray(0, at);
  }

  /** A whole answer, of a cursor that is prepared. Null: it is too long for one piece. Valid until the next call. */
  whole(revision: number, cursor: RangeCursor): Uint8Array | null {
    if (cursor.encodedBytes + headerBytesMax + tailBytesMax > partBytes) return null;
    const into = this.#buffer;
    let at = this.#header.write(into, 0, revision);
    for (let end = at; end >= 0; end = cursor.write(into, at)) at = end;
    return into.subarray(0, writeTail(into, at, cursor));
  }

  /** The first bytes of an answer in parts. All three are valid until the next call. */
  head(revision: number): Uint8Array {
    return this.#buffer.subarray(0, this.#header.write(this.#buffer, 0, revision));
  }

  /** The next of its kvs; null when none are left. */
  part(cursor: RangeCursor): Uint8Array | null {
    const end = cursor.write(this.#buffer, 0);
    return end < 0 ? null : this.#buffer.subarray(0, end);
  }

  tail(cursor: RangeCursor): Uint8Array {
    return this.#buffer.subarray(0, writeTail(this.#buffer, 0, cursor));
  }

  #room(storedBytes: number): Uint8Array {
    const bytes = headerBytesMax + 1 + varintBytes(storedBytes) + storedBytes + tailBytesMax;
    return bytes <= partBytes ? this.#buffer : new Uint8Array(bytes);
  }
}

/** What `tail` has, before the parts are written. */
export function tailBytes(cursor: RangeCursor): number {
  return (cursor.more ? 2 : 0) + (cursor.count === 0 ? 0 : 1 + varintBytes(cursor.count));
}

function writeTail(into: Uint8Array, at: number, cursor: RangeCursor): number {
  if (cursor.more) {
    into[at++] = moreTag;
    into[at++] = 1;
  }
  if (cursor.count === 0) return at;
  into[at] = countTag;
  return writeVarint(into, at + 1, cursor.count);
}
