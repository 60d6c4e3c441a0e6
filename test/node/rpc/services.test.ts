/** MemberList, Status and Alarm; what all services do with metadata; what is counted of each method. */
import { describe, expect, it } from 'vitest';
import { etcdErrors } from '../../../src/api/errors.ts';
import { Cluster, KV, Lease, Maintenance, Watch, type UnaryMethod } from '../../../src/api/methods.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { Replies } from '../../wire/loopback.ts';
import { RpcRig } from './rig.ts';

const member = 0x8e9e05c52164694dn;
const header = { cluster_id: 0xcdf818194e3a8c32n, member_id: member, raft_term: 2 };

describe('Status', () => {
  it('tells the state of the member', async () => {
    const rig = new RpcRig({ quotaBackendBytes: 2_147_483_648 });
    rig.call(KV.Put, { key: utf8('a') });
    rig.call(KV.Put, { key: utf8('a') });
    await rig.flush();
    const { response } = rig.call(Maintenance.Status, {});
    expect(response).toEqual({
      header: { ...header, revision: 3 },
      version: '3.7.1',
      dbSize: rig.storage.sizeBytes,
      dbSizeInUse: rig.storage.sizeInUseBytes,
      dbSizeQuota: 2_147_483_648,
      leader: member,
      raftIndex: 2,
      raftAppliedIndex: 2,
      raftTerm: 2,
      isLearner: false,
      errors: [],
      storageVersion: '',
      downgradeInfo: { enabled: false, targetVersion: '' },
    });
    expect(response.dbSize).toBeGreaterThan(0);
  });

  it("names what is wrong, in etcd's words", () => {
    const rig = new RpcRig();
    rig.call(Maintenance.Alarm, { action: 1, memberID: 1n, alarm: 1 });
    rig.call(Maintenance.Alarm, { action: 1, memberID: member, alarm: 2 });
    rig.status.leader = 0n;
    expect(rig.call(Maintenance.Status, {}).response).toMatchObject({
      leader: 0n,
      dbSizeQuota: 0,
      errors: ['etcdserver: no leader', 'memberID:1 alarm:NOSPACE ', `memberID:${member} alarm:CORRUPT `],
    });
  });
});

describe('Alarm', () => {
  it('is raised, listed and lowered through the log', () => {
    const rig = new RpcRig();
    const nospace = { memberID: member, alarm: 1 as const };
    expect(rig.call(Maintenance.Alarm, { action: 1, ...nospace }).response).toEqual({
      header: { ...header, revision: 1 },
      alarms: [nospace],
    });
    expect(rig.call(Maintenance.Alarm, { action: 0 }).response.alarms).toEqual([nospace]);
    expect(rig.call(Maintenance.Alarm, { action: 2, ...nospace }).response.alarms).toEqual([nospace]);
    expect(rig.call(Maintenance.Alarm, { action: 2, ...nospace }).response.alarms).toEqual([]);
    expect(rig.call(Maintenance.Alarm, {}).response.alarms).toEqual([]);
    expect(rig.log.length).toBe(5);
  });
});

describe('MemberList', () => {
  it('has a header without revision, and asks the leader only when it is told to', () => {
    const rig = new RpcRig();
    expect(rig.call(Cluster.MemberList, {}).response).toEqual({ header: { ...header, revision: 0 }, members: [] });
    rig.status.leader = 0n;
    expect(rig.call(Cluster.MemberList, {}).code).toBe(0);
    expect(rig.call(Cluster.MemberList, { linearizable: true })).toMatchObject({ code: 14 });
    rig.status.leader = member;
    expect(rig.call(Cluster.MemberList, { linearizable: true }).code).toBe(0);
  });
});

describe('what is not built yet', () => {
  it.each([
    { method: Cluster.MemberAdd, message: 'unknown method MemberAdd for service etcdserverpb.Cluster' },
    { method: Maintenance.Defragment, message: 'unknown method Defragment for service etcdserverpb.Maintenance' },
    { method: Lease.LeaseGrant, message: 'unknown service etcdserverpb.Lease' },
    { method: Watch.Watch, message: 'unknown service etcdserverpb.Watch' },
  ])('$method.name: $message', ({ method, message }) => {
    expect(new RpcRig().call(method as unknown as UnaryMethod<unknown, unknown>, {})).toMatchObject({
      code: 12,
      message,
    });
  });
});

