/**
 * What to do about a call that failed: the rules of etcd's clientv3, a little stricter where a repetition would show.
 * A call that reads may be repeated whenever the server was unavailable; one that writes only when no server has seen it.
 */
import { Auth, Cluster, Health, KV, Lease, Maintenance } from '../api/methods.ts';
import { etcdErrors } from '../api/errors.ts';
import { Code, type StatusError } from '../wire/status.ts';

/** Methods whose repetition changes nothing. */
const repeatable: ReadonlySet<string> = new Set(
  [
    KV.Range,
    Lease.LeaseTimeToLive,
    Lease.LeaseLeases,
    Cluster.MemberList,
    Maintenance.Status,
    Maintenance.Hash,
    Maintenance.HashKV,
    Auth.Authenticate,
    Auth.AuthStatus,
    Auth.UserGet,
    Auth.UserList,
    Auth.RoleGet,
    Auth.RoleList,
    Health.Check,
  ].map((method) => method.path),
);

export function isRepeatable(path: string): boolean {
  return repeatable.has(path);
}

export interface FailedCall {
  readonly error: StatusError;
  /** It may run twice without harm. */
  readonly repeatable: boolean;
  /** No server has seen it: refused connection, stream beyond a GOAWAY, REFUSED_STREAM. */
  readonly unseen: boolean;
  readonly hadToken: boolean;
  readonly hasUser: boolean;
}

/**
 * `refresh`: authenticate again, then repeat (the server refused before it did anything). `elsewhere`: repeat, on the
 * next endpoint; of Unavailable answers the server's own ("no leader", "leader changed", "request timed out") count too.
 */
export function remedyFor(call: FailedCall): 'refresh' | 'elsewhere' | 'give up' {
  if (call.hasUser && tokenIsBad(call)) return 'refresh';
  if (call.error.code !== Code.Unavailable) return 'give up';
  return call.unseen || call.repeatable ? 'elsewhere' : 'give up';
}

function tokenIsBad({ error, hadToken }: FailedCall): boolean {
  switch (error.message) {
    case etcdErrors.INVALID_AUTH_TOKEN.message:
    case etcdErrors.AUTH_OLD_REVISION.message:
      return true;
    case etcdErrors.USER_EMPTY.message:
      return !hadToken; // authentication was switched on after we had found it off
    default:
      return false;
  }
}
