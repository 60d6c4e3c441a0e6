/** Every byte of a log flipped, zeroed, or the file cut there: all that was acknowledged, or a refusal that says where. */
import { beforeAll, describe, expect, it } from 'vitest';
import { Failure } from '../../../src/base/failure.ts';
import { recoverLog, type FoundLog } from '../../../src/node/disk/wal-recovery.ts';
import { LogRun, directories } from './log-run.ts';
import { MemoryFiles } from './memory-files.ts';

const trace = { debug: () => {}, warn: () => {} };
const segmentBytes = 4096;

let run: LogRun;
let image: Map<string, Uint8Array>;
let whole: FoundLog;
let segments: string[];

beforeAll(async () => {
  run = new LogRun(new MemoryFiles(), 4);
  await run.live(38, segmentBytes, 20);
  image = run.files.image();
  whole = recover(image) as FoundLog;
  segments = [...image.keys()].filter((path) => path.endsWith('.wal')).sort();
});

function recover(damaged: ReadonlyMap<string, Uint8Array>): FoundLog | Failure | null {
  try {
    return recoverLog({ files: new MemoryFiles(damaged), ...directories, trace });
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

/** Null when that is a good answer for `path` damaged at `offset`. */
function verdict(found: FoundLog | Failure | null, mayBePrefix: boolean): string | null {
  if (found === null) return 'took it for a new log';
  if (found instanceof Failure)
    return found.code === 'WAL_DAMAGED' && /^\/d\/\S+: byte \d+: /.test(found.message) ? null : found.line;
  const { restored } = found;
  if (mayBePrefix) return run.problemOf(restored, run.marks[0]);
  const problem = run.problemOf(restored, { ...run.marks.at(-1)!, snapshotIndex: 0 });
  return restored.hardState.commit === whole.restored.hardState.commit ? problem : 'the commit index changed';
}

interface Tally {
  recovered: number;
  refused: number;
}

function tryEvery(
  damage: (bytes: Uint8Array, offset: number) => Uint8Array,
  mayBePrefix: (path: string) => boolean,
): Tally {
  const tally = { recovered: 0, refused: 0 };
  for (const [path, bytes] of image) {
    for (let offset = 0; offset < bytes.length; offset++) {
      const found = recover(new Map(image).set(path, damage(bytes, offset)));
      const problem = verdict(found, mayBePrefix(path));
      if (problem !== null) throw new Error(`${path} damaged at ${offset} of ${bytes.length}: ${problem}`);
      if (found instanceof Failure) tally.refused++;
      else tally.recovered++;
    }
  }
  return tally;
}

const changed = (change: (byte: number) => number) => (bytes: Uint8Array, offset: number) => {
  const copy = bytes.slice();
  copy[offset] = change(copy[offset]!);
  return copy;
};

describe('a log of at least three segments with a snapshot', () => {
  it('is one', () => {
    expect(segments.length).toBeGreaterThanOrEqual(3);
    expect(whole.restored.snapshot.index).toBeGreaterThan(0);
    expect(run.problemOf(whole.restored)).toBeNull();
  });

  it.each([
    { what: 'flipped', change: (byte: number) => byte ^ 0xff },
    { what: 'with one bit flipped', change: (byte: number) => byte ^ (1 << (byte % 8)) },
    { what: 'with its lowest bit flipped', change: (byte: number) => byte ^ 1 },
    { what: 'zeroed', change: () => 0 },
  ])('every byte $what', ({ change }) => {
    const { refused, recovered } = tryEvery(changed(change), () => false);
    expect(refused).toBeGreaterThan(5_000);
    expect(recovered).toBeGreaterThan(100); // padding, zeros, a .snap file that an older one stands in for
  });

  it('cut at every byte', () => {
    // Where the newest segment ends is where a crash may have ended it: what lies before is all that there is.
    tryEvery(
      (bytes, offset) => bytes.subarray(0, offset),
      (path) => path === segments.at(-1),
    );
  });

  it.each([0, 1, 2])('without segment %i of it', (which) => {
    const damaged = new Map(image);
    damaged.delete(segments[which]!);
    expect(verdict(recover(damaged), which === segments.length - 1)).toBeNull();
  });

  it('with a segment in the place of another', () => {
    const damaged = new Map(image);
    damaged.set(segments[1]!, damaged.get(segments[2]!)!);
    expect(recover(damaged)).toBeInstanceOf(Failure);
  });
});
