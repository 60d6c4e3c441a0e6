/**
 * The directory of a member, as etcd lays it out: made for its owner alone, locked while in use, and stamped with who
 * wrote it, because the backend's file is ours alone whatever etcd calls its own. Each of the three directories has a lock
 * of its own: --wal-dir or a link can make one of them part of another data directory too.
 *
 *   member/wal/*.wal   member/snap/db   member/snap/*.snap   member/format   lock in all of them
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ExitCode, Failure, messageOf, systemCodeOf } from '../../base/failure.ts';
import { identityOf, lockDirectory, type DirectoryLock } from './directory-lock.ts';

/** What `member/format` says. The number changes with the backend's layout; the log's format is etcd's. */
const stamp = 'quorumbench 1\n';
const stampName = 'format';

export interface DataDir {
  readonly walDir: string;
  readonly snapDir: string;
  /** The backend's file. */
  readonly backendPath: string;
  /** Gives the locks back. */
  release(): Promise<void>;
}

/**
 * Makes what is missing, locks it and checks whose it is. `walDir` null: below `dataDir`. Throws `Failure`:
 * DATA_DIR_UNUSABLE, DATA_DIR_FOREIGN or DIRECTORY_LOCKED.
 */
export async function openDataDir(dataDir: string, walDir: string | null): Promise<DataDir> {
  const member = resolve(dataDir, 'member');
  const paths = { walDir: resolve(walDir ?? join(member, 'wal')), snapDir: join(member, 'snap') };
  const locks: DirectoryLock[] = [];
  const releaseAll = async (): Promise<void> => {
    for (const lock of locks.splice(0)) await lock.release();
  };
  try {
    for (const path of [member, paths.walDir, paths.snapDir]) mkdirSync(path, { recursive: true, mode: 0o700 });
    for (const path of distinct([member, paths.walDir, paths.snapDir])) locks.push(await lockDirectory(path));
    checkStamp(member, paths.walDir, paths.snapDir);
    for (const path of [member, dirname(member), dirname(paths.walDir)]) syncDirectory(path);
    return { ...paths, backendPath: join(paths.snapDir, 'db'), release: releaseAll };
  } catch (error) {
    await releaseAll();
    throw unusable(dataDir, error);
  }
}

/** A link, or a `walDir` among the others, names a directory twice. */
function distinct(directories: readonly string[]): string[] {
  const identities = directories.map(identityOf);
  return directories.filter((_, i) => identities.indexOf(identities[i]!) === i);
}

function checkStamp(member: string, walDir: string, snapDir: string): void {
  const found = stampIn(member);
  if (found === stamp) return;
  const remedy = 'choose another --data-dir, or start the program that wrote it';
  const details = { remedy, exitCode: ExitCode.fail };
  if (found !== null) {
    const message = `${member} was written by another version (format "${found.trim().slice(0, 40)}"; this one knows "${stamp.trim()}")`;
    throw new Failure('DATA_DIR_FOREIGN', message, details);
  }
  if (readdirSync(snapDir).includes('db')) {
    throw new Failure('DATA_DIR_FOREIGN', `${member} was written by etcd, whose backend is another format`, details);
  }
  if (readdirSync(walDir).some((name) => name.endsWith('.wal'))) {
    throw new Failure('DATA_DIR_FOREIGN', `${walDir} holds a log, but nothing in ${member} belongs to it`, {
      ...details,
      remedy: 'give the --data-dir that it was written with, or another --wal-dir',
    });
  }
  writeStamp(member);
}

function stampIn(member: string): string | null {
  try {
    return readFileSync(join(member, stampName), 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function writeStamp(member: string): void {
  const path = join(member, stampName);
  writeFileSync(`${path}.tmp`, stamp, { mode: 0o600, flush: true });
  renameSync(`${path}.tmp`, path);
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function unusable(dataDir: string, error: unknown): unknown {
  const code = systemCodeOf(error);
  if (!(error instanceof Error) || error instanceof Failure || code === null) return error;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : dataDir;
  const reasons: Readonly<Record<string, string>> = {
    ENOTDIR: 'it lies below a file',
    EEXIST: 'it is not a directory',
    ENOENT: 'it is a link to a directory that is not there',
    EACCES: 'it is not writable by this user',
    EPERM: 'it is not writable by this user',
    EROFS: 'its file system is read-only',
    ENOSPC: 'its disk is full',
  };
  return new Failure('DATA_DIR_UNUSABLE', `cannot use ${path}: ${reasons[code] ?? messageOf(error)}`, {
    exitCode: ExitCode.fail,
    remedy: 'choose another --data-dir',
    cause: error,
  });
}
