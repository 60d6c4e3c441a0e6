/**
 * Names, numbers and types of fields as a real etcd has them, which our own proto files cannot vouch for: the same
 * request goes through gRPC (our bytes) and through etcd's JSON gateway (its names), and both answers must be one.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeepPartial } from '../../../src/api/message.ts';
import {
  Cluster,
  Election,
  KV,
  Lease,
  Lock,
  Maintenance,
  methodByPath,
  Watch,
  Auth,
} from '../../../src/api/methods.ts';
import type { Method } from '../../../src/api/methods.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { messageTypes, type AnyMessage } from '../../tools/api-messages.ts';
import { startEtcd, type Etcd } from '../../tools/etcd.ts';
import { gatewayJson, type Json } from '../../tools/gateway-json.ts';
import { readProtoSchema } from '../../tools/proto-schema.ts';
import { RawGrpc } from '../../tools/raw-grpc.ts';

const schema = readProtoSchema();
let etcd: Etcd;
let grpc: RawGrpc;

beforeAll(async () => {
  etcd = await startEtcd();
  grpc = new RawGrpc(`127.0.0.1:${etcd.clientPort}`);
});
afterAll(async () => {
  grpc.close();
  await etcd.stop();
});

/** Different in two calls that are otherwise the same: only that they are there is compared. */
const fleeting = new Set([
  'revision',
  'raft_term',
  'raftIndex',
  'raftAppliedIndex',
  'dbSize',
  'dbSizeInUse',
  'hash',
  'create_revision',
  'mod_revision',
  'version',
  'TTL',
  'rev',
]);

function steady(value: Json): Json {
  if (Array.isArray(value)) return value.map(steady);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, fleeting.has(name) ? typeof item : steady(item)]),
  );
}

