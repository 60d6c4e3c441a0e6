/**
 * A RangeRequest that asks for one key as it is now, which is what most reads do: read as offsets, without an object. For
 * any other the reader only says that it is another one.
 */
import { emptyBytes } from '../../base/bytes.ts';
import { ProtoReader } from '../proto-reader.ts';

const keyTag = 0x0a;
const limitTag = 0x18;
const serializableTag = 0x38;

/** One object for all requests: its fields describe the one read last, and its offsets are into those bytes. */
export class GetRequestReader {
  keyStart = 0;
  keyEnd = 0;
  serializable = false;
  /** False: there are other options. One key has no need of a limit, so that one is passed over. */
  isPlain = true;
  readonly #reader = new ProtoReader(emptyBytes);

  /** Throws DecodeError and nothing else; the fields are meaningless then. */
  read(bytes: Uint8Array): void {
    this.keyStart = this.keyEnd = 0;
    this.serializable = false;
    this.isPlain = true;
    const reader = this.#reader;
    reader.reset(bytes);
    while (reader.pos < bytes.length) this.#field(reader.tag());
  }

  #field(tag: number): void {
    const reader = this.#reader;
    switch (tag) {
      case keyTag:
        this.keyStart = reader.passBytes();
        this.keyEnd = reader.pos;
        return;
      case serializableTag:
        this.serializable = reader.bool();
        return;
      case limitTag:
        return reader.skip(tag);
      default:
        this.isPlain = false;
        reader.skip(tag);
    }
  }
}
