/** A log that etcd 3.4 wrote, as recorded in fixtures/etcd-3.4. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { utf8Text } from '../../../src/base/bytes.ts';
import { realFiles } from '../../../src/node/disk/real-files.ts';
import { decodeSnap, encodeSnap } from '../../../src/node/disk/snap-file.ts';
import { recoverLog } from '../../../src/node/disk/wal-recovery.ts';
import { readConfChange } from '../../../src/node/raft/codec.ts';
import { EntryType, type Entry } from '../../../src/node/raft/entry.ts';
import { rewritten } from './etcd-log.ts';

const fixture = join(import.meta.dirname, 'fixtures/etcd-3.4');
const walDir = join(fixture, 'wal');
const trace = { debug: () => {}, warn: () => {} };

const recover = (snapDir: string) => recoverLog({ files: realFiles, walDir, snapDir, trace })!;
/** The keys of the puts among `entries`. */
const keysIn = (entries: readonly Entry[]) =>
  entries.flatMap(({ data }) => /key\d+(?=\x12)/.exec(utf8Text(data))?.slice(0, 1) ?? []);

describe('the log of an etcd', () => {
  it('is recovered from its newest snapshot on', () => {
    const { restored, torn } = recover(join(fixture, 'snap'));
    expect(torn).toBe(false);
    expect(restored.memberId.toString(16)).toBe('bdae9bbc11dd390d');
    expect(restored.snapshot).toMatchObject({ index: 42, term: 2, confState: { voters: [restored.memberId] } });
    expect(restored.hardState).toMatchObject({ term: 2, vote: restored.memberId, commit: 54 });
    expect(keysIn(restored.entries)).toEqual(Array.from({ length: 12 }, (_, i) => `key${39 + i}`));
  });

  it('is recovered from its beginning without the snapshots', () => {
    const { restored } = recover(walDir); // no .snap there
    expect(restored.snapshot.index).toBe(0);
    expect(keysIn(restored.entries)).toEqual(Array.from({ length: 50 }, (_, i) => `key${1 + i}`));
    const [first, second] = restored.entries;
    expect(first).toMatchObject({ index: 1, term: 1, type: EntryType.confChange });
    expect(readConfChange(first!.data)).toMatchObject({ nodeId: restored.memberId });
    expect(second).toEqual({ index: 2, term: 2, type: EntryType.normal, data: new Uint8Array(0) });
  });

  it('is what we would have written, byte for byte', () => {
    const { theirs, ours, records } = rewritten(walDir);
    expect(records).toBeGreaterThan(40);
    expect(Buffer.from(ours).toString('hex')).toBe(Buffer.from(theirs).toString('hex'));
  });
});

describe('a .snap file', () => {
  const snapshot = { index: 2 ** 40, term: 7, confState: { voters: [1n, 2n ** 64n - 1n], learners: [3n] } };

  it('gives back what went in', () => {
    expect(decodeSnap(encodeSnap(snapshot))).toEqual(snapshot);
  });

  it('is refused with any byte changed or missing', () => {
    const bytes = encodeSnap(snapshot);
    for (let i = 0; i < bytes.length; i++) {
      expect(decodeSnap(bytes.subarray(0, i))).toBeNull();
      const changed = bytes.slice();
      changed[i]! ^= 0x41;
      expect(decodeSnap(changed), `byte ${i}`).toBeNull();
    }
  });
});
