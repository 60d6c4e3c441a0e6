import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyBytes, utf8, utf8Text } from '../../../src/base/bytes.ts';
import {
  confChangeBytes,
  confStateBytes,
  encodeConfChange,
  entryBytes,
  hardStateBytes,
  readConfChange,
  readConfState,
  readEntry,
  readHardState,
  readSnapshotMetadata,
  snapshotMetadataBytes,
  writeConfState,
  writeEntry,
  writeHardState,
  writeSnapshotMetadata,
} from '../../../src/node/raft/codec.ts';
import type {
  ConfChange,
  ConfState,
  Entry,
  EntryType,
  HardState,
  SnapshotMetadata,
} from '../../../src/node/raft/entry.ts';

/** One kind of message, written into a buffer with room on both sides. */
interface Kind<T> {
  readonly name: string;
  readonly bytes: (value: T) => number;
  readonly write: (value: T, into: Uint8Array, at: number) => number;
  readonly read: (bytes: Uint8Array, start?: number, end?: number) => T | null;
  readonly any: fc.Arbitrary<T>;
}

const count = fc.oneof(fc.maxSafeNat(), fc.nat(300), fc.constantFrom(0, 2 ** 28, 2 ** 31, 2 ** 32, 2 ** 53 - 1));
const id = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const data = fc.uint8Array({ maxLength: 300 });
const confState = fc.record({ voters: fc.array(id, { maxLength: 5 }), learners: fc.array(id, { maxLength: 3 }) });

const entries: Kind<Entry> = {
  name: 'Entry',
  bytes: entryBytes,
  write: writeEntry,
  read: readEntry,
  any: fc.record({ term: count, index: count, type: fc.constantFrom<EntryType>(0, 1, 2), data }),
};
const hardStates: Kind<HardState> = {
  name: 'HardState',
  bytes: hardStateBytes,
  write: writeHardState,
  read: readHardState,
  any: fc.record({ term: count, vote: id, commit: count }),
};
const confStates: Kind<ConfState> = {
  name: 'ConfState',
  bytes: confStateBytes,
  write: writeConfState,
  read: readConfState,
  any: confState,
};
const snapshots: Kind<SnapshotMetadata> = {
  name: 'SnapshotMetadata',
  bytes: snapshotMetadataBytes,
  write: writeSnapshotMetadata,
  read: readSnapshotMetadata,
  any: fc.record({ index: count, term: count, confState }),
};
const confChanges: Kind<ConfChange> = {
  name: 'ConfChange',
  bytes: confChangeBytes,
  write: (change, into, at) => {
    const bytes = encodeConfChange(change);
    into.set(bytes, at);
    return at + bytes.length;
  },
  read: readConfChange,
  any: fc.record({ id, type: fc.constantFrom(0, 1, 2, 3), nodeId: id, context: data }),
};

function checksOf<T>({ name, bytes, write, read, any }: Kind<T>): void {
  describe(name, () => {
    it('comes back as it was written, and its size is what it takes', () => {
      fc.assert(
        fc.property(any, fc.nat(20), (value, at) => {
          const into = new Uint8Array(at + bytes(value) + 7).fill(0xee);
          const end = write(value, into, at);
          expect(end).toBe(at + bytes(value));
          expect(into.subarray(end)).toEqual(new Uint8Array(7).fill(0xee));
          expect(read(into, at, end)).toEqual(value);
        }),
      );
    });

    it('is refused or read, never thrown at, when it is cut or changed anywhere', () => {
      fc.assert(
        fc.property(any, fc.nat(), fc.nat(255), (value, where, byte) => {
          const whole = new Uint8Array(bytes(value));
          write(value, whole, 0);
          for (let end = 0; end < whole.length; end++) read(whole, 0, end);
          whole[where % whole.length] = byte;
          read(whole);
        }),
        { numRuns: 50 },
      );
    });
  });
}

checksOf(entries);
checksOf(hardStates);
checksOf(confStates);
checksOf(snapshots);
checksOf(confChanges);

/** Data of records in the WAL of a real etcd 3.4.23, started once on an empty directory. */
const recorded = {
  confChange:
    '080110011801' +
    '22620800100018cdd2918bd2b881cf8e0122517b226964223a31303237363635373734333933323937353433372c227065657255524c73223a' +
    '5b22687474703a2f2f6c6f63616c686f73743a32333830225d2c226e616d65223a2264656661756c74227d',
  empty: '080010021802',
  hardState: '080210cdd2918bd2b881cf8e011804',
};

describe('bytes of a real etcd', () => {
  const member = 0x8e9e05c52164694dn;

  it('holds the first member as a configuration change', () => {
    const entry = readEntry(Buffer.from(recorded.confChange, 'hex'))!;
    expect(entry).toMatchObject({ term: 1, index: 1, type: 1 });
    const change = readConfChange(entry.data)!;
    expect(change).toMatchObject({ id: 0n, type: 0, nodeId: member });
    const context = '{"id":10276657743932975437,"peerURLs":["http://localhost:2380"],"name":"default"}';
    expect(utf8Text(change.context)).toBe(context);
    const again = { ...entry, data: encodeConfChange({ id: 0n, type: 0, nodeId: member, context: utf8(context) }) };
    expect(hexOf(entries, again)).toBe(recorded.confChange);
  });

  it('holds the empty entry of a new leader without data', () => {
    const entry = { term: 2, index: 2, type: 0, data: emptyBytes } as const;
    expect(readEntry(Buffer.from(recorded.empty, 'hex'))).toEqual(entry);
    expect(hexOf(entries, entry)).toBe(recorded.empty);
  });

  it('holds a hard state', () => {
    const state = { term: 2, vote: member, commit: 4 };
    expect(readHardState(Buffer.from(recorded.hardState, 'hex'))).toEqual(state);
    expect(hexOf(hardStates, state)).toBe(recorded.hardState);
  });
});

function hexOf<T>(kind: Kind<T>, value: T): string {
  const bytes = new Uint8Array(kind.bytes(value));
  kind.write(value, bytes, 0);
  return Buffer.from(bytes).toString('hex');
}

describe('what other writers may send', () => {
  it.each([
    { name: 'packed ids', hex: '0a03018001', state: { voters: [1n, 128n], learners: [] } },
    { name: 'packed ids that are cut', hex: '0a0180', state: null },
    { name: 'a joint configuration', hex: '08011802', state: null },
    { name: 'an unknown field', hex: '0801780528006a0155', state: { voters: [1n], learners: [] } },
    { name: 'nothing', hex: '', state: { voters: [], learners: [] } },
    { name: 'a varint of eleven bytes', hex: '08ffffffffffffffffffff01', state: null },
    { name: 'a group', hex: '0b0c', state: null },
    { name: 'field number 0', hex: '0001', state: null },
  ])('$name', ({ hex, state }) => expect(readConfState(Buffer.from(hex, 'hex'))).toEqual(state));

  it.each([
    { name: 'an entry type of tomorrow', hex: '0803' },
    { name: 'a term beyond 2^53', hex: '10ffffffffffffffff7f' },
    { name: 'data beyond the end', hex: '2205aa' },
  ])('$name is no entry', ({ hex }) => expect(readEntry(Buffer.from(hex, 'hex'))).toBeNull());

  it('reads an entry without any field', () => {
    expect(readEntry(emptyBytes)).toEqual({ term: 0, index: 0, type: 0, data: emptyBytes });
  });
});
