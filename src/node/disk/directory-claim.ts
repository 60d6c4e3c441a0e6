/**
 * A claim to a directory that every network namespace sees: a listening socket in it, which the kernel finds by its inode,
 * as etcd's flock.
 *
 * A claim listens before it has its name, has its name before it looks for others, and its name is never used again. So
 * of two at least the later sees the other (both, if they come at once: then both are refused), and what does not answer
 * is dead and can go.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { systemCodeOf } from '../../base/failure.ts';
import { isAnswering, listenOn, stopListening } from './lock-socket.ts';

export interface Claim {
  /** Resolves once another process may have it. */
  release(): Promise<void>;
}

const claimName = /^lock-[0-9a-f]{16}$/;
/** A file system without sockets, or a system without /proc, for which libuv says EACCES. */
const unsupportedCodes = new Set(['EPERM', 'ENOTSUP', 'ENOSYS', 'EINVAL', 'EACCES']);

/** Null: another process has it. Where no socket can be made the claim is empty. Linux only. */
export async function claimDirectory(directory: string): Promise<Claim | null> {
  const descriptor = openSync(directory, 'r');
  try {
    // The path of a socket has 108 bytes at most, that of a directory any number.
    return await claimWithin(`/proc/self/fd/${descriptor}`, directory);
  } finally {
    closeSync(descriptor);
  }
}

async function claimWithin(shortPath: string, directory: string): Promise<Claim | null> {
  const name = `lock-${randomBytes(8).toString('hex')}`;
  const server = await listenAt(join(shortPath, `${name}.new`));
  if (server === null) return { release: () => Promise.resolve() };
  const release = (): Promise<void> => {
    rmSync(join(directory, name), { force: true });
    return stopListening(server);
  };
  let isAlone = false;
  try {
    renameSync(join(directory, `${name}.new`), join(directory, name));
    isAlone = await removeDead(shortPath, name);
  } finally {
    if (!isAlone) await release();
  }
  return isAlone ? { release } : null;
}

async function listenAt(path: string): Promise<Server | null> {
  try {
    return await listenOn(path);
  } catch (error) {
    if (unsupportedCodes.has(systemCodeOf(error) ?? '')) return null;
    throw error;
  }
}

/** False: one of the other claims is alive. */
async function removeDead(directory: string, ownName: string): Promise<boolean> {
  for (const name of readdirSync(directory)) {
    if (name === ownName || !claimName.test(name)) continue;
    if (await isAnswering(join(directory, name))) return false;
    rmSync(join(directory, name), { force: true });
  }
  return true;
}
