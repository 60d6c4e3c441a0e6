import { describe, expect, it } from 'vitest';
import { emptyBytes, utf8, utf8Text } from '../../../src/base/bytes.ts';
import { etcdErrors } from '../../../src/api/errors.ts';
import type { PhysicalCompaction, RangeCursor } from '../../../src/node/state/state.ts';
import { MemoryStorage } from '../memory-storage.ts';
import { put } from './entries.ts';
import { Machine, everything } from './machine.ts';

const key = utf8('a');

/** Revisions 2 to 6 of one key. */
function fivePuts(): Machine {
  const machine = new Machine();
  for (let i = 1; i <= 5; i++) machine.apply(put('a', `value ${i}`));
  return machine;
}

function physicalOf(machine: Machine, revision: number): PhysicalCompaction {
  const { response } = machine.apply({ compact: { revision, physical: true } });
  if (response?.kind !== 'compaction') throw new Error('not compacted');
  return response.physical;
}

function opened(machine: Machine, revision: number): RangeCursor {
  const cursor = machine.state.mvcc.openRange({ ...everything, revision });
  if ('grpc' in cursor) throw new Error(cursor.message);
  return cursor;
}

describe('a compaction', () => {
  it.each([
    { first: 0, then: 0, error: etcdErrors.COMPACTED },
    { first: 0, then: 1, error: null },
    { first: 3, then: 3, error: etcdErrors.COMPACTED },
    { first: 3, then: 2, error: etcdErrors.COMPACTED },
    { first: 3, then: -1, error: etcdErrors.COMPACTED },
    { first: 3, then: 6, error: null },
    { first: 6, then: 7, error: etcdErrors.FUTURE_REV },
  ])('to $first and then to $then answers $error.message', ({ first, then, error }) => {
    const machine = fivePuts();
    expect(machine.apply({ compact: { revision: first } }).error).toBe(null);
    expect(machine.apply({ compact: { revision: then } }).error).toBe(error);
    expect(machine.state.mvcc.revision).toBe(6);
  });

  it('to a negative revision is refused on a store that was never compacted', () => {
    expect(fivePuts().apply({ compact: { revision: -1 } }).error).toBe(etcdErrors.COMPACTED);
  });

  it('leaves the revision itself readable and nothing below', () => {
    const machine = fivePuts();
    machine.apply({ compact: { revision: 4 } });
    expect(utf8Text(machine.range({ key, rangeEnd: emptyBytes, revision: 4 }).kvs[0]!.value)).toBe('value 3');
    expect(() => machine.range({ key, revision: 3 })).toThrow(etcdErrors.COMPACTED.message);
  });

  it('is physical when its removals are committed, not before', async () => {
    const machine = fivePuts();
    await machine.flush();
    let isDone = false;
    physicalOf(machine, 5).whenDone(() => (isDone = true));
    while (machine.state.work());
    expect(machine.storedChanges().length).toBe(5);
    expect(machine.state.unflushedOperations).toBeGreaterThan(1);
    expect(isDone).toBe(false);
    await machine.flush();
    expect(isDone).toBe(true);
    expect(machine.storedChanges()).toEqual(['5 a value 4', '6 a value 5']);
    let isAtOnce = false;
    physicalOf(machine, 6).whenDone(() => (isAtOnce = true));
    await machine.settle();
    expect(isAtOnce).toBe(true);
  });

  it('waits for the ranges that read below it', async () => {
    const machine = fivePuts();
    await machine.flush();
    const cursor = opened(machine, 3);
    while (!cursor.prepare(1));
    machine.apply({ compact: { revision: 5 } });
    expect(machine.state.work()).toBe(false);
    await machine.flush();
    expect(utf8Text(cursor.keyValues()[0]!.value)).toBe('value 2');
    cursor.close();
    cursor.close();
    expect(machine.state.work()).toBe(true);
    await machine.settle();
    expect(machine.storedChanges().length).toBe(2);
  });

  it('is not held up by ranges that overlap', async () => {
    const machine = fivePuts();
    await machine.flush();
    const first = opened(machine, 3);
    machine.apply({ compact: { revision: 4 } });
    expect(machine.state.work()).toBe(false);
    const second = opened(machine, 5);
    machine.apply({ compact: { revision: 6 } });
    first.close();
    await machine.settle();
    expect(machine.storedChanges()).toEqual(['4 a value 3', '5 a value 4', '6 a value 5']);
    second.close();
    await machine.settle();
    expect(machine.storedChanges()).toEqual(['6 a value 5']);
  });

  it('goes on after a restart', async () => {
    const machine = fivePuts();
    machine.apply({ compact: { revision: 5 } });
    await machine.flush();
    const restarted = new Machine({}, machine.storage.crash(true));
    expect(restarted.state.mvcc.compactedRevision).toBe(5);
    expect(restarted.storedChanges().length).toBe(5);
    await restarted.settle();
    expect(restarted.storedChanges().length).toBe(2);
  });

  it('waits for a flush when much has to be removed', async () => {
    const machine = new Machine();
    for (let i = 0; i < 12_000; i++) machine.apply(put('a', ''));
    await machine.flush();
    machine.apply({ compact: { revision: machine.state.mvcc.revision } });
    while (machine.state.work());
    expect(machine.state.unflushedOperations).toBeLessThan(12_000);
    await machine.flush();
    expect(machine.state.work()).toBe(true);
    await machine.settle();
    expect(machine.storedChanges().length).toBe(1);
    expect(machine.state.mvcc.counters).toMatchObject({ compactedRevisions: 11_999, keys: 1 });
  });

  it('to the current revision keeps it over a restart, also when everything is deleted', async () => {
    const machine = fivePuts();
    machine.apply({ delete: { key } });
    machine.apply({ compact: { revision: 7 } });
    await machine.settle();
    machine.apply(put('a', 'again'));
    await machine.settle();
    const restarted = new Machine({}, machine.storage.crash(true));
    expect(restarted.state.mvcc.revision).toBe(8);
    expect(restarted.range().kvs[0]).toMatchObject({ version: 1, create_revision: 8 });
  });

  it('is at least as old as the store, also in a backend that has no record of that revision', async () => {
    const storage = new MemoryStorage();
    const transaction = storage.begin();
    transaction.put(
      'meta',
      utf8('finishedCompactRev'),
      Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 9, 95, 0, 0, 0, 0, 0, 0, 0, 0]),
    );
    await new Promise((resolve) => transaction.commit(resolve));
    const machine = new Machine({}, storage);
    expect(machine.state.mvcc).toMatchObject({ revision: 9, compactedRevision: 9 });
    expect(machine.apply(put('a', '1')).revision).toBe(10);
  });
});