describe('metadata', () => {
  const calls: readonly (readonly [UnaryMethod<unknown, unknown>, object])[] = [
    [KV.Put, { key: utf8('a') }],
    [KV.Range, { key: utf8('a'), serializable: true }],
    [KV.Range, { key: utf8('a'), range_end: utf8('b'), serializable: true }],
    [KV.Txn, {}],
    [Maintenance.Status, {}],
  ];

  it.each([
    { says: 'hasleader', metadata: [['hasleader', 'true']], leader: 0n, message: 'etcdserver: no leader' },
    { says: 'hasleader, and there is one', metadata: [['hasleader', 'true']], leader: member, message: '' },
    { says: 'hasleader of false', metadata: [['hasleader', 'false']], leader: 0n, message: '' },
    { says: 'none', metadata: [], leader: 0n, message: '' },
  ] as const)('$says', ({ metadata, leader, message }) => {
    const rig = new RpcRig();
    rig.status.leader = leader;
    for (const [method, request] of calls) {
      expect(rig.call(method, request, metadata)).toMatchObject({ code: message === '' ? 0 : 14, message });
    }
    expect([...rig.callers.versions]).toEqual([{ version: 'unknown', unaryCalls: calls.length, streams: 0 }]);
    const counted = rig.methods.started.reduce((sum, each) => sum + each, 0);
    expect(counted).toBe(message === '' ? calls.length : 0); // etcd refuses before it counts
  });

  it('counts callers by API version, but not more versions than a label may have', () => {
    const rig = new RpcRig();
    for (let i = 0; i < 100; i++) rig.call(KV.Txn, {}, [['client-api-version', `3.${i % 50}.0`]]);
    rig.call(KV.Txn, {}, [['client-api-version', 'x'.repeat(65)]]);
    const versions = [...rig.callers.versions];
    expect(versions.slice(0, 2)).toEqual([
      { version: '3.0.0', unaryCalls: 2, streams: 0 },
      { version: '3.1.0', unaryCalls: 2, streams: 0 },
    ]);
    expect(versions.length).toBe(33);
    expect(versions.find(({ version }) => version === 'unknown')?.unaryCalls).toBe(101 - 2 * 32);
  });
});

describe('counters', () => {
  it('count each method by how it ended, and how long it took when that is wanted', () => {
    const rig = new RpcRig({ withLatencies: true });
    rig.clock.lookMs = 30;
    rig.call(KV.Put, { key: utf8('a') });
    rig.call(KV.Put, {});
    rig.failure = etcdErrors.TIMEOUT;
    rig.call(KV.Put, { key: utf8('a') });
    const row = rig.methods.rowOf(KV.Put.path);
    expect(rig.methods.rows[row]).toEqual({ type: 'unary', service: 'etcdserverpb.KV', method: 'Put' });
    expect([rig.methods.started[row], rig.methods.messagesReceived[row], rig.methods.messagesSent[row]]).toEqual([
      3, 3, 1,
    ]);
    const handled = rig.methods.handled.subarray(row * 17, row * 17 + 17);
    expect([handled[0], handled[3], handled[14]]).toEqual([1, 1, 1]);
    const seconds = rig.methods.handlingSeconds![row]!;
    expect([seconds.observations, [...seconds.counts].indexOf(3)]).toEqual([3, 3]); // each took one look: 30 ms
    expect(new RpcRig().methods.handlingSeconds).toBe(null);
  });

  it('count a caller that went away as gone, though its put is applied', () => {
    const rig = new RpcRig();
    rig.running = false;
    const replies = new Replies();
    rig.loop.client.cancel(rig.start(KV.Put, { key: utf8('a') }, replies));
    rig.start(KV.Put, { key: utf8('b') }, replies, { timeoutMs: 100 });
    rig.loop.advance(101);
    rig.clock.ms = rig.loop.nowMs;
    rig.running = true;
    rig.settle();
    expect(replies.all.map(({ code }) => code)).toEqual([1, 4]);
    const row = rig.methods.rowOf(KV.Put.path);
    expect([...rig.methods.handled.subarray(row * 17, row * 17 + 5)]).toEqual([0, 1, 0, 0, 1]);
    expect(rig.call(KV.Range, { key: utf8('a') }).response.count).toBe(1); // etcd: a proposal outlives who made it
    expect(rig.call(KV.Range, { key: utf8('b') }).response.count).toBe(1);
  });
});
