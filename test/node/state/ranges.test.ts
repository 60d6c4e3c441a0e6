/** What the property test cannot: leases, sizes, changes between slices. */
import { describe, expect, it } from 'vitest';
import { emptyBytes, utf8, utf8Text } from '../../../src/base/bytes.ts';
import { Compare_CompareResult, Compare_CompareTarget, RangeResponse } from '../../../src/api/gen/etcdserverpb/kv.ts';
import type { RangeCursor, RangeQuery } from '../../../src/node/state/state.ts';
import { put } from './entries.ts';
import { everything, Machine } from './machine.ts';

const lease = -(2n ** 63n);
const leases = { exists: () => true };

function open(machine: Machine, query: Partial<RangeQuery> = {}): RangeCursor {
  const cursor = machine.state.mvcc.openRange({ ...everything, ...query });
  if ('grpc' in cursor) throw new Error(cursor.message);
  return cursor;
}

describe('a range', () => {
  it.each([
    { name: 'all', query: {}, value: 'v', leased: lease },
    { name: 'keys only', query: { keysOnly: true }, value: '', leased: 0n },
    { name: 'keys only by version', query: { keysOnly: true, sortTarget: 'version' }, value: '', leased: 0n },
    { name: 'keys only by value', query: { keysOnly: true, sortTarget: 'value' }, value: '', leased: lease },
  ] as const)('of $name has the lease as etcd 3.7 has it', async ({ query, value, leased }) => {
    const machine = new Machine({ leases });
    machine.apply({ put: { key: utf8('a'), value: utf8('v'), lease } });
    const expected = {
      key: utf8('a'),
      value: utf8(value),
      lease: leased,
      version: 1,
      create_revision: 2,
      mod_revision: 2,
    };
    expect(machine.range(query).kvs).toEqual([expected]);
    await machine.flush();
    expect(machine.range(query).kvs).toEqual([expected]);
  });

  it('keeps lease and value when a put says so, and gives the pair before', async () => {
    const machine = new Machine({ leases });
    machine.apply({ put: { key: utf8('a'), value: utf8('v'), lease } });
    await machine.flush();
    machine.apply({ put: { key: utf8('a'), value: utf8('w'), ignore_lease: true } });
    const { response } = machine.apply({ put: { key: utf8('a'), lease: 5n, ignore_value: true, prev_kv: true } });
    expect(response).toMatchObject({ response: { header: { revision: 4 }, prev_kv: { lease, value: utf8('w') } } });
    expect(machine.range().kvs[0]).toMatchObject({ value: utf8('w'), lease: 5n, version: 3 });
    machine.apply({ put: { key: utf8('a'), lease: 2n ** 62n + 1n } });
    machine.apply({ put: { key: utf8('a'), ignore_lease: true } });
    expect(machine.range().kvs[0]).toMatchObject({ lease: 2n ** 62n + 1n });
    machine.apply(put('a', 'x'));
    expect(machine.range().kvs[0]).toMatchObject({ lease: 0n });
  });

  it.each([lease, -1n, 1n, 2n ** 32n, 2n ** 63n - 1n])('compares the lease %s as it is', (id) => {
    const machine = new Machine({ leases });
    machine.apply({ put: { key: utf8('a'), lease: id } });
    const compare = (value: bigint, result: Compare_CompareResult) => {
      const txn = {
        compare: [
          {
            key: utf8('a'),
            target: Compare_CompareTarget.LEASE,
            result,
            target_union: { $case: 'lease' as const, value },
          },
        ],
      };
      const { response } = machine.apply({ txn });
      return response?.kind === 'txn' && response.response.succeeded;
    };
    const { EQUAL, GREATER, LESS } = Compare_CompareResult;
    expect(compare(id, EQUAL)).toBe(true);
    expect(compare(id ^ 1n, id & 1n ? GREATER : LESS)).toBe(true);
    expect(compare(0n, id < 0n ? LESS : GREATER)).toBe(true);
  });

  it('sees one revision, whatever is put, deleted and compacted between its slices', async () => {
    const machine = new Machine();
    for (let i = 0; i < 50; i++) machine.apply(put(`key${String(i).padStart(2, '0')}`, `value ${i}`));
    for (let i = 0; i < 50; i += 5) machine.apply({ delete: { key: utf8(`key${String(i).padStart(2, '0')}`) } });
    const expected = machine.range().kvs;
    const cursors = [open(machine), open(machine, { sortTarget: 'value' }), open(machine, { keysOnly: true })];
    const parts = cursors.map(() => [] as Uint8Array[]);
    let isDone = false;
    for (let round = 0; !isDone; round++) {
      machine.apply(put(`key${String((round * 7) % 60).padStart(2, '0')}`, 'later'));
      machine.apply({ delete: { key: utf8(`key${String((round * 3) % 60).padStart(2, '0')}`) } });
      if (round % 4 === 0) machine.apply({ compact: { revision: machine.state.mvcc.revision } });
      machine.state.work();
      if (round % 3 === 0) await machine.flush();
      isDone = cursors.map((cursor, i) => step(cursor, parts[i]!)).every((each) => each);
    }
    expect(cursors[0]!.keyValues()).toEqual(expected);
    expect(cursors[1]!.keyValues().map(({ key }) => key)).toEqual(
      [...expected].sort((a, b) => Buffer.compare(a.value, b.value)).map(({ key }) => key),
    );
    expect(cursors.map(({ count }) => count)).toEqual([40, 40, 40]);
    for (const [i, cursor] of cursors.entries()) {
      expect(parts[i]!.reduce((sum, part) => sum + part.length, 0)).toBe(cursor.encodedBytes);
      cursor.close();
    }
    await machine.settle();
    expect(machine.storedChanges().length).toBeLessThan(130);
  });

  it('answers its own keys when that of a deleted one is compacted away before it is written', () => {
    const machine = new Machine();
    for (const key of 'abcx') machine.apply(put(key, '1'));
    machine.apply({ delete: { key: utf8('a') } });
    machine.apply(put('b', '2'));
    const cursor = open(machine, { key: utf8('a'), rangeEnd: utf8('d') });
    while (!cursor.prepare(4));
    machine.apply({ compact: { revision: machine.state.mvcc.revision } });
    while (machine.state.work());
    machine.apply(put('y', '1')); // where `a` was in the index
    const buffer = new Uint8Array(1_000);
    const end = cursor.write(buffer, 0);
    expect(end).toBe(cursor.encodedBytes);
    const { kvs } = RangeResponse.decode(buffer.subarray(0, end));
    expect(kvs.map(({ key }) => utf8Text(key))).toEqual(['b', 'c']);
  });

  it('of one key needs no cursor', async () => {
    const machine = new Machine();
    machine.apply(put('a', 'one'));
    const key = utf8('xax');
    const newest = () => {
      const found = machine.state.mvcc.newest(key, 1, 2);
      return found === null ? null : Uint8Array.from(found);
    };
    const before = newest();
    expect(before).not.toBe(null);
    await machine.flush();
    expect(newest()).toEqual(before);
    machine.apply({ delete: { key: utf8('a') } });
    expect(newest()).toBe(null);
    expect(machine.state.mvcc.newest(key, 0, 3)).toBe(null);
  });

  it('holds records of any size, also larger than what they are gathered in', async () => {
    const machine = new Machine();
    const sizes = [0, 1, 127, 128, 16_383, 16_384, 1_048_576, 1_500_000];
    for (const size of sizes)
      machine.apply({ put: { key: utf8(`size ${size}`), value: new Uint8Array(size).fill(size % 251) } });
    const lengths = () =>
      sizes
        .map((size) => open(machine, { key: utf8(`size ${size}`), rangeEnd: emptyBytes }))
        .map((cursor) => {
          cursor.prepare(1);
          const [kv] = cursor.keyValues();
          cursor.close();
          return kv!.value.length;
        });
    expect(lengths()).toEqual(sizes);
    await machine.flush();
    expect(lengths()).toEqual(sizes);
  });
});

/** A slice of either half of the work; true when all is written. */
function step(cursor: RangeCursor, parts: Uint8Array[]): boolean {
  if (!cursor.prepare(6)) return false;
  const buffer = new Uint8Array(33);
  const end = cursor.write(buffer, 0);
  if (end >= 0) parts.push(buffer.slice(0, end));
  return end < 0;
}
