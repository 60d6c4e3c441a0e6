/** The port over node:fs, on a real directory. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { opened, settled } from '../../../src/node/disk/file-steps.ts';
import { inlineWriteBytesMax, realFiles } from '../../../src/node/disk/real-files.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'files-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const path = (name: string) => join(directory, name);

describe('an open file', () => {
  it.each([1, inlineWriteBytesMax, inlineWriteBytesMax + 1, 3_000_000])(
    'writes %i bytes, in a later turn',
    async (size) => {
      const bytes = new Uint8Array(size).map((_, i) => i * 7);
      const file = await opened(realFiles, path('a'), 'create');
      let hasReturned = false;
      await settled((done) => {
        file.write(bytes, 5, (error) => {
          expect(hasReturned).toBe(true);
          done(error);
        });
        hasReturned = true;
      });
      await settled((done) => file.sync(done));
      await settled((done) => file.close(done));
      expect(Buffer.compare(readFileSync(path('a')).subarray(5), bytes)).toBe(0);
      expect(statSync(path('a')).mode & 0o777).toBe(0o600);
    },
  );

  it('gives an error of the system back, from either way of writing', async () => {
    writeFileSync(path('b'), '');
    const file = await opened(realFiles, path('b'), 'update');
    await settled((done) => file.close(done));
    for (const size of [10, inlineWriteBytesMax + 1]) {
      const writing = settled((done) => file.write(new Uint8Array(size), 0, done));
      await expect(writing).rejects.toMatchObject({ code: 'EBADF' });
    }
  });

  it('says how long the disk took for a sync, not how long a busy event loop did', async () => {
    const file = await opened(realFiles, path('t'), 'create');
    await settled((done) => file.write(new Uint8Array(1_000), 0, done));
    const took = new Promise<number>((resolve, reject) => {
      file.sync((error, seconds) => (error === null ? resolve(seconds) : reject(error)));
    });
    const busyMs = 2_000;
    const startMs = performance.now();
    while (performance.now() - startMs < busyMs);
    const seconds = await took;
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(busyMs / 1e3);
    await settled((done) => file.close(done));
  });

  it('syncs several at once, and goes on after one that failed', async () => {
    const files = await Promise.all(['k', 'l', 'm'].map((name) => opened(realFiles, path(name), 'create')));
    await settled((done) => files[1]!.close(done));
    const syncs = files.map((file) => settled((done) => file.sync(done)));
    await expect(syncs[1]).rejects.toMatchObject({ code: 'EBADF', message: 'EBADF: bad file descriptor, fdatasync' });
    await Promise.all([syncs[0], syncs[2]]);
    await Promise.all([files[0]!, files[2]!].map((file) => settled((done) => file.close(done))));
  });

  it('shrinks and grows with zeros', async () => {
    writeFileSync(path('c'), 'abcdef');
    const file = await opened(realFiles, path('c'), 'update');
    await settled((done) => file.truncate(2, done));
    await settled((done) => file.truncate(4, done));
    await settled((done) => file.close(done));
    expect(readFileSync(path('c'), 'latin1')).toBe('ab\0\0');
  });
});

describe('files', () => {
  it.each([
    { what: 'creating what exists', code: 'EEXIST', step: () => opened(realFiles, path('there'), 'create') },
    { what: 'opening what does not', code: 'ENOENT', step: () => opened(realFiles, path('no'), 'update') },
    {
      what: 'removing what does not',
      code: 'ENOENT',
      step: () => settled((done) => realFiles.remove(path('no'), done)),
    },
    {
      what: 'syncing no directory',
      code: 'ENOENT',
      step: () => settled((done) => realFiles.syncDirectory(path('no'), done)),
    },
  ])('$what is $code', async ({ code, step }) => {
    writeFileSync(path('there'), '');
    await expect(step()).rejects.toMatchObject({ code });
  });

  it('are listed, renamed, measured and read', async () => {
    realFiles.makeDirectory(path('d'));
    writeFileSync(path('d/x'), 'hello');
    await settled((done) => realFiles.rename(path('d/x'), path('d/y'), done));
    await settled((done) => realFiles.syncDirectory(path('d'), done));
    expect(realFiles.list(path('d'))).toEqual(['y']);
    expect([realFiles.sizeOf(path('d/y')), realFiles.sizeOf(path('d/x'))]).toEqual([5, null]);
    const into = new Uint8Array(8);
    expect(realFiles.read(path('d/y'), 1, into)).toBe(4);
    expect(Buffer.from(into.subarray(0, 4)).toString()).toBe('ello');
    expect(statSync(path('d')).mode & 0o777).toBe(0o700);
  });
});
