/** What the log says of alarms, in etcd's words: why a member takes no more puts is looked for there first. */
import { AlarmType, type AlarmMember } from '../api/gen/etcdserverpb/maintenance.ts';
import type { LogFields, NodeLog } from './config.ts';

const names = new Map<number, string>(Object.entries(AlarmType).map(([name, alarm]) => [alarm, name]));

/** One line for each that is only in the one list or the other; both hold the same objects where they agree. */
export function sayAlarms(log: NodeLog, before: readonly AlarmMember[], after: readonly AlarmMember[]): void {
  for (const each of after) if (!before.includes(each)) log.warn('alarm raised', fieldsOf(each));
  for (const each of before) if (!after.includes(each)) log.warn('alarm disarmed', fieldsOf(each));
}

function fieldsOf({ alarm, memberID }: AlarmMember): LogFields {
  return { alarm: names.get(alarm) ?? String(alarm), from: memberID.toString(16) };
}
