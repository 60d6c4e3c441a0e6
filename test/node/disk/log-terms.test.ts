/** Terms in a log: they never fall from one entry to the next, whatever later leaders replaced. */
import { describe, expect, it } from 'vitest';
import { encodeSnap } from '../../../src/node/disk/snap-file.ts';
import { Batch, WalEncoder } from '../../../src/node/disk/wal-encoder.ts';
import { segmentFileName, snapFileName } from '../../../src/node/disk/wal-names.ts';
import { recoverLog } from '../../../src/node/disk/wal-recovery.ts';
import { memberId, directories } from './log-run.ts';
import { MemoryFiles } from './memory-files.ts';

type Step = readonly [kind: 'entry' | 'snapshot', index: number, term: number];

const trace = { debug: () => {}, warn: () => {} };
const path = `${directories.walDir}/${segmentFileName({ sequence: 0, firstIndex: 0 })}`;
const start = {
  metadata: { memberId, clusterId: 5n },
  hardState: { term: 0, vote: 0n, commit: 0 },
  crc: 0,
  position: 0,
  lastIndex: 0,
};

interface Written {
  readonly image: Map<string, Uint8Array>;
  /** Where the last record begins. */
  readonly lastAt: number;
}

function written(steps: readonly Step[]): Written {
  const batch = new Batch();
  const encoder = new WalEncoder(batch, 2 ** 20, start);
  const image = new Map<string, Uint8Array>();
  encoder.begin();
  let lastAt = 0;
  for (const [kind, index, term] of steps) {
    const snapshot = { index, term, confState: { voters: [memberId], learners: [] } };
    lastAt = batch.length;
    if (kind === 'entry') encoder.entry({ index, term, type: 0, data: new Uint8Array(20) });
    else {
      encoder.snapshot(snapshot);
      image.set(`${directories.snapDir}/${snapFileName(snapshot)}`, encodeSnap(snapshot));
    }
  }
  image.set(path, batch.bytes.slice(0, batch.length));
  return { image, lastAt };
}

/** The terms that a start finds, by index. */
function recovered({ image }: Written): Record<number, number> {
  const { restored } = recoverLog({ files: new MemoryFiles(image), ...directories, trace })!;
  return Object.fromEntries(restored.entries.map(({ index, term }) => [index, term]));
}

const entry = (index: number, term: number): Step => ['entry', index, term];
const snapshot = (index: number, term: number): Step => ['snapshot', index, term];

describe('terms', () => {
  it.each([
    { what: 'rise', steps: [entry(1, 1), entry(2, 1), entry(3, 4)], terms: { 1: 1, 2: 1, 3: 4 } },
    {
      what: 'of what a later leader replaced do not count',
      steps: [entry(1, 1), entry(2, 2), entry(3, 2), entry(2, 4), entry(3, 4)],
      terms: { 1: 1, 2: 4, 3: 4 },
    },
    {
      // It was led in term 3 when it had entry 2 alone; the leader of term 4 has that of term 2.
      what: 'may fall at the index that is replaced',
      steps: [entry(1, 1), entry(2, 3), entry(2, 2), entry(3, 4)],
      terms: { 1: 1, 2: 2, 3: 4 },
    },
    {
      what: 'rise behind a snapshot',
      steps: [entry(1, 1), entry(2, 2), entry(3, 2), snapshot(2, 2), entry(4, 5)],
      terms: { 3: 2, 4: 5 },
    },
    {
      what: 'of what the snapshot of a later leader replaced do not count',
      steps: [entry(1, 1), entry(2, 2), entry(3, 2), snapshot(2, 3)],
      terms: {},
    },
    {
      what: 'go on behind the snapshot of a later leader',
      steps: [entry(1, 1), entry(2, 2), entry(3, 2), snapshot(2, 3), entry(3, 3)],
      terms: { 3: 3 },
    },
  ])('$what', ({ steps, terms }) => {
    expect(recovered(written(steps))).toEqual(terms);
  });

  it.each([
    { what: 'fall', steps: [entry(1, 1), entry(2, 3), entry(3, 2)], text: 'entry 3 of term 2 follows one of term 3' },
    {
      what: 'fall behind a replaced entry',
      steps: [entry(1, 1), entry(2, 3), entry(3, 3), entry(3, 2)],
      text: 'entry 3 of term 2 follows one of term 3',
    },
    {
      what: 'fall behind a snapshot',
      steps: [entry(1, 3), snapshot(1, 3), entry(2, 2)],
      text: 'entry 2 of term 2 follows one of term 3',
    },
  ])('that $what are damage', ({ steps, text }) => {
    const log = written(steps);
    expect(() => recovered(log)).toThrow(`${path}: byte ${log.lastAt}: ${text}`);
  });
});
