/**
 * --data-dir before anything is opened in it: etcd's look at what lies there, and whether one can write there, with its
 * complaints.
 */
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { systemCodeOf } from '../base/failure.ts';
import { makeDirectories } from '../base/make-directories.ts';
import type { NodeConfig, NodeLog } from './config.ts';
import { goSystemText } from './config/go-system-text.ts';
import { StartFailure } from './config/start-failure.ts';

/** True when a member has its log there. Changes nothing. Throws a StartFailure when no member can live there. */
export function hasMember(config: NodeConfig, log: NodeLog): boolean {
  const names = namesIn(config.dataDir, config.dataDir);
  for (const name of names.filter((each) => each !== 'member' && each !== 'proxy')) {
    log.warn('found invalid file under data directory', { filename: name, 'data-dir': config.dataDir });
  }
  if (names.includes('proxy')) {
    const message = names.includes('member')
      ? 'invalid datadir; both member and proxy directories exist'
      : 'v2 http proxy has already been deprecated in 3.6';
    throw new StartFailure('fatal', message, { 'data-dir': config.dataDir });
  }
  const wal = config.walDir ?? join(config.dataDir, 'member', 'wal');
  return namesIn(wal, config.dataDir).some((name) => name.endsWith('.wal'));
}

/** None when the directory is not there yet. */
function namesIn(directory: string, dataDir: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ENOENT') return [];
    const step = isThere(directory) ? 'readdirent' : 'open';
    const error = `${step} ${directory}: ${goSystemText(thrown)}`;
    throw new StartFailure('fatal', 'failed to list data directory', { dir: dataDir, error });
  }
}

function isThere(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Makes the directory, for its owner alone, and writes a file there that goes away again. Throws a StartFailure. */
export function makeWritable(directory: string): void {
  const probe = join(directory, '.touch');
  try {
    makeDirectories(resolve(directory), 0o700);
    writeFileSync(probe, '', { mode: 0o600 });
    rmSync(probe);
  } catch (thrown) {
    const path = systemPathOf(thrown) ?? directory;
    const step = path === probe ? 'open' : 'mkdir';
    throw new StartFailure('start', `cannot access data directory: ${step} ${path}: ${goSystemText(thrown)}`);
  }
}

function systemPathOf(thrown: unknown): string | null {
  return thrown instanceof Error && 'path' in thrown && typeof thrown.path === 'string' ? thrown.path : null;
}
