/**
 * The few calls that surround a load: who is there, how full it is, what lies under a prefix. And the translation of
 * what can go wrong with them into one line, a remedy and an exit code.
 */
import { KV, Maintenance, type UnaryMethod } from '../api/methods.ts';
import type { DeepPartial } from '../api/message.ts';
import { prefixEnd, utf8Text } from '../base/bytes.ts';
import { ExitCode, Failure } from '../base/failure.ts';
import { ConnectFailure, failureOfConnect } from '../client/connect-failure.ts';
import { Code, StatusError } from '../wire/status.ts';

/** Makes one call and waits for its answer; rejects with a StatusError. What `Client` is, as far as this room needs it. */
export interface Caller {
  unary<Request, Response>(method: UnaryMethod<Request, Response>, request: DeepPartial<Request>): Promise<Response>;
}

/** Asks one member and no other. */
export interface MemberCaller extends Caller {
  readonly url: string;
}

export interface MemberStatus {
  /** The endpoint that was asked. */
  readonly url: string;
  readonly version: string;
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly leaderId: bigint;
  readonly dbSizeBytes: number;
  readonly isLearner: boolean;
}

export interface Alarm {
  readonly memberId: bigint;
  /** NOSPACE, CORRUPT, or a number that is neither. */
  readonly name: string;
}

export async function memberStatus(member: MemberCaller): Promise<MemberStatus> {
  const status = await member.unary(Maintenance.Status, {});
  return {
    url: member.url,
    version: status.version,
    clusterId: status.header?.cluster_id ?? 0n,
    memberId: status.header?.member_id ?? 0n,
    leaderId: status.leader,
    dbSizeBytes: status.dbSize,
    isLearner: status.isLearner,
  };
}

/** All alarms that are raised in the cluster. */
export async function activeAlarms(caller: Caller): Promise<Alarm[]> {
  const names: Readonly<Record<number, string>> = { 1: 'NOSPACE', 2: 'CORRUPT' };
  const { alarms } = await caller.unary(Maintenance.Alarm, { action: 0, memberID: 0n, alarm: 0 });
  return alarms.map(({ memberID, alarm }) => ({ memberId: memberID, name: names[alarm] ?? String(alarm) }));
}

/** How many keys start with `prefix`: a linearizable read, so that it sees every write that was answered before. */
export async function countKeys(caller: Caller, prefix: Uint8Array): Promise<number> {
  const { count } = await caller.unary(KV.Range, { key: prefix, range_end: prefixEnd(prefix), count_only: true });
  return count;
}

/** One key that starts with `prefix`, as text; null when there is none. */
export async function anyKey(caller: Caller, prefix: Uint8Array): Promise<string | null> {
  const range = { key: prefix, range_end: prefixEnd(prefix), limit: 1, keys_only: true };
  const { kvs } = await caller.unary(KV.Range, range);
  return kvs[0] === undefined ? null : utf8Text(kvs[0].key);
}

/** What a call to the target has thrown, as something that a person can act on; null when it is none of that: a bug. */
export function targetFailure(thrown: unknown): Failure | null {
  if (thrown instanceof Failure) return thrown;
  if (thrown instanceof ConnectFailure) return failureOfConnect(thrown);
  return thrown instanceof StatusError ? refusalOf(thrown) : null;
}

/** The server is there and says no: mostly a matter of credentials, which is for the user to set right. */
function refusalOf(error: StatusError): Failure {
  if (error.message === 'etcdserver: user name is empty' || error.code === Code.Unauthenticated) {
    return new Failure('AUTH', `the target wants a user: ${error.message}`, { remedy: 'give --user NAME:PASSWORD' });
  }
  if (error.message.startsWith('etcdserver: authentication failed')) {
    return new Failure('AUTH', `the target refuses the user: ${error.message}`, { remedy: 'check --user' });
  }
  if (error.code === Code.PermissionDenied) {
    return new Failure('AUTH', `the target refuses: ${error.message}`, {
      remedy: 'use a user that may read and write the prefix and read the status',
    });
  }
  return new Failure('UNREACHABLE', `the target does not answer: ${error.goText}`, {
    exitCode: ExitCode.unreachable,
    remedy: 'check that it has a leader: etcdctl endpoint status',
  });
}

/** Nothing was written yet: there is nothing to clean up and nothing to report. */
export function interrupted(): Failure {
  return new Failure('INTERRUPTED', 'interrupted before the load began', { exitCode: ExitCode.interrupted });
}
