import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { utf8, utf8Text } from '../../../src/base/bytes.ts';
import { openStorage } from '../../../src/node/disk/lmdb-storage.ts';
import type { Storage, Table } from '../../../src/node/ports.ts';

let directory: string;
let storage: Storage;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'qb-lmdb-'));
  storage = openStorage(join(directory, 'db'));
});
afterEach(async () => {
  await storage.close();
  rmSync(directory, { recursive: true });
});

type Operation = readonly [table: Table, key: string, value: string | null];

function commit(operations: readonly Operation[]): Promise<Error | null> {
  const transaction = storage.begin();
  for (const [table, key, value] of operations) {
    if (value === null) transaction.delete(table, utf8(key));
    else transaction.put(table, utf8(key), utf8(value));
  }
  return new Promise((resolve) => transaction.commit(resolve));
}

function read(table: Table, key: string): string | null {
  const value = storage.get(table, utf8(key));
  return value === null ? null : utf8Text(value);
}

function scan(table: Table, from = '', to: string | null = null, limit = Infinity): string[] {
  const seen: string[] = [];
  storage.scan(table, utf8(from), to === null ? null : utf8(to), (key, value) => {
    seen.push(`${utf8Text(key)}=${utf8Text(value)}`);
    return seen.length < limit;
  });
  return seen;
}

it('says how long the disk took for a commit, not how long a busy event loop did', async () => {
  const transaction = storage.begin();
  transaction.put('key', utf8('a'), utf8('1'));
  const took = new Promise<number>((resolve) => transaction.commit((_error, seconds) => resolve(seconds)));
  const busyMs = 2_000;
  const startMs = performance.now();
  while (performance.now() - startMs < busyMs);
  const seconds = await took;
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThan(busyMs / 1e3);
});

it('keeps tables apart, and what is absent is null', async () => {
  expect(
    await commit([
      ['key', 'a', '1'],
      ['meta', 'a', '2'],
      ['meta', 'empty', ''],
    ]),
  ).toBeNull();
  expect([read('key', 'a'), read('meta', 'a'), read('lease', 'a'), read('meta', 'empty')]).toEqual([
    '1',
    '2',
    null,
    '',
  ]);
});

it('commits in the order of the operations, and not before', async () => {
  await commit([['key', 'a', 'old']]);
  const pending = commit([
    ['key', 'a', 'new'],
    ['key', 'b', '1'],
    ['key', 'b', null],
  ]);
  expect(read('key', 'a')).toBe('old');
  await pending;
  expect([read('key', 'a'), read('key', 'b')]).toEqual(['new', null]);
});

it.each([
  { from: '', to: null, limit: Infinity, keys: ['a=1', 'b=2', 'c=3'] },
  { from: 'b', to: null, limit: Infinity, keys: ['b=2', 'c=3'] },
  { from: 'a', to: 'c', limit: Infinity, keys: ['a=1', 'b=2'] },
  { from: '', to: null, limit: 2, keys: ['a=1', 'b=2'] },
  { from: 'x', to: null, limit: 2, keys: [] },
])('scans $from to $to, at most $limit', async ({ from, to, limit, keys }) => {
  await commit([
    ['key', 'c', '3'],
    ['key', 'a', '1'],
    ['key', 'b', '2'],
  ]);
  expect(scan('key', from, to, limit)).toEqual(keys);
});

it('holds what was committed when it is opened again, in a file that only its owner reads', async () => {
  await commit([['key', 'a', '1']]);
  await storage.close();
  storage = openStorage(join(directory, 'db'));
  expect(read('key', 'a')).toBe('1');
  expect(statSync(join(directory, 'db')).mode & 0o777).toBe(0o600);
});

it('counts what is in use', async () => {
  const before = storage.sizeInUseBytes;
  await commit(Array.from({ length: 1000 }, (_, i) => ['key', `key${i}`, 'v'.repeat(1000)] as const));
  expect(storage.sizeInUseBytes - before).toBeGreaterThan(1_000_000);
  expect(storage.sizeInUseBytes).toBeLessThanOrEqual(storage.sizeBytes);
});

it('tells a visitor’s own error from damage', async () => {
  await commit([['key', 'a', '1']]);
  expect(() =>
    storage.scan('key', new Uint8Array(0), null, () => {
      throw new RangeError('mine');
    }),
  ).toThrow(RangeError);
});

it('takes values from a buffer that its owner uses again at once', async () => {
  const value = utf8('first');
  const transaction = storage.begin();
  transaction.put('key', utf8('a'), value);
  value.fill(0);
  await new Promise((resolve) => transaction.commit(resolve));
  expect(read('key', 'a')).toBe('first');
});

it('has one transaction at a time, and allows nothing after its commit', async () => {
  const transaction = storage.begin();
  expect(() => storage.begin()).toThrow('one write transaction at a time');
  transaction.put('key', utf8('a'), utf8('1'));
  await new Promise((resolve) => transaction.commit(resolve));
  expect(() => transaction.put('key', utf8('b'), utf8('2'))).toThrow('nothing is written after the commit');
});

it.each([0, 4_027])('refuses a key of %d bytes', (length) => {
  expect(() => storage.begin().put('key', new Uint8Array(length), utf8('1'))).toThrow('a key of the backend');
});

it('is an empty transaction’s end too', async () => {
  expect(await commit([])).toBeNull();
});
