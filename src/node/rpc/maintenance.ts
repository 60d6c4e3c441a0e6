/** The Maintenance service, as far as it is built: Status and Alarm. */
import { etcdErrors } from '../../api/errors.ts';
import { type AlarmMember, AlarmResponse, AlarmType, StatusResponse } from '../../api/gen/etcdserverpb/maintenance.ts';
import { Maintenance } from '../../api/methods.ts';
import type { UnaryHandler } from '../../wire/contract.ts';
import { ProposedCall } from './proposed-call.ts';
import { RaftField } from './raft-request.ts';
import type { Service } from './service.ts';

export function statusHandler(service: Service): UnaryHandler {
  return service.handler(Maintenance.Status, (call) => {
    call.reply(StatusResponse.encode(statusOf(service)).finish());
  });
}

/** All three actions go through the log, GET too, as in etcd: the answer is of that moment. */
export function alarmHandler(service: Service): UnaryHandler {
  const encode = (response: AlarmResponse, revision: number): Uint8Array => {
    response.header = service.header.message(revision);
    return AlarmResponse.encode(response).finish();
  };
  return service.handler(Maintenance.Alarm, (call, _request, bytes) => {
    service.requests.propose(service.frame.wrap(RaftField.alarm, bytes), new ProposedCall(call, 'alarm', encode));
  });
}

function statusOf({ header, requests, options }: Service): StatusResponse {
  const { state, status } = requests;
  return {
    header: header.message(state.mvcc.revision),
    version: options.version,
    dbSize: options.storage.sizeBytes,
    dbSizeInUse: options.storage.sizeInUseBytes,
    dbSizeQuota: options.quotaBackendBytes === Infinity ? 0 : options.quotaBackendBytes,
    leader: status.leader,
    raftIndex: status.commitIndex,
    raftTerm: status.term,
    raftAppliedIndex: status.appliedIndex,
    isLearner: status.isLearner,
    errors: [...(status.leader === 0n ? [etcdErrors.NO_LEADER.message] : []), ...state.alarms.map(alarmText)],
    storageVersion: state.clusterVersion ?? '',
    downgradeInfo: { enabled: false, targetVersion: '' },
  };
}

/** Protobuf's text form, a space behind each field and none that is zero (docs/etcd-facts.md, responses and headers). */
function alarmText({ memberID, alarm }: AlarmMember): string {
  const name = Object.entries(AlarmType).find(([, value]) => value === alarm)?.[0] ?? String(alarm);
  return `${memberID === 0n ? '' : `memberID:${memberID} `}${alarm === AlarmType.NONE ? '' : `alarm:${name} `}`;
}
