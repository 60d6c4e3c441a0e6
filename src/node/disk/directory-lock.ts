/**
 * One process per directory. Node has no flock; on Linux two listening sockets do what a lock must, because the kernel
 * lets go of them however the process ends:
 *
 *   an abstract one, named after the directory's device and inode: the second listener fails at once, but abstract names
 *   are per network namespace
 *   one in the directory (directory-claim.ts), for the other namespaces: containers that share a volume
 *
 * A file with the pid serves the message only. Elsewhere it is the lock: held while a process of that number lives. That
 * errs towards refusing.
 */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, Failure, systemCodeOf } from '../../base/failure.ts';
import { claimDirectory, type Claim } from './directory-claim.ts';
import { listenOn, stopListening } from './lock-socket.ts';

export interface DirectoryLock {
  /** Resolves once another process may take it. */
  release(): Promise<void>;
}

const pidFileName = 'lock';

/** Throws `Failure` DIRECTORY_LOCKED, or node's errors when the directory cannot be used. */
export async function lockDirectory(
  directory: string,
  platform: NodeJS.Platform = process.platform,
): Promise<DirectoryLock> {
  const pidFile = join(directory, pidFileName);
  if (platform !== 'linux' && isHeld(pidFile)) throw locked(directory, holderIn(pidFile));
  const sockets = platform === 'linux' ? await listenAlone(directory, pidFile) : [];
  const release = async (): Promise<void> => {
    rmSync(pidFile, { force: true });
    for (const socket of sockets) await socket.release();
  };
  try {
    writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  } catch (error) {
    await release();
    throw error;
  }
  return { release };
}

/** The same for every path that leads to the directory. */
export function identityOf(directory: string): string {
  const { dev, ino } = statSync(directory, { bigint: true });
  return `${dev}-${ino}`;
}

/** Throws when a process of this network namespace has it, or of another one. */
async function listenAlone(directory: string, pidFile: string): Promise<Claim[]> {
  const server = await listenOn(`\0quorumbench-${identityOf(directory)}`);
  if (server === null) throw locked(directory, holderIn(pidFile));
  const listener = { release: () => stopListening(server) };
  try {
    const claim = await claimDirectory(directory);
    if (claim === null) throw locked(directory, 'a process in another container (another network namespace)');
    return [claim, listener];
  } catch (error) {
    await listener.release();
    throw error;
  }
}

function isHeld(pidFile: string): boolean {
  const pid = pidIn(pidFile);
  if (pid === null || pid === process.pid) return pid !== null;
  try {
    process.kill(pid, 0); // asks whether it is there
    return true;
  } catch (error) {
    return systemCodeOf(error) !== 'ESRCH';
  }
}

function pidIn(pidFile: string): number | null {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8'));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

function holderIn(pidFile: string): string {
  const pid = pidIn(pidFile);
  return pid === null ? 'another process' : `process ${pid}`;
}

function locked(directory: string, holder: string): Failure {
  return new Failure('DIRECTORY_LOCKED', `${directory} is in use by ${holder}`, {
    exitCode: ExitCode.fail,
    remedy: 'stop it, or choose another directory',
  });
}
