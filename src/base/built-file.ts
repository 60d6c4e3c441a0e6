/** Finds compiled files: worker threads and child processes run from `dist`, wherever the caller itself was loaded from. */
import { existsSync } from 'node:fs';
import { Failure } from './failure.ts';

/** The URL of `path` (as in `bench/lane-thread.js`) under `dist`. Throws a Failure NOT_BUILT when it is not there. */
export function builtFile(path: string): URL {
  // This file is <root>/dist/base/built-file.js, or <root>/src/base/built-file.ts when a test runs the sources.
  const url = new URL(`../../dist/${path}`, import.meta.url);
  if (!existsSync(url)) throw new Failure('NOT_BUILT', `${url.pathname} is missing`, { remedy: 'run npm run build' });
  return url;
}
