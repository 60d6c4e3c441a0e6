/** The three fields of a walpb.Record, as etcd writes them and in no other way: the reader's view of one record. */
import { FieldReader } from '../raft/proto-fields.ts';
import { recordTags } from './wal-record.ts';

/** short: the bytes end inside the record, which is sound as far as it is there. */
export type Shape = 'sound' | 'short' | 'malformed';

export class RecordFields {
  type = 0;
  crc = 0;
  /** Where the data is; empty for a record that has none. */
  dataFrom = 0;
  dataTo = 0;

  /** Reads `bytes[start, end)`. `length` is what the frame says; -1 when there is no frame to ask. */
  parse(bytes: Uint8Array, start: number, end: number, length: number): Shape {
    const reader = new FieldReader(bytes, start, end);
    if (reader.tag() !== recordTags.type) return stopped(reader, end);
    this.type = reader.number();
    if (reader.tag() !== recordTags.crc) return stopped(reader, end);
    this.crc = reader.number();
    if (reader.failed) return stopped(reader, end);
    this.dataFrom = this.dataTo = reader.pos;
    if (reader.pos - start === length) return 'sound';
    if (reader.tag() !== recordTags.data) return stopped(reader, end);
    const size = reader.number();
    if (reader.failed) return stopped(reader, end);
    this.dataFrom = reader.pos;
    this.dataTo = reader.pos + size;
    if (length >= 0) return this.dataTo - start === length ? 'sound' : 'malformed';
    return this.dataTo <= end ? 'sound' : 'short';
  }
}

function stopped(reader: FieldReader, end: number): Shape {
  return reader.pos >= end ? 'short' : 'malformed';
}
