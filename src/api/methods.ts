/**
 * The method table: every RPC of etcd's API with its path, its codecs and how it streams. Clients and servers are
 * written against these rows, so that `client.unary(KV.Put, { key, value })` knows both of its types.
 */
import { codecOf, type Codec } from './codec.ts';
import type { MessageFns } from './message.ts';
import * as kvMessages from './gen/etcdserverpb/kv.ts';
import * as watchMessages from './gen/etcdserverpb/watch.ts';
import * as leaseMessages from './gen/etcdserverpb/lease.ts';
import * as clusterMessages from './gen/etcdserverpb/cluster.ts';
import * as maintenanceMessages from './gen/etcdserverpb/maintenance.ts';
import * as authMessages from './gen/etcdserverpb/auth.ts';
import * as lockMessages from './gen/v3lockpb/lock.ts';
import * as electionMessages from './gen/v3electionpb/election.ts';
import * as healthMessages from './gen/grpc/health/v1/health.ts';

export interface Method<Request, Response> {
  /** What goes into :path. */
  readonly path: string;
  /** The service's full name. */
  readonly service: string;
  readonly name: string;
  readonly request: Codec<Request>;
  readonly response: Codec<Response>;
  readonly clientStreaming: boolean;
  readonly serverStreaming: boolean;
  /** The first release that serves it; '3.4' when it is older than all that we compare with. */
  readonly since: string;
}

export interface UnaryMethod<Request, Response> extends Method<Request, Response> {
  readonly clientStreaming: false;
  readonly serverStreaming: false;
}

/** One request, many responses. */
export interface ServerStreamingMethod<Request, Response> extends Method<Request, Response> {
  readonly clientStreaming: false;
  readonly serverStreaming: true;
}

/** Requests and responses flow independently. */
export interface DuplexMethod<Request, Response> extends Method<Request, Response> {
  readonly clientStreaming: true;
  readonly serverStreaming: true;
}

type MessageOf<Fns> = Fns extends MessageFns<infer T> ? T : never;

/** What makes the rows of one service: `messages` is the generated module that holds its requests and responses. */
class Service<Messages extends object> {
  readonly #name: string;
  readonly #package: string;
  readonly #messages: Messages;

  constructor(name: string, messages: Messages) {
    this.#name = name;
    this.#package = name.slice(0, name.lastIndexOf('.'));
    this.#messages = messages;
  }

