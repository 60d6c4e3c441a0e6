/** Whose a data directory is, and who may have it. */
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataDir } from '../../../src/node/disk/data-dir.ts';
import { lockDirectory } from '../../../src/node/disk/directory-lock.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'data-dir-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const mode = (path: string) => statSync(path).mode & 0o777;

it('makes directories for their owner alone, and opens them again', async () => {
  const dataDir = join(directory, 'a', 'b');
  const opened = await openDataDir(dataDir, null);
  expect(opened.backendPath).toBe(join(dataDir, 'member/snap/db'));
  for (const path of ['member', 'member/wal', 'member/snap']) expect(mode(join(dataDir, path))).toBe(0o700);
  expect(mode(join(dataDir, 'member/format'))).toBe(0o600);
  await opened.release();
  await (await openDataDir(dataDir, null)).release();
});

it('keeps the log elsewhere, under a lock of its own', async () => {
  const walDir = join(directory, 'wal');
  const first = await openDataDir(join(directory, 'a'), walDir);
  await expect(openDataDir(join(directory, 'b'), walDir)).rejects.toMatchObject({ code: 'DIRECTORY_LOCKED' });
  await first.release();
  await (await openDataDir(join(directory, 'b'), walDir)).release();
});

describe('one log, two data directories', () => {
  const first = () => join(directory, 'a');
  const second = () => join(directory, 'b');
  it.each([
    { through: '--wal-dir', part: 'wal', walDir: () => join(first(), 'member/wal') },
    { through: 'a link to the log', part: 'wal', walDir: () => null },
    { through: 'a link to the backend', part: 'snap', walDir: () => null },
  ])('through $through: the second is refused', async ({ part, walDir }) => {
    const held = await openDataDir(first(), null);
    if (walDir() === null) {
      mkdirSync(join(second(), 'member'), { recursive: true });
      symlinkSync(join(first(), 'member', part), join(second(), 'member', part));
    }
    const attempt = () => openDataDir(second(), walDir());
    await expect(attempt()).rejects.toMatchObject({ code: 'DIRECTORY_LOCKED' });
    await held.release();
    await (await attempt()).release();
  });

  it.each(['member', 'member/snap', 'member/wal', '.'])('but a log in %s of its own is none', async (place) => {
    const opened = await openDataDir(first(), join(first(), place));
    await opened.release();
  });
});

describe('what nobody can start on', () => {
  const file = () => join(directory, 'file');
  const wal = () => join(file(), 'member/wal');
  it.each([
    { what: 'a file', prepare: () => writeFileSync(file(), ''), code: 'DATA_DIR_UNUSABLE', text: /lies below a file/ },
    {
      what: 'a file in place of a part',
      prepare: () => (mkdirSync(file()), writeFileSync(join(file(), 'member'), '')),
      code: 'DATA_DIR_UNUSABLE',
      text: /not a directory/,
    },
    {
      what: 'a directory of another version',
      prepare: () => (
        mkdirSync(join(file(), 'member'), { recursive: true }),
        writeFileSync(join(file(), 'member/format'), 'quorumbench 2\n')
      ),
      code: 'DATA_DIR_FOREIGN',
      text: /format "quorumbench 2"; this one knows "quorumbench 1"/,
    },
    {
      what: 'a directory of etcd',
      prepare: () => (
        mkdirSync(join(file(), 'member/snap'), { recursive: true }),
        writeFileSync(join(file(), 'member/snap/db'), '')
      ),
      code: 'DATA_DIR_FOREIGN',
      text: /written by etcd/,
    },
    {
      what: 'a link to nowhere',
      prepare: () => (mkdirSync(join(file(), 'member'), { recursive: true }), symlinkSync('nowhere', wal())),
      code: 'DATA_DIR_UNUSABLE',
      text: /^cannot use \/.*\/file\/member\/wal: it is a link to a directory that is not there$/,
    },
    {
      what: 'a log of another data directory',
      prepare: () => (mkdirSync(wal(), { recursive: true }), writeFileSync(join(wal(), '0-0.wal'), '')),
      code: 'DATA_DIR_FOREIGN',
      text: /^\/.*\/file\/member\/wal holds a log, but nothing in \/.*\/file\/member belongs to it$/,
    },
  ])('$what', async ({ prepare, code, text }) => {
    prepare();
    const failure = await openDataDir(file(), null).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, message: expect.stringMatching(text) as string });
  });

  it.skipIf(process.getuid?.() === 0)('a directory that is not writable', async () => {
    chmodSync(directory, 0o500);
    await expect(openDataDir(file(), null)).rejects.toMatchObject({ code: 'DATA_DIR_UNUSABLE' });
    chmodSync(directory, 0o700);
  });
});

describe('the lock', () => {
  const holder = `
    import { lockDirectory } from '${join(import.meta.dirname, '../../../build/node/disk/directory-lock.js')}';
    await lockDirectory(process.argv[1]);
    console.log('held');
    setInterval(() => {}, 1000);`;

  it('names the process that holds it, and ends with it however it ends', async () => {
    if (!existsSync(join(import.meta.dirname, '../../../build/node/disk/directory-lock.js')))
      execFileSync('npm', ['run', '-s', 'build:modules']);
    const child = spawn(process.execPath, ['--input-type=module', '-e', holder, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const failure = await lockDirectory(directory).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'DIRECTORY_LOCKED',
      message: `${directory} is in use by process ${child.pid}`,
    });
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    const lock = await lockDirectory(directory);
    expect(readFileSync(join(directory, 'lock'), 'utf8')).toBe(`${process.pid}\n`);
    await lock.release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each([
    { pid: '0x\n', held: false },
    { pid: '-1\n', held: false },
    { pid: `${2 ** 22 + 1}\n`, held: false }, // above what Linux gives out
    { pid: `${process.ppid}\n`, held: true },
    { pid: `${process.pid}\n`, held: true },
  ])('without abstract sockets: a pid file of $pid is held: $held', async ({ pid, held }) => {
    writeFileSync(join(directory, 'lock'), pid);
    const attempt = lockDirectory(directory, 'darwin');
    if (held) await expect(attempt).rejects.toMatchObject({ code: 'DIRECTORY_LOCKED' });
    else await (await attempt).release();
  });
});
