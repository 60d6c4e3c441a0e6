/**
 * Whether this member can serve: the checks behind /health, /livez and /readyz (docs/etcd-facts.md, health checks), and how
 * often each went well. Texts are etcd's, because probes and people compare them.
 */
import { RangeRequest } from '../api/gen/etcdserverpb/kv.ts';
import { AlarmType } from '../api/gen/etcdserverpb/maintenance.ts';
import type { Requests } from './requests.ts';
import type { HealthCheckCount, HealthCounters } from './server-metrics.ts';
import { rangeQueryOf } from './state/range-query.ts';

export type Probe = 'livez' | 'readyz';

/** One result; '' when it is well. */
export interface CheckResult {
  readonly name: string;
  readonly fault: string;
}

/** What /health asks: keys are read, but nothing is kept of them. */
const anything = rangeQueryOf(RangeRequest.create({ limit: 1, keys_only: true }));

type Check = (health: Health) => string | Promise<string>;

const serializableRead: Check = (health) => health.read();
const linearizableRead: Check = (health) => health.readLinearizable();
const dataCorruption: Check = (health) => (health.hasAlarm(AlarmType.CORRUPT) ? 'alarm activated: CORRUPT' : '');
const nonLearner: Check = (health) => (health.isLearner ? 'not supported for learner' : '');

const probes: Readonly<Record<Probe, ReadonlyMap<string, Check>>> = {
  livez: new Map([['serializable_read', serializableRead]]),
  readyz: new Map([
    ['data_corruption', dataCorruption],
    ['serializable_read', serializableRead],
    ['linearizable_read', linearizableRead],
    ['non_learner', nonLearner],
  ]),
};

class CheckCount implements HealthCheckCount {
  readonly type: Probe;
  readonly name: string;
  successes = 0;
  errors = 0;
  lastSucceeded = false;

  constructor(type: Probe, name: string) {
    this.type = type;
    this.name = name;
  }

  note(succeeded: boolean): void {
    this.lastSucceeded = succeeded;
    if (succeeded) this.successes++;
    else this.errors++;
  }
}

export class Health implements HealthCounters {
  successes = 0;
  failures = 0;
  readonly #counts = new Map<string, CheckCount>();
  readonly #requests: Requests;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  /** Those that were asked for at least once, as in etcd. */
  get checks(): Iterable<HealthCheckCount> {
    return this.#counts.values();
  }

  get isLearner(): boolean {
    return this.#requests.status.isLearner;
  }

  hasAlarm(alarm: AlarmType): boolean {
    return this.#requests.state.alarms.some((each) => each.alarm === alarm);
  }

  /** /health: '' or the reason. Alarms first, then the leader, then a read; `excluded` names alarms that do not count. */
  async reason(serializable: boolean, excluded: ReadonlySet<string>): Promise<string> {
    const reason = await this.#reason(serializable, excluded);
    if (reason === '') this.successes++;
    else this.failures++;
    return reason;
  }

  /** Names of a probe's checks. */
  namesOf(probe: Probe): readonly string[] {
    return [...probes[probe].keys()];
  }

  /** One check of a probe. */
  async check(probe: Probe, name: string): Promise<CheckResult> {
    const check = probes[probe].get(name);
    const fault = check === undefined ? 'no such check' : await check(this);
    const key = `${probe} ${name}`;
    const count = this.#counts.get(key) ?? new CheckCount(probe, name);
    this.#counts.set(key, count);
    count.note(fault === '');
    return { name, fault };
  }

  /** A read of this member's own state. */
  read(): string {
    const cursor = this.#requests.state.mvcc.openRange(anything);
    if ('message' in cursor) return cursor.message;
    cursor.prepare(1);
    cursor.close();
    return '';
  }

  /** A read that sees every write that was acknowledged before; it fails with the request time-out. */
  readLinearizable(): Promise<string> {
    return new Promise((resolve) =>
      this.#requests.readIndex({
        onReadable: () => resolve(this.read()),
        onFailed: (error) => resolve(error.message),
      }),
    );
  }

  async #reason(serializable: boolean, excluded: ReadonlySet<string>): Promise<string> {
    const [alarm] = this.#requests.state.alarms
      .filter((each) => each.alarm !== AlarmType.NONE)
      .map((each) => alarmName(each.alarm))
      .filter((name) => !excluded.has(name));
    if (alarm !== undefined) return `ALARM ${alarm}`;
    if (!serializable && this.#requests.status.leader === 0n) return 'RAFT NO LEADER';
    const fault = serializable ? this.read() : await this.readLinearizable();
    return fault === '' ? '' : `RANGE ERROR:${fault}`;
  }
}

function alarmName(alarm: AlarmType): string {
  return alarm === AlarmType.NOSPACE ? 'NOSPACE' : alarm === AlarmType.CORRUPT ? 'CORRUPT' : 'UNKNOWN';
}
