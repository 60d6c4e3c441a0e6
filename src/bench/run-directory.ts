/**
 * Where the files of a run go: `OUT/<workload>-<UTC time>/` with result.json, verdict.json, report.html and one log per
 * round. Made, and proven writable, before any load; a run that came to nothing leaves no empty folder.
 */
import { mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Failure, systemCodeOf } from '../base/failure.ts';
import { makeDirectories } from '../base/make-directories.ts';
import { systemReason } from '../base/system-reason.ts';
import { fileNameOf } from './targets/target.ts';

/** Runs of one workload that start within one second: more is a script gone wild. */
const sameSecondMax = 100;

/** Makes the run's folder. Throws a Failure OUT when something cannot be written there. */
export async function makeRunDirectory(out: string, workloadName: string, startedAt: Date): Promise<string> {
  try {
    makeDirectories(resolve(out));
    const directory = await makeUnique(join(out, `${fileNameOf(workloadName)}-${compactTime(startedAt)}`));
    await writeSynced(join(directory, '.probe'), '');
    await rm(join(directory, '.probe'));
    return directory;
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    throw new Failure('OUT', `cannot write results to ${out}: ${reasonOf(thrown)}`, {
      remedy: 'choose another folder with --out',
      cause: thrown,
    });
  }
}

/** Removes the folder when nothing is in it. */
export async function dropIfEmpty(directory: string): Promise<void> {
  try {
    if ((await readdir(directory)).length === 0) await rmdir(directory);
  } catch {
    // It is gone, or somebody put something there: both are fine.
  }
}

/**
 * The file is there in full or not at all: written beside its name, synced, renamed. Throws a Failure OUT, with nothing
 * left beside, when that cannot be done.
 */
export async function writeFileWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeSynced(temporary, text);
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new Failure('OUT', `cannot write ${path}: ${reasonOf(thrown)}`, {
      remedy: systemCodeOf(thrown) === 'ENOSPC' ? 'make room there' : 'it takes a folder that you may write to',
      cause: thrown,
    });
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o644);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function makeUnique(wanted: string): Promise<string> {
  for (let nth = 1; ; nth++) {
    const directory = nth === 1 ? wanted : `${wanted}-${nth}`;
    try {
      await mkdir(directory);
      return directory;
    } catch (thrown) {
      if (systemCodeOf(thrown) !== 'EEXIST' || nth === sameSecondMax) throw thrown;
    }
  }
}

/** ISO 8601's basic form: colons are not allowed in file names everywhere. */
function compactTime(time: Date): string {
  return time.toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
}

function reasonOf(thrown: unknown): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOTDIR: 'a part of the path is a file',
    EEXIST: 'a file has that name',
    ENOENT: 'no folder can be made there',
  };
  return reasons[systemCodeOf(thrown) ?? ''] ?? systemReason(thrown);
}
