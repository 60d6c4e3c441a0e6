import { describe, expect, it } from 'vitest';
import { utf8, utf8Text } from '../../../src/base/bytes.ts';
import { put } from './entries.ts';
import { Machine } from './machine.ts';

describe('a state machine', () => {
  it('begins at revision 1 and counts every put', () => {
    const machine = new Machine();
    expect(machine.state.mvcc.revision).toBe(1);
    expect(machine.apply(put('a', '1'))).toEqual({ error: null, revision: 2, response: null });
    expect(machine.apply(put('a', '2')).revision).toBe(3);
    const { kvs } = machine.range();
    expect(kvs).toEqual([
      { key: utf8('a'), value: utf8('2'), create_revision: 2, mod_revision: 3, version: 2, lease: 0n },
    ]);
  });

  it('reads the same before, during and after a flush, and after a restart', async () => {
    const machine = new Machine();
    for (let i = 0; i < 100; i++) machine.apply(put(`key${i % 30}`, `value ${i}`));
    const before = machine.range();
    const flushed = machine.flush();
    expect(machine.range()).toEqual(before);
    await flushed;
    expect(machine.state.unflushedBytes).toBe(0);
    expect(machine.range()).toEqual(before);
    const restarted = new Machine({}, machine.storage.crash(false));
    expect(restarted.state.appliedIndex).toBe(100);
    expect(restarted.state.mvcc.revision).toBe(101);
    expect(restarted.range()).toEqual(before);
    expect(utf8Text(restarted.range({ key: utf8('key7'), rangeEnd: utf8(''), revision: 40 }).kvs[0]!.value)).toBe(
      'value 37',
    );
  });

  it('says that a commit failed, and begins no other', async () => {
    const machine = new Machine();
    machine.apply(put('a', '1'));
    machine.storage.failWith(new Error('EIO'));
    await expect(machine.flush()).rejects.toThrow('EIO');
    expect(machine.state.flushedIndex).toBe(0);
    machine.apply(put('a', '2'));
    expect(machine.range().kvs[0]).toMatchObject({ version: 2 });
    expect(() => machine.state.flush(() => undefined)).toThrow('one flush at a time');
  });

  it('knows what waits for the backend', async () => {
    const machine = new Machine();
    for (let i = 0; i < 10; i++) machine.apply(put(`key${i}`, 'value'));
    const bytes = machine.state.unflushedBytes;
    expect(machine.state.unflushedOperations).toBe(10);
    const flushed = machine.flush();
    expect(machine.state.unflushedOperations).toBe(0);
    expect(machine.state.unflushedBytes).toBe(bytes);
    for (let i = 0; i < 10; i++) machine.apply(put(`key${i}`, 'value'));
    expect(machine.state.unflushedBytes).toBeGreaterThan(2 * bytes - 1);
    await flushed;
    expect([machine.state.flushedIndex, machine.state.unflushedOperations]).toEqual([10, 10]);
    await machine.flush();
    expect([machine.state.flushedIndex, machine.state.unflushedBytes]).toEqual([20, 0]);
    expect(machine.storedChanges().length).toBe(20);
  });

  it('reads a backend that is damaged as a failure with a remedy', async () => {
    const machine = new Machine();
    machine.apply(put('a', '1'));
    await machine.flush();
    const broken = machine.storage.crash(true);
    const transaction = broken.begin();
    transaction.put('key', utf8('no revision'), utf8('?'));
    await new Promise((resolve) => transaction.commit(resolve));
    expect(() => new Machine({}, broken)).toThrow('is no record of a key');
  });
});