  unary<Q extends keyof Messages & string, R extends keyof Messages & string>(
    name: string,
    request: Q,
    response: R,
    since = '3.4',
  ): UnaryMethod<MessageOf<Messages[Q]>, MessageOf<Messages[R]>> {
    return { ...this.#row(name, request, response, since), clientStreaming: false, serverStreaming: false };
  }

  serverStreaming<Q extends keyof Messages & string, R extends keyof Messages & string>(
    name: string,
    request: Q,
    response: R,
    since = '3.4',
  ): ServerStreamingMethod<MessageOf<Messages[Q]>, MessageOf<Messages[R]>> {
    return { ...this.#row(name, request, response, since), clientStreaming: false, serverStreaming: true };
  }

  duplex<Q extends keyof Messages & string, R extends keyof Messages & string>(
    name: string,
    request: Q,
    response: R,
    since = '3.4',
  ): DuplexMethod<MessageOf<Messages[Q]>, MessageOf<Messages[R]>> {
    return { ...this.#row(name, request, response, since), clientStreaming: true, serverStreaming: true };
  }

  #row<Q extends keyof Messages & string, R extends keyof Messages & string>(
    name: string,
    request: Q,
    response: R,
    since: string,
  ): {
    path: string;
    service: string;
    name: string;
    request: Codec<MessageOf<Messages[Q]>>;
    response: Codec<MessageOf<Messages[R]>>;
    since: string;
  } {
    const path = `/${this.#name}/${name}`;
    return { path, service: this.#name, name, request: this.#codec(request), response: this.#codec(response), since };
  }

  #codec<Name extends keyof Messages & string>(name: Name): Codec<MessageOf<Messages[Name]>> {
    return codecOf(`${this.#package}.${name}`, this.#messages[name] as MessageFns<MessageOf<Messages[Name]>>);
  }
}

const kv = new Service('etcdserverpb.KV', kvMessages);
export const KV = {
  Range: kv.unary('Range', 'RangeRequest', 'RangeResponse'),
  RangeStream: kv.serverStreaming('RangeStream', 'RangeRequest', 'RangeStreamResponse', '3.7'),
  Put: kv.unary('Put', 'PutRequest', 'PutResponse'),
  DeleteRange: kv.unary('DeleteRange', 'DeleteRangeRequest', 'DeleteRangeResponse'),
  Txn: kv.unary('Txn', 'TxnRequest', 'TxnResponse'),
  Compact: kv.unary('Compact', 'CompactionRequest', 'CompactionResponse'),
} as const;

const watch = new Service('etcdserverpb.Watch', watchMessages);
export const Watch = {
  Watch: watch.duplex('Watch', 'WatchRequest', 'WatchResponse'),
} as const;

const lease = new Service('etcdserverpb.Lease', leaseMessages);
export const Lease = {
  LeaseGrant: lease.unary('LeaseGrant', 'LeaseGrantRequest', 'LeaseGrantResponse'),
  LeaseRevoke: lease.unary('LeaseRevoke', 'LeaseRevokeRequest', 'LeaseRevokeResponse'),
  LeaseKeepAlive: lease.duplex('LeaseKeepAlive', 'LeaseKeepAliveRequest', 'LeaseKeepAliveResponse'),
  LeaseTimeToLive: lease.unary('LeaseTimeToLive', 'LeaseTimeToLiveRequest', 'LeaseTimeToLiveResponse'),
  LeaseLeases: lease.unary('LeaseLeases', 'LeaseLeasesRequest', 'LeaseLeasesResponse'),
} as const;

const cluster = new Service('etcdserverpb.Cluster', clusterMessages);
export const Cluster = {
  MemberAdd: cluster.unary('MemberAdd', 'MemberAddRequest', 'MemberAddResponse'),
  MemberRemove: cluster.unary('MemberRemove', 'MemberRemoveRequest', 'MemberRemoveResponse'),
  MemberUpdate: cluster.unary('MemberUpdate', 'MemberUpdateRequest', 'MemberUpdateResponse'),
  MemberList: cluster.unary('MemberList', 'MemberListRequest', 'MemberListResponse'),
  MemberPromote: cluster.unary('MemberPromote', 'MemberPromoteRequest', 'MemberPromoteResponse'),
} as const;

const maintenance = new Service('etcdserverpb.Maintenance', maintenanceMessages);
export const Maintenance = {
  Alarm: maintenance.unary('Alarm', 'AlarmRequest', 'AlarmResponse'),
  Status: maintenance.unary('Status', 'StatusRequest', 'StatusResponse'),
  Defragment: maintenance.unary('Defragment', 'DefragmentRequest', 'DefragmentResponse'),
  Hash: maintenance.unary('Hash', 'HashRequest', 'HashResponse'),
  HashKV: maintenance.unary('HashKV', 'HashKVRequest', 'HashKVResponse'),
  Snapshot: maintenance.serverStreaming('Snapshot', 'SnapshotRequest', 'SnapshotResponse'),
  MoveLeader: maintenance.unary('MoveLeader', 'MoveLeaderRequest', 'MoveLeaderResponse'),
  Downgrade: maintenance.unary('Downgrade', 'DowngradeRequest', 'DowngradeResponse', '3.5'),
} as const;

const auth = new Service('etcdserverpb.Auth', authMessages);
export const Auth = {
  AuthEnable: auth.unary('AuthEnable', 'AuthEnableRequest', 'AuthEnableResponse'),
  AuthDisable: auth.unary('AuthDisable', 'AuthDisableRequest', 'AuthDisableResponse'),
  AuthStatus: auth.unary('AuthStatus', 'AuthStatusRequest', 'AuthStatusResponse', '3.5'),
  Authenticate: auth.unary('Authenticate', 'AuthenticateRequest', 'AuthenticateResponse'),
  UserAdd: auth.unary('UserAdd', 'AuthUserAddRequest', 'AuthUserAddResponse'),
  UserGet: auth.unary('UserGet', 'AuthUserGetRequest', 'AuthUserGetResponse'),
  UserList: auth.unary('UserList', 'AuthUserListRequest', 'AuthUserListResponse'),
  UserDelete: auth.unary('UserDelete', 'AuthUserDeleteRequest', 'AuthUserDeleteResponse'),
  UserChangePassword: auth.unary(
    'UserChangePassword',
    'AuthUserChangePasswordRequest',
    'AuthUserChangePasswordResponse',
  ),
  UserGrantRole: auth.unary('UserGrantRole', 'AuthUserGrantRoleRequest', 'AuthUserGrantRoleResponse'),
  UserRevokeRole: auth.unary('UserRevokeRole', 'AuthUserRevokeRoleRequest', 'AuthUserRevokeRoleResponse'),
  RoleAdd: auth.unary('RoleAdd', 'AuthRoleAddRequest', 'AuthRoleAddResponse'),
  RoleGet: auth.unary('RoleGet', 'AuthRoleGetRequest', 'AuthRoleGetResponse'),
  RoleList: auth.unary('RoleList', 'AuthRoleListRequest', 'AuthRoleListResponse'),
  RoleDelete: auth.unary('RoleDelete', 'AuthRoleDeleteRequest', 'AuthRoleDeleteResponse'),
  RoleGrantPermission: auth.unary(
    'RoleGrantPermission',
    'AuthRoleGrantPermissionRequest',
    'AuthRoleGrantPermissionResponse',
  ),
  RoleRevokePermission: auth.unary(
    'RoleRevokePermission',
    'AuthRoleRevokePermissionRequest',
    'AuthRoleRevokePermissionResponse',
  ),
} as const;

const lock = new Service('v3lockpb.Lock', lockMessages);
export const Lock = {
  Lock: lock.unary('Lock', 'LockRequest', 'LockResponse'),
  Unlock: lock.unary('Unlock', 'UnlockRequest', 'UnlockResponse'),
} as const;

const election = new Service('v3electionpb.Election', electionMessages);
export const Election = {
  Campaign: election.unary('Campaign', 'CampaignRequest', 'CampaignResponse'),
  Proclaim: election.unary('Proclaim', 'ProclaimRequest', 'ProclaimResponse'),
  Leader: election.unary('Leader', 'LeaderRequest', 'LeaderResponse'),
  Observe: election.serverStreaming('Observe', 'LeaderRequest', 'LeaderResponse'),
  Resign: election.unary('Resign', 'ResignRequest', 'ResignResponse'),
} as const;

const health = new Service('grpc.health.v1.Health', healthMessages);
export const Health = {
  Check: health.unary('Check', 'HealthCheckRequest', 'HealthCheckResponse'),
  Watch: health.serverStreaming('Watch', 'HealthCheckRequest', 'HealthCheckResponse'),
} as const;

/** Every row, by path: for those who route or list, and need no types. */
export const methodByPath: ReadonlyMap<string, Method<unknown, unknown>> = new Map(
  [KV, Watch, Lease, Cluster, Maintenance, Auth, Lock, Election, Health].flatMap(rowsByPath),
);

function rowsByPath(service: Readonly<Record<string, Method<unknown, unknown>>>): [string, Method<unknown, unknown>][] {
  return Object.values(service).map((method) => [method.path, method]);
}
