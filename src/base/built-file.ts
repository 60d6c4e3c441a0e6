/** Finds compiled files: worker threads and child processes run from `dist`, wherever the caller itself was loaded from. */
import { existsSync } from 'node:fs';
import { Failure } from './failure.ts';

/** The URL of `path` (as in `bench/lane-thread.js`) under `dist`. Throws a Failure NOT_BUILT when it is not there. */
export function builtFile(path: string): URL {
  // Two folders below the root, as a chunk (dist/chunks), as a module (build/base) and as a source (src/base) alike.
  const url = new URL(`../../dist/${path}`, import.meta.url);
  if (!existsSync(url)) throw new Failure('NOT_BUILT', `${url.pathname} is missing`, { remedy: 'run npm run build' });
  return url;
}
