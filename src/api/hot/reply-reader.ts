/**
 * What a load generator needs to know of a reply, and nothing more: no object, bigint or copy is made of the rest.
 * The rest is still walked over field by field, so a reply that is cut short or malformed is noticed (DecodeError).
 */
import { emptyBytes } from '../../base/bytes.ts';
import { ProtoReader } from '../proto-reader.ts';

/** Field 1 of every response is the header, its field 3 the revision (docs/etcd-facts.md, responses and headers). */
const headerTag = 0x0a;
const headerRevisionTag = 0x18;

/** One object for all replies: its fields say what the reply read last said; 0 or false where it said nothing. */
export class ReplyReader {
  /** ResponseHeader.revision of any reply. */
  revision = 0;
  /** RangeResponse: all keys in the range, those that came, and whether there are more. */
  count = 0;
  kvs = 0;
  more = false;
  /** DeleteRangeResponse. */
  deleted = 0;
  /** TxnResponse. */
  succeeded = false;
  readonly #reader = new ProtoReader(emptyBytes);

  /** A reply of which only the header matters: PutResponse and the like. */
  readPut(bytes: Uint8Array): void {
    const reader = this.#start(bytes);
    while (reader.pos < bytes.length) this.#other(reader.tag());
  }

  readRange(bytes: Uint8Array): void {
    const reader = this.#start(bytes);
    while (reader.pos < bytes.length) {
      const tag = reader.tag();
      if (tag === 0x12) {
        reader.passBytes();
        this.kvs++;
      } else if (tag === 0x18) this.more = reader.bool();
      else if (tag === 0x20) this.count = reader.int64Number();
      else this.#other(tag);
    }
  }

  readDeleteRange(bytes: Uint8Array): void {
    const reader = this.#start(bytes);
    while (reader.pos < bytes.length) {
      const tag = reader.tag();
      if (tag === 0x10) this.deleted = reader.int64Number();
      else this.#other(tag);
    }
  }

  readTxn(bytes: Uint8Array): void {
    const reader = this.#start(bytes);
    while (reader.pos < bytes.length) {
      const tag = reader.tag();
      if (tag === 0x10) this.succeeded = reader.bool();
      else this.#other(tag);
    }
  }

  #start(bytes: Uint8Array): ProtoReader {
    this.revision = 0;
    this.count = 0;
    this.kvs = 0;
    this.more = false;
    this.deleted = 0;
    this.succeeded = false;
    this.#reader.reset(bytes);
    return this.#reader;
  }

  #other(tag: number): void {
    if (tag === headerTag) this.#header();
    else this.#reader.skip(tag);
  }

  #header(): void {
    const reader = this.#reader;
    const end = reader.begin(reader.length());
    this.revision = 0; // a header that comes again replaces the one before, as in the generated decoders
    while (reader.pos < end) {
      const tag = reader.tag();
      if (tag === headerRevisionTag) this.revision = reader.int64Number();
      else reader.skip(tag);
    }
    reader.finish(end);
  }
}
