import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BatchWriter, chunkBytes, visitBatch } from '../../../src/node/disk/lmdb-batch.ts';
import { tables, type Table } from '../../../src/node/ports.ts';

type Operation = readonly [table: Table, key: string, value: string | null];

function roundTrip(operations: readonly Operation[]): { seen: Operation[]; chunks: number } {
  // What a chunk held before must not show.
  const writer = new BatchWriter((bytes) => new Uint8Array(bytes).fill(0xff).buffer);
  for (const [table, key, value] of operations) {
    if (value === null) writer.delete(table, Buffer.from(key, 'hex'));
    else writer.put(table, Buffer.from(key, 'hex'), Buffer.from(value, 'hex'));
  }
  const batch = writer.finish();
  const seen: Operation[] = [];
  visitBatch(batch, (table, key, value) => {
    seen.push([table, Buffer.from(key).toString('hex'), value === null ? null : Buffer.from(value).toString('hex')]);
  });
  return { seen, chunks: batch.chunks.length };
}

const hex = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength }).map((bytes) => Buffer.from(bytes).toString('hex'));

it('gives back what was written, in order', () => {
  const operation = fc.tuple(fc.constantFrom(...tables), hex(1, 40), fc.option(hex(0, 200)));
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 50 }), (operations) => {
      expect(roundTrip(operations).seen).toEqual(operations);
    }),
  );
});

it.each([
  { what: 'two that fill a chunk to its end', bytes: chunkBytes / 2 - 12 - 4, count: 2, chunks: 1 },
  { what: 'two of which the second does not fit', bytes: chunkBytes / 2, count: 2, chunks: 2 },
  { what: 'one larger than a chunk', bytes: chunkBytes * 2, count: 1, chunks: 1 },
  { what: 'none', bytes: 0, count: 0, chunks: 0 },
])('$what', ({ bytes, count, chunks }) => {
  const operations = Array.from({ length: count }, (_, i): Operation => ['key', `0000000${i}`, 'ab'.repeat(bytes)]);
  const result = roundTrip(operations);
  expect(result.chunks).toBe(chunks);
  expect(result.seen.map(([, key, value]) => [key, value!.length / 2])).toEqual(
    operations.map(([, key]) => [key, bytes]),
  );
});
