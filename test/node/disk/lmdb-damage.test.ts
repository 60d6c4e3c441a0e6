/** A record that was spoiled in the file is refused by name, its neighbours are read: never another value. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { Failure } from '../../../src/base/failure.ts';
import { createRandom } from '../../../src/base/random.ts';
import { openStorage } from '../../../src/node/disk/lmdb-storage.ts';
import type { Storage } from '../../../src/node/ports.ts';

const records = 100;
const spoiled = 40;
let directory: string;
let whole: Buffer;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'qb-damage-'));
  const storage = openStorage(join(directory, 'whole'));
  const transaction = storage.begin();
  for (let i = 0; i < records; i++) transaction.put('key', keyOf(i), valueOf(i));
  await new Promise((resolve) => transaction.commit(resolve));
  await storage.close();
  whole = readFileSync(join(directory, 'whole'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function keyOf(i: number): Uint8Array {
  return utf8(`key-${String(i).padStart(6, '0')}`);
}

/** 1,000 bytes that no other record has. */
function valueOf(i: number): Uint8Array {
  const value = new Uint8Array(1_000);
  createRandom(i).fill(value);
  return value;
}

/** In the file: key, eight bytes of checksum, value. */
const checksumBytes = 8;

async function withSpoiled(offset: number, check: (storage: Storage) => void): Promise<void> {
  const bytes = Buffer.from(whole);
  const at = bytes.indexOf(valueOf(spoiled)) + offset;
  bytes[at]! ^= 0x10;
  const path = join(directory, `spoiled${offset}`);
  writeFileSync(path, bytes);
  const storage = openStorage(path);
  try {
    check(storage);
  } finally {
    await storage.close();
  }
}

function failureOf(action: () => unknown): Failure {
  try {
    action();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

it.each([
  { what: 'first byte of the value', offset: 0 },
  { what: 'last byte of the value', offset: 999 },
  { what: 'checksum', offset: -checksumBytes + 3 },
])('refuses a record whose $what was changed', async ({ offset }) => {
  await withSpoiled(offset, (storage) => {
    const failure = failureOf(() => storage.get('key', keyOf(spoiled)));
    expect(failure.code).toBe('BACKEND_DAMAGED');
    expect(failure.line).toContain(`table "key": the record of key ${Buffer.from(keyOf(spoiled)).toString('hex')}`);
    expect(failure.line).toContain('restore the data directory');
    expect(storage.get('key', keyOf(spoiled - 1))).toEqual(valueOf(spoiled - 1));
  });
});

it.each([
  { what: 'key', offset: -checksumBytes - 1 },
  { what: 'value', offset: 500 },
])('a start that reads all records is refused when a $what was changed', async ({ offset }) => {
  await withSpoiled(offset, (storage) => {
    let seen = 0;
    const failure = failureOf(() => storage.scan('key', new Uint8Array(0), null, () => ++seen > 0));
    expect(failure.code).toBe('BACKEND_DAMAGED');
    expect(seen).toBe(spoiled);
  });
});

it.each([
  { what: 'a text', spoil: () => Buffer.from('not a backend'.repeat(10_000)) },
  { what: 'a file that was cut', spoil: () => whole.subarray(0, 20_000) },
  { what: 'zeros', spoil: () => Buffer.alloc(whole.length) },
  { what: 'a spoiled second meta page', spoil: () => Buffer.from(whole).fill(0, 16_384, 16_500) },
])('refuses $what', ({ spoil }) => {
  const path = join(directory, 'foreign');
  writeFileSync(path, spoil());
  expect(failureOf(() => openStorage(path)).line).toMatch(/foreign: the backend cannot be opened: not a backend/);
});

it('takes an empty file for a new one', async () => {
  const path = join(directory, 'empty');
  writeFileSync(path, '');
  const storage = openStorage(path);
  expect(storage.get('key', keyOf(0))).toBeNull();
  await storage.close();
});
