/** A directory and all that are missing above it. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCodeOf } from './failure.ts';

/**
 * As node's own recursive mkdir, which never ends where a directory exists and takes no others, as /proc. `path` is absolute,
 * `mode` is that of each directory made. Throws node's error.
 */
export function makeDirectories(path: string, mode = 0o777): void {
  try {
    mkdirSync(path, { mode });
  } catch (thrown) {
    if (isDirectory(path)) return;
    if (systemCodeOf(thrown) !== 'ENOENT' || isDirectory(dirname(path))) throw thrown;
    makeDirectories(dirname(path), mode);
    makeDirectories(path, mode);
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
