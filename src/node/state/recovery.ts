/**
 * A start: every stored record goes back into the index, in order of revisions, which also yields the store's revision. One
 * pass over the table, no object per record.
 */
import { emptyBytes } from '../../base/bytes.ts';
import { ExitCode, Failure } from '../../base/failure.ts';
import { DecodeError } from '../../api/decode-error.ts';
import type { Storage } from '../ports.ts';
import type { StoredRecord } from './key-index.ts';
import { RevisionKey } from './revision-key.ts';
import type { RevisionStore } from './revision-store.ts';
import { StoredRecordReader } from './stored-record.ts';

/** The store's compacted revision is known already: everything above may be gone, but not the revision itself. */
export function recoverRecords(storage: Storage, store: RevisionStore): void {
  const key = new RevisionKey();
  const reader = new StoredRecordReader();
  const stored: { -readonly [K in keyof StoredRecord]: StoredRecord[K] } = {
    main: 0,
    sub: 0,
    isTombstone: false,
    createRevision: 0,
    version: 0,
    valueBytes: 0,
  };
  storage.scan('key', emptyBytes, null, (name, value) => {
    if (!key.read(name)) throw unreadable(name);
    readRecord(reader, name, value);
    stored.main = key.main;
    stored.sub = key.sub;
    stored.isTombstone = key.isTombstone;
    stored.createRevision = reader.create;
    stored.version = reader.version;
    stored.valueBytes = value.length;
    store.index.restore(store.index.ensure(value, reader.keyStart, reader.keyEnd), stored);
    store.revision = key.main;
    return true;
  });
  store.revision = Math.max(1, store.revision, store.compactedRevision);
}

function readRecord(reader: StoredRecordReader, name: Uint8Array, value: Uint8Array): void {
  try {
    reader.read(value);
  } catch (error) {
    throw error instanceof DecodeError ? unreadable(name) : error;
  }
}

function unreadable(name: Uint8Array): Failure {
  const text = Buffer.from(name).toString('hex');
  return new Failure('BACKEND_DAMAGED', `the backend's record ${text} of table key is no record of a key`, {
    exitCode: ExitCode.fail,
    remedy: 'restore the member from a snapshot, or remove it and add it again',
  });
}
