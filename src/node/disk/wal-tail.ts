/**
 * Opens the newest segment for what comes next: a torn end is cut off, after a copy of the file was put aside; what was
 * read is synced, as a killed process leaves records that no disk has yet; behind the end there are zeros to the full size.
 */
import { basename } from 'node:path';
import type { Files, OpenFile } from '../ports.ts';
import { opened, settled } from './file-steps.ts';
import type { FoundLog, RecoveryOptions } from './wal-recovery.ts';

const copyBytes = 1024 * 1024;

export async function openTail(options: RecoveryOptions, found: FoundLog, segmentBytes: number): Promise<OpenFile> {
  const { files, walDir, trace } = options;
  const { tailPath, tailBytes, torn } = found;
  const { position } = found.end;
  if (torn) {
    await copyAside(files, tailPath, tailBytes);
    trace.warn('cut a torn record off the log', { file: basename(tailPath), byte: position, was: tailBytes });
  }
  const file = await opened(files, tailPath, 'update');
  if (torn)
    await settled((done) => {
      file.truncate(position, done);
    });
  if (torn || tailBytes < segmentBytes) {
    await settled((done) => {
      file.truncate(Math.max(segmentBytes, position), done);
    });
  }
  await settled((done) => {
    file.sync(done);
  });
  await settled((done) => {
    files.syncDirectory(walDir, done);
  });
  return file;
}

/** `N.wal.broken`, as etcd names it; the newest such copy is kept. */
async function copyAside(files: Files, path: string, sizeBytes: number): Promise<void> {
  const copy = `${path}.broken`;
  if (files.sizeOf(copy) !== null)
    await settled((done) => {
      files.remove(copy, done);
    });
  const file = await opened(files, copy, 'create');
  const piece = new Uint8Array(Math.min(copyBytes, sizeBytes));
  for (let at = 0; at < sizeBytes; at += piece.length) {
    const count = files.read(path, at, piece);
    await settled((done) => {
      file.write(piece.subarray(0, count), at, done);
    });
  }
  await settled((done) => {
    file.sync(done);
  });
  await settled((done) => {
    file.close(done);
  });
}
