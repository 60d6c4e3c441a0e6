import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { etcdErrors } from '../../../src/api/errors.ts';
import { AlarmRequest_AlarmAction as Action, AlarmType } from '../../../src/api/gen/etcdserverpb/maintenance.ts';
import { put, type Command } from './entries.ts';
import { Machine } from './machine.ts';

const alarm = (action: Action, type: AlarmType, memberID = 1n): Command => ({
  alarm: { action, memberID, alarm: type },
});
const key = utf8('a');
const putOp = { request: { $case: 'request_put', value: { key } } } as const;
const nested = { request: { $case: 'request_txn', value: { success: [putOp] } } } as const;

const commands: Record<string, Command> = {
  put: put('a', '1'),
  delete: { delete: { key } },
  'txn that puts': { txn: { success: [putOp] } },
  'txn that could put': { txn: { failure: [putOp] } },
  'txn that puts further in': { txn: { success: [nested] } },
  'txn that deletes': { txn: { success: [{ request: { $case: 'request_delete_range', value: { key } } }] } },
  compaction: { compact: { revision: 1 } },
};

describe('an alarm', () => {
  it.each([
    { type: AlarmType.NOSPACE, error: etcdErrors.NO_SPACE, refused: ['put', 'txn that puts', 'txn that could put'] },
    { type: AlarmType.CORRUPT, error: etcdErrors.CORRUPT, refused: Object.keys(commands) },
  ])(
    'of kind $type refuses with $error.message what etcd refuses, until it is disarmed',
    ({ type, error, refused }) => {
      for (const [name, command] of Object.entries(commands)) {
        const machine = new Machine();
        machine.apply(alarm(Action.ACTIVATE, type));
        expect([name, machine.apply(command).error]).toEqual([name, refused.includes(name) ? error : null]);
        machine.apply(alarm(Action.DEACTIVATE, type));
        expect(machine.apply(put('b', '')).error).toBe(null);
      }
    },
  );

  it('is the member that raised it: list, disarm and raising twice', () => {
    const machine = new Machine();
    const answer = (action: Action, type: AlarmType, memberID: bigint) => {
      const { response } = machine.apply(alarm(action, type, memberID));
      return response?.kind === 'alarm' ? response.response.alarms : null;
    };
    const one = { memberID: 1n, alarm: AlarmType.NOSPACE };
    const two = { memberID: 2n, alarm: AlarmType.CORRUPT };
    expect(answer(Action.ACTIVATE, AlarmType.NONE, 1n)).toEqual([]);
    expect(answer(Action.ACTIVATE, AlarmType.NOSPACE, 1n)).toEqual([one]);
    expect(answer(Action.ACTIVATE, AlarmType.NOSPACE, 1n)).toEqual([one]);
    expect(answer(Action.ACTIVATE, AlarmType.CORRUPT, 2n)).toEqual([two]);
    expect(answer(Action.GET, AlarmType.NONE, 0n)).toEqual([one, two]);
    expect(answer(Action.GET, AlarmType.CORRUPT, 0n)).toEqual([two]);
    expect(answer(Action.DEACTIVATE, AlarmType.NOSPACE, 2n)).toEqual([]);
    expect(answer(Action.DEACTIVATE, AlarmType.NOSPACE, 1n)).toEqual([one]);
    expect(answer(9 as Action, AlarmType.NOSPACE, 1n)).toEqual([]);
    expect(machine.state.alarms).toEqual([two]);
  });

  it('survives a restart, and so does its end', async () => {
    const machine = new Machine();
    machine.apply(alarm(Action.ACTIVATE, AlarmType.NOSPACE));
    machine.apply(alarm(Action.ACTIVATE, AlarmType.CORRUPT, 2n ** 64n - 1n));
    await machine.flush();
    const second = new Machine({}, machine.storage.crash(true));
    expect(second.state.alarms.length).toBe(2);
    second.apply(alarm(Action.DEACTIVATE, AlarmType.NOSPACE));
    await second.flush();
    const third = new Machine({}, second.storage.crash(true));
    expect(third.state.alarms).toEqual([{ memberID: 2n ** 64n - 1n, alarm: AlarmType.CORRUPT }]);
    expect(third.apply(put('a', '')).error).toBe(etcdErrors.CORRUPT);
  });
});
