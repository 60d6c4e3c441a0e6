/** The alarms of all members: raised and disarmed through the log, kept in the backend, in force until somebody disarms them. */
import { emptyBytes } from '../../base/bytes.ts';
import { etcdErrors, type EtcdError } from '../../api/errors.ts';
import {
  AlarmMember,
  AlarmRequest_AlarmAction as Action,
  AlarmType,
  type AlarmRequest,
  type AlarmResponse,
} from '../../api/gen/etcdserverpb/maintenance.ts';
import type { Storage } from '../ports.ts';
import type { PendingWrites } from './pending-writes.ts';

/** Members times kinds: more than any cluster has; whatever lies beyond is not raised. */
const alarmsMax = 1000;

export class Alarms {
  /** By kind, then by member. Replaced, never changed. */
  list: readonly AlarmMember[] = [];
  #isCorrupt = false;
  #isFull = false;
  readonly #writes: PendingWrites;

  constructor(writes: PendingWrites) {
    this.#writes = writes;
  }

  load(storage: Storage): void {
    const found: AlarmMember[] = [];
    storage.scan('alarm', emptyBytes, null, (key) => found.push(AlarmMember.decode(key)) > 0);
    this.#replace(found);
  }

  /** Why a request that changes keys is refused; `addsBytes` says whether it puts anything. Null: it is not. */
  refusal(addsBytes: boolean): EtcdError | null {
    if (this.#isCorrupt) return etcdErrors.CORRUPT;
    return this.#isFull && addsBytes ? etcdErrors.NO_SPACE : null;
  }

  apply(request: AlarmRequest): AlarmResponse {
    return { header: undefined, alarms: this.#run(request) };
  }

  #run({ action, memberID, alarm }: AlarmRequest): AlarmMember[] {
    const raised = this.list.find((each) => each.memberID === memberID && each.alarm === alarm);
    switch (action) {
      case Action.GET:
        return this.list.filter((each) => alarm === AlarmType.NONE || each.alarm === alarm);
      case Action.ACTIVATE:
        return alarm === AlarmType.NONE ? [] : this.#raise(raised ?? { memberID, alarm });
      case Action.DEACTIVATE:
        return raised === undefined ? [] : this.#disarm(raised);
      default:
        return [];
    }
  }

  #raise(alarm: AlarmMember): AlarmMember[] {
    if (this.list.includes(alarm)) return [alarm];
    if (this.list.length >= alarmsMax) return [];
    this.#writes.put('alarm', AlarmMember.encode(alarm).finish(), emptyBytes);
    this.#replace([...this.list, alarm]);
    return [alarm];
  }

  #disarm(alarm: AlarmMember): AlarmMember[] {
    this.#writes.delete('alarm', AlarmMember.encode(alarm).finish());
    this.#replace(this.list.filter((each) => each !== alarm));
    return [alarm];
  }

  #replace(alarms: AlarmMember[]): void {
    this.list = alarms.sort((a, b) => a.alarm - b.alarm || (a.memberID < b.memberID ? -1 : 1));
    this.#isCorrupt = alarms.some((each) => each.alarm === AlarmType.CORRUPT);
    this.#isFull = alarms.some((each) => each.alarm === AlarmType.NOSPACE);
  }
}
