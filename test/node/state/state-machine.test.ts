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
});
