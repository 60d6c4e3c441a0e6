/** The socket in a directory that tells other network namespaces of its holder. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimDirectory } from '../../../src/node/disk/directory-claim.ts';

const builtFile = join(import.meta.dirname, '../../../build/node/disk/directory-claim.js');
const holder = `
  import { claimDirectory } from '${builtFile}';
  await claimDirectory(process.argv[1]);
  console.log('held');
  setInterval(() => {}, 1000);`;

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'claim-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe.skipIf(process.platform !== 'linux')('a claim', () => {
  it('is held by one at a time, and leaves nothing behind', async () => {
    const claim = await claimDirectory(directory);
    expect(await claimDirectory(directory)).toBeNull();
    expect(readdirSync(directory)).toHaveLength(1);
    await claim!.release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is held by one at most of those who come at once', async () => {
    for (let round = 0; round < 20; round++) {
      const claims = await Promise.all(Array.from({ length: 4 }, () => claimDirectory(directory)));
      const held = claims.filter((claim) => claim !== null);
      expect(held.length).toBeLessThanOrEqual(1);
      expect(readdirSync(directory)).toHaveLength(held.length);
      await held[0]?.release();
    }
  });

  it('is alive in a process that stands still, and dead with it', async () => {
    if (!existsSync(builtFile)) execFileSync('npm', ['run', '-s', 'build:modules']);
    const child = spawn(process.execPath, ['--input-type=module', '-e', holder, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGSTOP');
    expect(await claimDirectory(directory)).toBeNull();
    child.kill('SIGKILL');
    await ended;
    expect(readdirSync(directory)).toHaveLength(1);
    await (await claimDirectory(directory))!.release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('fits a path of any length', async () => {
    const deep = join(directory, 'd'.repeat(200), 'e'.repeat(200));
    mkdirSync(deep, { recursive: true });
    const claim = await claimDirectory(deep);
    expect(await claimDirectory(deep)).toBeNull();
    await claim!.release();
  });

  it('is empty where no socket can be made', async () => {
    const claim = await claimDirectory('/sys');
    expect(claim).not.toBeNull();
    await claim!.release();
  });
});
