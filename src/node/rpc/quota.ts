/**
 * The quota of the backend (docs/etcd-facts.md, quota): what a request would add is estimated before it is proposed, and one
 * that does not fit raises the NOSPACE alarm through the log and is refused. While the alarm is raised the state refuses
 * what etcd refuses; nothing here lowers it.
 */
import { etcdErrors } from '../../api/errors.ts';
import { AlarmRequest, AlarmRequest_AlarmAction, AlarmType } from '../../api/gen/etcdserverpb/maintenance.ts';
import type { Proposer } from '../requests.ts';
import { RaftField } from './raft-request.ts';
import type { Service } from './service.ts';
import type { UnaryCall } from './unary-call.ts';

export class Quota implements Proposer {
  readonly #service: Service;
  readonly #quotaBytes: number;
  /** Of the backend, as of the flush at `#measuredAt`: it changes with flushes alone. */
  #sizeBytes = 0;
  #measuredAt = -1;
  /** Calls that are refused as soon as the alarm is raised; bounded by the calls that are open. */
  #refused: UnaryCall[] = [];
  #raising = false;

  constructor(service: Service) {
    this.#service = service;
    this.#quotaBytes = service.options.quotaBackendBytes;
  }

  /** Whether what costs so much still fits. What costs nothing always does. */
  allows(costBytes: number): boolean {
    if (costBytes === 0 || this.#quotaBytes === Infinity) return true;
    const { requests, options } = this.#service;
    if (requests.state.flushedIndex !== this.#measuredAt) {
      this.#measuredAt = requests.state.flushedIndex;
      this.#sizeBytes = options.storage.sizeBytes;
    }
    return this.#sizeBytes + costBytes < this.#quotaBytes;
  }

  /** Answers NOSPACE, once the alarm of this member is raised. */
  refuse(call: UnaryCall): void {
    if (this.#isRaised()) return call.fail(etcdErrors.NO_SPACE);
    this.#refused.push(call);
    if (this.#raising) return;
    this.#raising = true;
    const { requests, frame } = this.#service;
    const alarm = AlarmRequest.create({
      action: AlarmRequest_AlarmAction.ACTIVATE,
      memberID: requests.status.memberId,
      alarm: AlarmType.NOSPACE,
    });
    requests.propose(frame.wrap(RaftField.alarm, AlarmRequest.encode(alarm).finish()), this);
  }

  onApplied(): void {
    this.#answer();
  }

  /** Not raised, as the log is not to be had: the room is missing all the same. */
  onFailed(): void {
    this.#answer();
  }

  #answer(): void {
    const refused = this.#refused;
    this.#refused = [];
    this.#raising = false;
    for (const call of refused) call.fail(etcdErrors.NO_SPACE);
  }

  #isRaised(): boolean {
    const { state, status } = this.#service.requests;
    return state.alarms.some((each) => each.alarm === AlarmType.NOSPACE && each.memberID === status.memberId);
  }
}