async function gateway(path: string, body: Json): Promise<Json> {
  const controller = new AbortController();
  const response = await fetch(`${etcd.url}/v3${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    signal: controller.signal,
  });
  const reader = response.body!.getReader();
  let text = '';
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    text += Buffer.from(chunk.value).toString();
    if (text.includes('\n')) break; // a stream writes a line per message
  }
  controller.abort();
  const answer = JSON.parse(text.split('\n')[0]!) as { result?: Json };
  return answer.result ?? answer;
}

interface Row {
  readonly path: string;
  readonly request: AnyMessage;
  readonly at: string;
}

function row<Q>(method: Method<Q, unknown>, at: string, request: DeepPartial<Q> & object): Row {
  return { path: method.path, at, request: request as AnyMessage };
}

const key = utf8('k');
const lease = 0x7fff_ffff_ffff_fff1n;
const put = { $case: 'request_put', value: { key, value: utf8('v'), lease, prev_kv: true } } as const;
const range = { $case: 'request_range', value: { key, range_end: utf8('l') } } as const;

/** In order: later rows stand on earlier ones. The ones that change something are done twice, once each way. */
const rows: readonly Row[] = [
  row(Lease.LeaseTimeToLive, '/lease/timetolive', { ID: lease, keys: true }),
  row(KV.Put, '/kv/put', { key, value: utf8('v'), lease, prev_kv: true }),
  row(KV.Put, '/kv/put', { key, prev_kv: true, ignore_value: true, ignore_lease: true }),
  row(KV.Range, '/kv/range', { key, range_end: Uint8Array.of(0), sort_order: 2, sort_target: 4 }),
  row(KV.Range, '/kv/range', {
    key,
    limit: 5,
    keys_only: true,
    serializable: true,
    min_mod_revision: 1,
    max_mod_revision: 9e15,
  }),
  row(KV.Range, '/kv/range', {
    key,
    count_only: true,
    min_create_revision: 1,
    max_create_revision: Number.MAX_SAFE_INTEGER,
  }),
  row(KV.Range, '/kv/range', { key, revision: 2 }),
  row(KV.Txn, '/kv/txn', {
    compare: [
      { key, result: 1, target: 0, target_union: { $case: 'version', value: 0 } },
      { key, result: 3, target: 1, target_union: { $case: 'create_revision', value: -1 } },
      { key, result: 2, target: 2, target_union: { $case: 'mod_revision', value: 9e15 } },
      { key, result: 3, target: 3, target_union: { $case: 'value', value: utf8('other') } },
      { key, result: 0, target: 4, target_union: { $case: 'lease', value: lease }, range_end: utf8('l') },
    ],
    success: [
      { request: put },
      { request: range },
      { request: { $case: 'request_txn', value: { success: [{ request: range }] } } },
    ],
    failure: [{ request: { $case: 'request_delete_range', value: { key } } }],
  }),
  row(KV.Txn, '/kv/txn', {
    success: [
      {
        request: {
          $case: 'request_delete_range',
          value: { key: utf8('none'), range_end: utf8('nonf'), prev_kv: true },
        },
      },
    ],
  }),
  row(KV.DeleteRange, '/kv/deleterange', { key: utf8('none'), prev_kv: true }),
  row(Lease.LeaseTimeToLive, '/lease/timetolive', { ID: lease, keys: true }),
  row(Lease.LeaseLeases, '/lease/leases', {}),
  row(Lease.LeaseKeepAlive, '/lease/keepalive', { ID: lease }),
  row(Watch.Watch, '/watch', {
    request_union: {
      $case: 'create_request',
      value: {
        key,
        range_end: utf8('l'),
        start_revision: 1,
        progress_notify: true,
        filters: [1],
        prev_kv: true,
        watch_id: 77n,
        fragment: true,
      },
    },
  }),
  row(Cluster.MemberList, '/cluster/member/list', {}),
  row(Maintenance.Status, '/maintenance/status', {}),
  row(Maintenance.Defragment, '/maintenance/defragment', {}),
  row(Auth.UserList, '/auth/user/list', {}),
  row(Auth.RoleList, '/auth/role/list', {}),
  row(Auth.UserGet, '/auth/user/get', { name: 'alice' }),
  row(Auth.RoleGet, '/auth/role/get', { role: 'reader' }),
  row(Auth.UserChangePassword, '/auth/user/changepw', { name: 'alice', password: 'secret' }),
  row(Auth.UserGrantRole, '/auth/user/grant', { user: 'alice', role: 'reader' }),
  row(Auth.RoleGrantPermission, '/auth/role/grant', {
    name: 'reader',
    perm: { permType: 2, key, range_end: utf8('z') },
  }),
  row(Auth.RoleGet, '/auth/role/get', { role: 'reader' }),
  row(Lock.Lock, '/lock/lock', { name: utf8('mutex'), lease }),
  row(Lock.Unlock, '/lock/unlock', { key: utf8('no-lock') }),
  row(Election.Campaign, '/election/campaign', { name: utf8('seat'), lease, value: utf8('me') }),
  row(Election.Leader, '/election/leader', { name: utf8('seat') }),
  row(Maintenance.Alarm, '/maintenance/alarm', { action: 1, memberID: 5n, alarm: 2 }),
  row(Maintenance.Alarm, '/maintenance/alarm', { action: 0 }),
];

it('what the rows stand on', async () => {
  const call = <Q>(method: Method<Q, unknown>, request: DeepPartial<Q>) =>
    grpc.unary(method.path, method.request.encode(request));
  await call(Lease.LeaseGrant, { ID: lease, TTL: 600 });
  await call(KV.Put, { key, value: utf8('v'), lease });
  await call(Auth.UserAdd, { name: 'alice', password: 'secret' });
  await call(Auth.RoleAdd, { name: 'reader' });
  const granted = await gateway('/lease/timetolive', { ID: String(lease) });
  expect(granted).toMatchObject({ ID: String(lease), grantedTTL: '600' });
});

describe('gRPC and the gateway say the same', () => {
  it.each(rows.map((each, i) => ({ ...each, name: `${i} ${each.path}` })))('$name', async ({ path, at, request }) => {
    const method = methodByPath.get(path)!;
    const bytes = method.request.encode(request);
    const streams = method.clientStreaming;
    const reply = streams ? (await grpc.stream(path, bytes))[0]! : await grpc.unary(path, bytes);
    const decoded = method.response.decode(reply) as AnyMessage;
    const whole = messageTypes.get(method.request.name)!.fromPartial(request as never);
    const theirs = await gateway(at, gatewayJson(schema, method.request.name, whole));
    expect(steady(gatewayJson(schema, method.response.name, decoded))).toEqual(steady(theirs));
    // Nothing came that our message does not have: writing it again gives as many bytes.
    expect(method.response.encode(decoded as never).length).toBe(reply.length);
  });
});
