/**
 * Every error that etcd answers with, in one table: match on the key, show the remedy. The messages equal etcd's to the
 * byte, because its clients compare them; a test holds them against the answers of a real etcd. Longer than most files
 * because it is one table.
 */

/** The gRPC status codes that etcd uses (grpc/doc/statuscodes.md). */
const Code = {
  Canceled: 1,
  Unknown: 2,
  InvalidArgument: 3,
  DeadlineExceeded: 4,
  NotFound: 5,
  PermissionDenied: 7,
  ResourceExhausted: 8,
  FailedPrecondition: 9,
  OutOfRange: 11,
  Unavailable: 14,
  DataLoss: 15,
  Unauthenticated: 16,
} as const;
type Code = (typeof Code)[keyof typeof Code];

export interface EtcdError {
  /** The status code on the wire. Where etcd declares one and sends another, the one that it sends. */
  readonly grpc: number;
  /** The same before 3.6, where it was another one. */
  readonly grpcBefore36: number;
  /** The whole message, prefix included. */
  readonly message: string;
  readonly remedy: string;
  /** The first release that raises it; '3.4' when it is older than all that we compare with. */
  readonly since: string;
}

interface Details {
  readonly olderCode?: Code;
  readonly since?: string;
}

function row(grpc: Code, message: string, remedy: string, details: Details = {}): EtcdError {
  return { grpc, grpcBefore36: details.olderCode ?? grpc, message, remedy, since: details.since ?? '3.4' };
}

