import { expect, it } from 'vitest';
import type { AlarmMember, AlarmType } from '../../src/api/gen/etcdserverpb/maintenance.ts';
import { sayAlarms } from '../../src/node/alarm-lines.ts';
import type { LogFields, NodeLog } from '../../src/node/config.ts';

it('an alarm is told with its name and its member, as etcd tells it', () => {
  const lines: unknown[] = [];
  const say = (message: string, fields?: LogFields): void => void lines.push([message, fields]);
  const log: NodeLog = { debug: say, info: say, warn: say, error: say, fatal: say };
  const [full, corrupt, unknown]: AlarmMember[] = [1, 2, 7].map((alarm) => ({
    memberID: 0x9b1592f91e8b5963n,
    alarm: alarm as AlarmType,
  }));
  sayAlarms(log, [full!], [corrupt!, unknown!]);
  const from = '9b1592f91e8b5963';
  expect(lines).toEqual([
    ['alarm raised', { alarm: 'CORRUPT', from }],
    ['alarm raised', { alarm: '7', from }],
    ['alarm disarmed', { alarm: 'NOSPACE', from }],
  ]);
});
