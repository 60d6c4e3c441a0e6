/**
 * What a snapshot makes superfluous: segments of the log that hold nothing any more, and older .snap files. As etcd does,
 * a number of both is kept for people to look at (--max-wals, --max-snapshots), and nothing that a start needs is touched.
 */
import { join } from 'node:path';
import { systemCodeOf } from '../../base/failure.ts';
import type { Done, Files } from '../ports.ts';
import type { SegmentName } from './wal-names.ts';

/**
 * How many of `segments` may go: those before the one that begins at or below the entry after `keepAfter`, as long as
 * more than `countKept` are left.
 */
export function superfluousSegments(segments: readonly SegmentName[], keepAfter: number, countKept: number): number {
  let count = 0;
  while (segments.length - count > countKept && segments[count + 1]!.firstIndex <= keepAfter + 1) count++;
  return count;
}

/** Removes the files, one after the other, oldest first; stops at the first error. One that is gone already is none. */
export function removeAll(files: Files, directory: string, names: readonly string[], done: Done, from = 0): void {
  const name = names[from];
  if (name === undefined) return done(null);
  files.remove(join(directory, name), (error) => {
    if (error === null || systemCodeOf(error) === 'ENOENT') removeAll(files, directory, names, done, from + 1);
    else done(error);
  });
}