export const etcdErrors = {
  EMPTY_KEY: row(Code.InvalidArgument, 'etcdserver: key is not provided', 'Give a key that is not empty.'),
  KEY_NOT_FOUND: row(
    Code.InvalidArgument,
    'etcdserver: key not found',
    'Put the key with a value and a lease first; ignore_value and ignore_lease keep what is there.',
  ),
  VALUE_PROVIDED: row(
    Code.InvalidArgument,
    'etcdserver: value is provided',
    'Leave the value empty when ignore_value is set.',
  ),
  LEASE_PROVIDED: row(
    Code.InvalidArgument,
    'etcdserver: lease is provided',
    'Leave the lease 0 when ignore_lease is set.',
  ),
  TOO_MANY_OPS: row(
    Code.InvalidArgument,
    'etcdserver: too many operations in txn request',
    'Split the transaction, or raise --max-txn-ops.',
  ),
  DUPLICATE_KEY: row(
    Code.InvalidArgument,
    'etcdserver: duplicate key given in txn request',
    'Put each key once per branch, and do not delete it in the same branch.',
  ),
  INVALID_CLIENT_API_VERSION: row(
    Code.InvalidArgument,
    'etcdserver: invalid client api version',
    'Send valid UTF-8 in the metadata key client-api-version.',
    { since: '3.6' },
  ),
  INVALID_SORT_OPTION: row(
    Code.InvalidArgument,
    'etcdserver: invalid sort option',
    'Use a sort order and a sort target that the API defines.',
    { since: '3.6' },
  ),
  COMPACTED: row(
    Code.OutOfRange,
    'etcdserver: mvcc: required revision has been compacted',
    'Read at a newer revision; start watches after the compacted one.',
  ),
  FUTURE_REV: row(
    Code.OutOfRange,
    'etcdserver: mvcc: required revision is a future revision',
    'Read at a revision that the cluster has reached.',
  ),
  NO_SPACE: row(
    Code.ResourceExhausted,
    'etcdserver: mvcc: database space exceeded',
    'Compact, defragment every member, then disarm the alarm; or raise --quota-backend-bytes.',
  ),
  LEASE_NOT_FOUND: row(
    Code.NotFound,
    'etcdserver: requested lease not found',
    'Grant the lease again: it expired or was revoked.',
  ),
  LEASE_EXIST: row(
    Code.FailedPrecondition,
    'etcdserver: lease already exists',
    'Choose another lease id, or 0 to be given one.',
  ),
  LEASE_TTL_TOO_LARGE: row(Code.OutOfRange, 'etcdserver: too large lease TTL', 'Grant at most 9,000,000,000 seconds.'),
  WATCH_CANCELED: row(
    Code.Canceled,
    'etcdserver: watch canceled',
    'Watch again from the revision after the last event.',
  ),
  MEMBER_EXIST: row(
    Code.FailedPrecondition,
    'etcdserver: member ID already exist',
    'The member was added already: list the members.',
  ),
  PEER_URL_EXIST: row(
    Code.FailedPrecondition,
    'etcdserver: Peer URLs already exists',
    'Give the new member peer URLs that no other member has.',
  ),
  MEMBER_NOT_ENOUGH_STARTED: row(
    Code.Unknown,
    'etcdserver: re-configuration failed due to not enough started members',
    'Start the members that were added before changing the membership again.',
  ),
  MEMBER_BAD_URLS: row(
    Code.InvalidArgument,
    'etcdserver: given member URLs are invalid',
    'Give peer URLs as http://host:port or https://host:port.',
  ),
  MEMBER_NOT_FOUND: row(Code.NotFound, 'etcdserver: member not found', 'Use an id from the member list.'),
  MEMBER_NOT_LEARNER: row(
    Code.FailedPrecondition,
    'etcdserver: can only promote a learner member',
    'Promote a learner; this member votes already.',
  ),
  LEARNER_NOT_READY: row(
    Code.FailedPrecondition,
    'etcdserver: can only promote a learner member which is in sync with leader',
    'Wait until the learner has caught up with the leader.',
  ),
  TOO_MANY_LEARNERS: row(
    Code.FailedPrecondition,
    'etcdserver: too many learner members in cluster',
    'Promote or remove the present learner first, or raise --max-learners.',
  ),
  CLUSTER_ID_MISMATCH: row(
    Code.FailedPrecondition,
    'etcdserver: cluster ID mismatch',
    'Point the peer URLs at members of the same cluster.',
    { since: '3.5' },
  ),
  REQUEST_TOO_LARGE: row(
    Code.InvalidArgument,
    'etcdserver: request is too large',
    'Split the request, or raise --max-request-bytes.',
  ),
  REQUEST_TOO_MANY_REQUESTS: row(
    Code.Unknown,
    'etcdserver: too many requests',
    'Send more slowly: the member applies later than it commits.',
  ),
  ROOT_USER_NOT_EXIST: row(
    Code.FailedPrecondition,
    'etcdserver: root user does not exist',
    'Add the user root before enabling authentication.',
  ),
  ROOT_ROLE_NOT_EXIST: row(
    Code.FailedPrecondition,
    'etcdserver: root user does not have root role',
    'Grant the role root to the user root before enabling authentication.',
  ),
  USER_ALREADY_EXIST: row(
    Code.FailedPrecondition,
    'etcdserver: user name already exists',
    'Choose another name, or change the existing user.',
  ),
  USER_EMPTY: row(
    Code.InvalidArgument,
    'etcdserver: user name is empty',
    'Give a user name; with authentication on, every call needs credentials.',
  ),
  USER_NOT_FOUND: row(Code.FailedPrecondition, 'etcdserver: user name not found', 'Add the user first.'),
  ROLE_ALREADY_EXIST: row(
    Code.FailedPrecondition,
    'etcdserver: role name already exists',
    'Choose another name, or change the existing role.',
  ),
  ROLE_NOT_FOUND: row(Code.FailedPrecondition, 'etcdserver: role name not found', 'Add the role first.'),
  ROLE_EMPTY: row(Code.InvalidArgument, 'etcdserver: role name is empty', 'Give a role name.'),
  AUTH_FAILED: row(
    Code.InvalidArgument,
    'etcdserver: authentication failed, invalid user ID or password',
    'Check the user name and the password.',
  ),
  PERMISSION_NOT_GIVEN: row(
    Code.InvalidArgument,
    'etcdserver: permission not given',
    'Say which permission to grant.',
    { since: '3.5' },
  ),
  PERMISSION_DENIED: row(
    Code.PermissionDenied,
    'etcdserver: permission denied',
    'Grant the user a role with permission on these keys.',
  ),
  ROLE_NOT_GRANTED: row(
    Code.FailedPrecondition,
    'etcdserver: role is not granted to the user',
    'The user does not have this role: nothing to revoke.',
  ),
  PERMISSION_NOT_GRANTED: row(
    Code.FailedPrecondition,
    'etcdserver: permission is not granted to the role',
    'Revoke a permission with exactly the key and range end it was granted with.',
  ),
  AUTH_NOT_ENABLED: row(
    Code.FailedPrecondition,
    'etcdserver: authentication is not enabled',
    'Leave out the user, or enable authentication.',
  ),
  INVALID_AUTH_TOKEN: row(
    Code.Unauthenticated,
    'etcdserver: invalid auth token',
    'Authenticate again: the token expired or the member restarted.',
  ),
  INVALID_AUTH_MGMT: row(
    Code.InvalidArgument,
    'etcdserver: invalid auth management',
    'Keep the user root, the role root and their bond while authentication is on.',
  ),
  AUTH_OLD_REVISION: row(
    Code.InvalidArgument,
    'etcdserver: revision of auth store is old',
    'Authenticate again: users or roles changed since the token was given.',
  ),
  NO_LEADER: row(
    Code.Unavailable,
    'etcdserver: no leader',
    'Find out why the members elect no leader: who is down, who cannot reach whom.',
  ),
  NOT_LEADER: row(Code.FailedPrecondition, 'etcdserver: not leader', 'Send the request to the leader.'),
  LEADER_CHANGED: row(Code.Unavailable, 'etcdserver: leader changed', 'Try again.'),
  NOT_CAPABLE: row(
    Code.FailedPrecondition,
    'etcdserver: not capable',
    'Wait until every member runs a release with this API.',
    { olderCode: Code.Unavailable },
  ),
  STOPPED: row(Code.Unavailable, 'etcdserver: server stopped', 'Use another member: this one is shutting down.'),
  TIMEOUT: row(
    Code.Unavailable,
    'etcdserver: request timed out',
    'Look for slow disks, a lost quorum or an overloaded leader.',
  ),
  TIMEOUT_DUE_TO_LEADER_FAIL: row(
    Code.Unavailable,
    'etcdserver: request timed out, possibly due to previous leader failure',
    'Try again: the leader was lost; whether the write happened is not known.',
  ),
  TIMEOUT_DUE_TO_CONNECTION_LOST: row(
    Code.Unavailable,
    'etcdserver: request timed out, possibly due to connection lost',
    'Check the network between the members; whether the write happened is not known.',
  ),
  TIMEOUT_WAIT_APPLIED_INDEX: row(
    Code.Unavailable,
    'etcdserver: request timed out, waiting for the applied index took too long',
    'The member applies too slowly: look at its disk and CPU.',
  ),
  UNHEALTHY: row(
    Code.Unavailable,
    'etcdserver: unhealthy cluster',
    'Bring the other members back before changing the membership.',
  ),
  CORRUPT: row(
    Code.DataLoss,
    'etcdserver: corrupt cluster',
    'Stop writing; find the member whose hash differs and replace it.',
  ),
  NOT_SUPPORTED_FOR_LEARNER: row(
    Code.FailedPrecondition,
    'etcdserver: rpc not supported for learner',
    'Send the request to a voting member.',
    { olderCode: Code.Unavailable },
  ),
  BAD_LEADER_TRANSFEREE: row(
    Code.FailedPrecondition,
    'etcdserver: bad leader transferee',
    'Name a voting member other than the leader.',
  ),
  WRONG_DOWNGRADE_VERSION_FORMAT: row(
    Code.InvalidArgument,
    'etcdserver: wrong downgrade target version format',
    'Write the version as MAJOR.MINOR.',
    { since: '3.5' },
  ),
  INVALID_DOWNGRADE_TARGET_VERSION: row(
    Code.InvalidArgument,
    'etcdserver: invalid downgrade target version',
    'Downgrade by exactly one minor version.',
    { since: '3.5' },
  ),
  CLUSTER_VERSION_UNAVAILABLE: row(
    Code.FailedPrecondition,
    'etcdserver: cluster version not found during downgrade',
    'Wait until the cluster version is decided.',
    { olderCode: Code.Unavailable, since: '3.5' },
  ),
  DOWNGRADE_IN_PROCESS: row(
    Code.FailedPrecondition,
    'etcdserver: cluster has a downgrade job in progress',
    'Cancel or finish the downgrade that is running.',
    { since: '3.5' },
  ),
  NO_INFLIGHT_DOWNGRADE: row(
    Code.FailedPrecondition,
    'etcdserver: no inflight downgrade job',
    'No downgrade is running: nothing to cancel.',
    { since: '3.5' },
  ),
  CANCELED: row(Code.Canceled, 'etcdserver: request canceled', 'The caller gave the request up.', { since: '3.5' }),
  DEADLINE_EXCEEDED: row(
    Code.DeadlineExceeded,
    'etcdserver: context deadline exceeded',
    'Allow more time, and look for a lost quorum or a slow disk.',
    { since: '3.5' },
  ),

  // Not in etcd's own table: these come through unmapped, so their code is Unknown and most lack the prefix.
  NO_PASSWORD_USER: row(
    Code.Unknown,
    'auth: authentication failed, password was given for no password user',
    'Authenticate this user by its client certificate.',
  ),
  UNMAPPED_PERMISSION_DENIED: row(
    Code.Unknown,
    'auth: permission denied',
    'Grant the user the role root: maintenance needs it.',
  ),
  UNMAPPED_USER_EMPTY: row(
    Code.Unknown,
    'auth: user name is empty',
    'Give a user name; with authentication on, every call needs credentials.',
  ),
  ELECTION_NO_LEADER: row(Code.Unknown, 'election: no leader', 'Campaign first: nobody holds this election.'),
  ELECTION_NOT_LEADER: row(Code.Unknown, 'election: not leader', 'Campaign again: the election was lost.'),
  ELECTION_LEADER_MISSING: row(
    Code.Unknown,
    '"leader" field must be provided',
    'Send the leader key that Campaign answered with.',
  ),
  PROPOSAL_DEADLINE_EXCEEDED: row(
    Code.DeadlineExceeded,
    'context deadline exceeded',
    'Find out why the members elect no leader, or allow more time.',
  ),
} as const satisfies Readonly<Record<string, EtcdError>>;

/** What to match on. */
export type EtcdErrorKey = keyof typeof etcdErrors;

const keyByMessage = new Map(Object.entries(etcdErrors).map(([key, error]) => [error.message, key as EtcdErrorKey]));

/** The key of a message that a server answered with, or null when etcd has no such error. */
export function etcdErrorKey(message: string): EtcdErrorKey | null {
  return keyByMessage.get(message) ?? null;
}

/** The row of a message that a server answered with, or null when etcd has no such error. */
export function etcdErrorOf(message: string): EtcdError | null {
  const key = etcdErrorKey(message);
  return key === null ? null : etcdErrors[key];
}

/** An error or a value, told apart by a field that no value has. */
export function isError<T extends object>(result: T | EtcdError): result is EtcdError {
  return 'grpc' in result;
}
