/** Namespaces as containers have them, for tests that need a second one. */
import { execFileSync } from 'node:child_process';

/** What runs a command in namespaces of its own: with one of users, so that it works for everybody where it is allowed. */
export function unshare(...flags: readonly string[]): readonly string[] {
  return ['unshare', '--map-root-user', ...flags];
}

/** Whether the system allows it: a container, or a kernel setting, may not. */
export function works([program, ...words]: readonly string[]): boolean {
  try {
    execFileSync(program!, [...words, 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
