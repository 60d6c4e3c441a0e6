/** `Files` for the start, which has nothing better to do than to wait. */
import type { Done, Files, OpenFile } from '../ports.ts';

/** Resolves when the operation calls back, rejects with its error. */
export function settled(operation: (done: Done) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    operation((error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

export function opened(files: Files, path: string, mode: 'create' | 'update'): Promise<OpenFile> {
  return new Promise((resolve, reject) => {
    files.open(path, mode, (error, file) => {
      if (file === null) reject(error ?? new Error(`${path} was not opened`));
      else resolve(file);
    });
  });
}
