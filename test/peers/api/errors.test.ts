/** The error table held against a real etcd: the same mistakes, the same code and the same message to the byte. */
import type { ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { etcdErrorKey, etcdErrors, type EtcdErrorKey } from '../../../src/api/errors.ts';
import type { DeepPartial } from '../../../src/api/message.ts';
import { Auth, Cluster, Election, KV, Lease, Lock, Maintenance, type Method } from '../../../src/api/methods.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { startEtcd, type Etcd } from '../../tools/etcd.ts';
import { RawGrpc } from '../../tools/raw-grpc.ts';

let etcd: Etcd;
let grpc: RawGrpc;
const key = utf8('k');
const lease = 42n;

function call<Q>(method: Method<Q, unknown>, request: DeepPartial<Q>): Promise<Buffer> {
  return grpc.unary(method.path, method.request.encode(request));
}

beforeAll(async () => {
  etcd = await startEtcd();
  grpc = new RawGrpc(`127.0.0.1:${etcd.clientPort}`);
  await call(KV.Put, { key });
  await call(KV.Put, { key });
  await call(KV.Compact, { revision: 2 });
  await call(Lease.LeaseGrant, { ID: lease, TTL: 600 });
  await call(Auth.UserAdd, { name: 'alice', password: 'p' });
  await call(Auth.RoleAdd, { name: 'reader' });
});
afterAll(async () => {
  grpc.close();
  await etcd.stop();
});

interface Mistake {
  readonly key: EtcdErrorKey;
  readonly make: () => Promise<Buffer>;
}

function mistake<Q>(expected: EtcdErrorKey, method: Method<Q, unknown>, request: DeepPartial<Q>): Mistake {
  return { key: expected, make: () => call(method, request) };
}

const putK = { request: { $case: 'request_put', value: { key } } } as const;
const peerUrl = () =>
  call(Cluster.MemberList, {}).then((bytes) => Cluster.MemberList.response.decode(bytes).members[0]!);

const mistakes: readonly Mistake[] = [
  mistake('EMPTY_KEY', KV.Put, {}),
  mistake('EMPTY_KEY', KV.Range, {}),
  mistake('KEY_NOT_FOUND', KV.Put, { key: utf8('none'), ignore_value: true }),
  mistake('KEY_NOT_FOUND', KV.Txn, { success: [{}] }),
  mistake('VALUE_PROVIDED', KV.Put, { key, value: key, ignore_value: true }),
  mistake('LEASE_PROVIDED', KV.Put, { key, lease: 1n, ignore_lease: true }),
  mistake('TOO_MANY_OPS', KV.Txn, { success: Array<typeof putK>(129).fill(putK) }),
  mistake('DUPLICATE_KEY', KV.Txn, { success: [putK, putK] }),
  mistake('COMPACTED', KV.Range, { key, revision: 1 }),
  mistake('COMPACTED', KV.Compact, { revision: 1 }),
  mistake('FUTURE_REV', KV.Range, { key, revision: 1_000_000 }),
  mistake('LEASE_NOT_FOUND', KV.Put, { key, lease: 7n }),
  mistake('LEASE_NOT_FOUND', Lease.LeaseRevoke, { ID: 7n }),
  mistake('LEASE_EXIST', Lease.LeaseGrant, { ID: lease, TTL: 60 }),
  mistake('LEASE_TTL_TOO_LARGE', Lease.LeaseGrant, { TTL: 9_000_000_001 }),
  mistake('REQUEST_TOO_LARGE', KV.Put, { key, value: new Uint8Array(1_600_000) }),
  mistake('MEMBER_BAD_URLS', Cluster.MemberAdd, { peerURLs: ['nonsense'] }),
  mistake('MEMBER_NOT_FOUND', Cluster.MemberRemove, { ID: 7n }),
  { key: 'PEER_URL_EXIST', make: async () => call(Cluster.MemberAdd, { peerURLs: (await peerUrl()).peerURLs }) },
  { key: 'MEMBER_NOT_LEARNER', make: async () => call(Cluster.MemberPromote, { ID: (await peerUrl()).ID }) },
  mistake('BAD_LEADER_TRANSFEREE', Maintenance.MoveLeader, { targetID: 7n }),
  mistake('ROOT_USER_NOT_EXIST', Auth.AuthEnable, {}),
  mistake('USER_ALREADY_EXIST', Auth.UserAdd, { name: 'alice', password: 'p' }),
  mistake('USER_EMPTY', Auth.UserAdd, { password: 'p' }),
  mistake('USER_NOT_FOUND', Auth.UserGet, { name: 'bob' }),
  mistake('ROLE_ALREADY_EXIST', Auth.RoleAdd, { name: 'reader' }),
  mistake('ROLE_NOT_FOUND', Auth.RoleGet, { role: 'writer' }),
  mistake('ROLE_NOT_GRANTED', Auth.UserRevokeRole, { name: 'alice', role: 'reader' }),
  mistake('PERMISSION_NOT_GRANTED', Auth.RoleRevokePermission, { role: 'reader', key }),
  mistake('AUTH_NOT_ENABLED', Auth.Authenticate, { name: 'alice', password: 'p' }),
  mistake('ELECTION_NO_LEADER', Election.Leader, { name: key }),
  mistake('ELECTION_LEADER_MISSING', Election.Resign, {}),
];

describe('etcd answers as the table says', () => {
  it.each(mistakes.map((each, i) => ({ ...each, name: `${i} ${each.key}` })))(
    '$name',
    async ({ key: expected, make }) => {
      const error = (await make().then(
        () => null,
        (thrown: unknown) => thrown,
      )) as ServiceError;
      expect(error?.details).toBe(etcdErrors[expected].message);
      expect(error.code).toBe(etcdErrors[expected].grpcBefore36);
    },
  );

  it('except through services that lose the code', async () => {
    const error = (await call(Lock.Lock, { name: key, lease: 7n }).catch((thrown: unknown) => thrown)) as ServiceError;
    expect({ code: error.code, key: etcdErrorKey(error.details) }).toEqual({ code: 2, key: 'LEASE_NOT_FOUND' });
  });
});
