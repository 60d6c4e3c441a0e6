/** Finding a program the way a shell does. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';

/** The full path of `name` (looked up in PATH unless it has a slash), or null when it is not there or not executable. */
export async function findProgram(name: string): Promise<string | null> {
  const folders = name.includes('/')
    ? ['']
    : (process.env['PATH'] ?? '').split(delimiter).filter((part) => part !== '');
  for (const folder of folders) {
    const path = folder === '' ? resolve(name) : join(folder, name);
    if (await isExecutable(path)) return path;
  }
  return null;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
