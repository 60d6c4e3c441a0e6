/** Records into batches: sizes, cuts, and which commit index may be written. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Batch, WalEncoder } from '../../../src/node/disk/wal-encoder.ts';
import { SegmentReader } from '../../../src/node/disk/segment-reader.ts';
import { readWalSnapshot, RecordType } from '../../../src/node/disk/wal-record.ts';
import { readEntry, readHardState } from '../../../src/node/raft/codec.ts';
import type { Entry, HardState, SnapshotMetadata } from '../../../src/node/raft/entry.ts';
import { MemoryFiles } from './memory-files.ts';

const metadata = { memberId: 2n ** 64n - 1n, clusterId: 3n };
const start = { metadata, hardState: { term: 0, vote: 0n, commit: 0 }, crc: 0, position: 0, lastIndex: 0 };

function encoderOf(batch: Batch, segmentBytes = 2 ** 20): WalEncoder {
  const encoder = new WalEncoder(batch, segmentBytes, start);
  encoder.begin();
  return encoder;
}

/** What a reader makes of the batch, by its parts. */
function decoded(batch: Batch): (Entry | HardState | SnapshotMetadata | null)[] {
  const path = '/a';
  const reader = new SegmentReader(new MemoryFiles(new Map([[path, batch.bytes.slice(0, batch.length)]])), path);
  const found = [];
  for (let running = 0; reader.next(running) === 'record'; running = reader.record.crc) {
    const { type, dataFrom, dataTo } = reader.record;
    if (type === RecordType.entry) found.push(readEntry(reader.bytes, dataFrom, dataTo));
    if (type === RecordType.state) found.push(readHardState(reader.bytes, dataFrom, dataTo));
    if (type === RecordType.snapshot) found.push(readWalSnapshot(reader.bytes, dataFrom, dataTo));
  }
  expect(reader.offset).toBe(batch.length);
  return found;
}

const entry = (index: number, length = 0, term = 1): Entry => ({
  index,
  term,
  type: 0,
  data: new Uint8Array(length).fill(1),
});
const commits = (batch: Batch) =>
  decoded(batch).flatMap((found) => (found !== null && 'commit' in found ? found.commit : []));

describe('the encoder', () => {
  it('gives back whatever went in, of any size', () => {
    const data = fc.uint8Array({ maxLength: 600 });
    const term = fc.integer({ min: 1, max: 2 ** 53 - 1 });
    fc.assert(
      fc.property(fc.array(fc.record({ term, data, type: fc.constantFrom(0, 1, 2) }), { maxLength: 20 }), (some) => {
        const batch = new Batch();
        const encoder = encoderOf(batch);
        const entries = some.map((one, i) => ({ ...one, index: i + 1 }));
        for (const one of entries) encoder.entry(one);
        expect(decoded(batch).slice(1)).toEqual(entries);
      }),
    );
  });

  it('grows its batch and lets a large one go', () => {
    const batch = new Batch();
    const encoder = encoderOf(batch, 2 ** 40);
    for (let i = 1; i <= 10; i++) encoder.entry(entry(i, 2 ** 20));
    expect(decoded(batch)).toHaveLength(11);
    batch.clear();
    expect([batch.length, batch.bytes.length]).toEqual([0, 256 * 1024]);
  });

  it('cuts before the first record beyond a full segment', () => {
    const batch = new Batch();
    const encoder = encoderOf(batch, 1000);
    for (let i = 1; i <= 8; i++) encoder.entry(entry(i, 400));
    expect(batch.cuts.map(({ firstIndex }) => firstIndex)).toEqual([0, 4, 7]);
    for (const [i, { at }] of batch.cuts.slice(1).entries())
      expect(at - batch.cuts[i]!.at).toBeGreaterThanOrEqual(1000);
  });

  it.each([
    { what: 'not yet launched', steps: (encoder: WalEncoder) => void encoder, commit: 0 },
    { what: 'in flight', steps: (encoder: WalEncoder) => encoder.launched(), commit: 0 },
    { what: 'on the disk', steps: (encoder: WalEncoder) => (encoder.launched(), encoder.persisted()), commit: 5 },
    {
      what: 'replaced since it was there',
      steps: (encoder: WalEncoder) => (encoder.launched(), encoder.persisted(), encoder.entry(entry(4, 0, 2))),
      commit: 3,
    },
    {
      what: 'replaced in flight',
      steps: (encoder: WalEncoder) => (encoder.launched(), encoder.entry(entry(4, 0, 2)), encoder.persisted()),
      commit: 3,
    },
  ])('writes a commit index no further than $commit of 5 entries that are $what', ({ steps, commit }) => {
    const batch = new Batch();
    const encoder = encoderOf(batch);
    for (let i = 1; i <= 5; i++) encoder.entry(entry(i));
    steps(encoder);
    encoder.state({ term: 2, vote: 1n, commit: 5 });
    expect(commits(batch)).toEqual([commit]);
  });

  it('does not take an entry beyond the end', () => {
    expect(() => encoderOf(new Batch()).entry(entry(2))).toThrow('the log is contiguous');
  });
});
