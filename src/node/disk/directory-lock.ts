/**
 * One process per directory. Node has no flock; on Linux a listening socket with an abstract name, made of the directory's
 * device and inode, does what a lock must: the second listener fails at once, and the kernel lets go of it however the
 * process ends. A file with the pid serves the message only. Abstract names are per network namespace, so two containers
 * that share a volume do not see each other's lock.
 *
 * Elsewhere the pid file is the lock: held while a process of that number lives. That errs towards refusing.
 */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { ExitCode, Failure, systemCodeOf } from '../../base/failure.ts';

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
  const server = platform === 'linux' ? await listenOn(`\0quorumbench-${identityOf(directory)}`) : null;
  if (platform === 'linux' ? server === null : isHeld(pidFile)) throw locked(directory, pidFile);
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  return { release: () => release(pidFile, server) };
}

/** The same for every path that leads to the directory. */
export function identityOf(directory: string): string {
  const { dev, ino } = statSync(directory, { bigint: true });
  return `${dev}-${ino}`;
}

/** Null: somebody listens there. */
function listenOn(name: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error) => {
      if (systemCodeOf(error) === 'EADDRINUSE') resolve(null);
      else reject(error);
    });
    server.listen(name, () => {
      server.unref(); // a lock keeps no process alive
      resolve(server);
    });
  });
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

function locked(directory: string, pidFile: string): Failure {
  const pid = pidIn(pidFile);
  const holder = pid === null ? 'another process' : `process ${pid}`;
  return new Failure('DIRECTORY_LOCKED', `${directory} is in use by ${holder}`, {
    exitCode: ExitCode.fail,
    remedy: 'stop it, or choose another directory',
  });
}

async function release(pidFile: string, server: Server | null): Promise<void> {
  rmSync(pidFile, { force: true });
  if (server !== null) await new Promise<void>((resolve) => server.close(() => resolve()));
}
