import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import { checkParent, roundPrefix } from '../../src/bench/key-prefix.ts';
import { isUnbounded, plannedBytes } from '../../src/bench/planned-bytes.ts';
import { askMembers, boundOf, loadEndpoints, preflight, type Guards } from '../../src/bench/preflight.ts';
import { productionOwner } from '../../src/bench/production-prefixes.ts';
import type { Arrival, MixEntry, Phase, Workload } from '../../src/bench/workload.ts';
import { FakeCluster } from '../tools/fake-cluster.ts';

const closed: Arrival = { model: 'closed' };
const open = (fromPerSec: number, toPerSec = fromPerSec): Arrival => ({
  model: 'open',
  spacing: 'constant',
  fromPerSec,
  toPerSec,
});
const put: MixEntry = { op: 'put', weight: 1 };
const range: MixEntry = { op: 'range', weight: 1, serializable: false, limit: 0, span: 'key' };

function phase(fields: Partial<Phase>): Phase {
  return { name: 'p', warmUp: false, arrival: open(100), durationMs: 10_000, count: null, mix: [put], ...fields };
}

function workload(phases: readonly Phase[], preload = 0): Workload {
  return {
    name: 'w',
    description: '',
    clients: 1,
    connections: 1,
    spread: 'all',
    requestTimeoutMs: 5_000,
    seed: 1,
    keys: { sizeBytes: { kind: 'fixed', bytes: 256 }, count: null, order: 'uniform', zipfTheta: 0.99 },
    values: { kind: 'uniform', minBytes: 10, maxBytes: 1_000 },
    preload,
    phases,
    thresholds: {},
  };
}

const guards = (fields: Partial<Guards> = {}): Guards => ({
  workload: workload([phase({})]),
  parent: null,
  maxBytes: null,
  disposable: false,
  ...fields,
});

async function refusal(
  asked: Promise<unknown> | (() => unknown),
): Promise<{ code: string; exitCode: number; line: string }> {
  try {
    await (typeof asked === 'function' ? asked() : asked);
  } catch (thrown) {
    if (thrown instanceof Failure) return { code: thrown.code, exitCode: thrown.exitCode, line: thrown.line };
    throw thrown;
  }
  throw new Error('was not refused');
}

describe('planned bytes', () => {
  // 20 bytes of prefix, keys of 256, values of at most 1,000, 1 KiB of overhead.
  const perPut = 20 + 256 + 1_000 + 1_024;
  it.each([
    { what: 'rate x time', phases: [phase({})], puts: 1_000 },
    { what: 'the mean of a ramp', phases: [phase({ arrival: open(0, 200) })], puts: 1_000 },
    { what: 'a count when that is less', phases: [phase({ count: 7 })], puts: 7 },
    { what: 'a count of a closed loop', phases: [phase({ arrival: closed, durationMs: null, count: 500 })], puts: 500 },
    { what: 'the share of puts', phases: [phase({ mix: [put, { ...range, weight: 3 }] })], puts: 250 },
    { what: 'every put of a transaction', phases: [phase({ mix: [{ op: 'txn', weight: 1, puts: 3 }] })], puts: 3_000 },
    { what: 'no put at all', phases: [phase({ arrival: closed, mix: [range] })], puts: 0 },
    { what: 'all phases', phases: [phase({}), phase({ warmUp: true })], puts: 2_000 },
  ])('count $what', ({ phases, puts }) => {
    expect(plannedBytes(workload(phases), 20)).toBe(puts * perPut);
    expect(isUnbounded(workload(phases))).toBe(false);
  });

  it('count the preload, and are unknown for a closed loop that only time ends', () => {
    expect(plannedBytes(workload([phase({ arrival: closed, mix: [range] })], 50), 20)).toBe(50 * perPut);
    const endless = workload([phase({ arrival: closed })]);
    expect(plannedBytes(endless, 20)).toBeNull();
    expect(isUnbounded(endless)).toBe(true);
  });
});

describe('production prefixes', () => {
  it.each([
    ['/registry', 'Kubernetes'],
    ['/registry/', 'Kubernetes'],
    ['registry/pods', 'Kubernetes'],
    ['/service/main', 'Patroni'],
    ['/coreos.com/network', 'flannel, locksmith and fleet'],
    ['/registry2', null],
    ['/my/registry', null],
    ['/quorumbench/', null],
  ])('%s is %s', (prefix, owner) => expect(productionOwner(prefix)).toBe(owner));

  it.each(['', '/', '//', '/registry', '/calico/x', 'x'.repeat(513)])('"%s" is refused as a parent', async (parent) =>
    expect(await refusal(() => checkParent(parent))).toMatchObject({ code: 'PREFIX', exitCode: 2 }),
  );

  it('a parent gets a random child', () => {
    checkParent('/mine');
    expect(roundPrefix('/mine', 'abc')).toBe('/mine/abc/');
    expect(roundPrefix('/mine/', 'abc')).toBe('/mine/abc/');
  });
});

describe('preflight', () => {
  const run = async (cluster: FakeCluster, fields: Partial<Guards> = {}, quotaBytes: number | null = null) =>
    preflight(guards(fields), cluster, { members: await askMembers([cluster]), quotaBytes });

  it('lets a healthy target pass, under a prefix that was never used', async () => {
    const cluster = new FakeCluster();
    cluster.put('/registry/pods/a', '/quorumbench/other/run');
    const [first, second] = [await run(cluster), await run(cluster)];
    expect(first).toMatchObject({ bound: null, version: '3.4.23', dbSizeBytes: 20_480 });
    expect(first.prefix).toMatch(/^\/quorumbench\/[0-9a-f]{16}\/$/);
    expect(second.prefix).not.toBe(first.prefix);
    expect(new Set(cluster.calls)).toEqual(new Set(['Status', 'Alarm', 'Range']));
  });

  it.each([
    { alarms: [1], names: 'NOSPACE' },
    { alarms: [2], names: 'CORRUPT' },
    { alarms: [1, 2, 1], names: 'NOSPACE and CORRUPT' },
  ])('refuses the alarm $names', async ({ alarms, names }) => {
    const cluster = new FakeCluster();
    cluster.alarms = alarms.map((alarm) => ({ memberID: 1n, alarm }));
    const refused = await refusal(run(cluster));
    expect(refused).toMatchObject({ code: 'ALARM', exitCode: 2 });
    expect(refused.line).toContain(names);
  });

  it('refuses a target without a leader', async () => {
    const cluster = new FakeCluster();
    cluster.status.leader = 0n;
    expect(await refusal(run(cluster))).toMatchObject({ code: 'NO_LEADER', exitCode: 6 });
  });

  it.each(['/mine/x', '/mine', '/mine2'])('refuses the parent /mine when %s is there', async (key) => {
    const cluster = new FakeCluster();
    cluster.put('/other', key);
    const refused = await refusal(run(cluster, { parent: '/mine' }));
    expect(refused).toMatchObject({ code: 'PREFIX', exitCode: 2 });
    expect(refused.line).toContain(key);
  });

  it('refuses an endless closed loop against a cluster, not against a server of ours', async () => {
    const endless = workload([phase({ arrival: closed })]);
    const cluster = new FakeCluster();
    expect(await refusal(run(cluster, { workload: endless }))).toMatchObject({ code: 'UNBOUNDED', exitCode: 2 });
    const eighty = Math.floor((2 * 1024 ** 3 - 20_480) * 0.8);
    const quota = { bound: { bytes: eighty, name: "the bound that the target's quota sets" } };
    expect(await run(cluster, { workload: endless, disposable: true })).toMatchObject(quota);
    expect(await run(cluster, { workload: endless, maxBytes: 1e12 })).toMatchObject(quota);
    const asked = { bound: { bytes: 1e6, name: '--max-bytes' } };
    expect(await run(cluster, { workload: endless, maxBytes: 1e6 })).toMatchObject(asked);
  });

  it.each([
    { what: 'the default quota', quota: null, dbSize: 2 * 1024 ** 3 - 1_000_000 },
    { what: 'a small quota', quota: 1_000_000, dbSize: 0 },
    { what: 'a database that is full', quota: 8e9, dbSize: 9e9 },
  ])('refuses what does not fit below $what', async ({ quota, dbSize }) => {
    const cluster = new FakeCluster();
    cluster.status.dbSize = dbSize;
    expect(await refusal(run(cluster, {}, quota))).toMatchObject({ code: 'HEADROOM', exitCode: 2 });
  });

  it('takes a plan up to the last byte of the headroom', async () => {
    const planned = plannedBytes(guards().workload, 20)!;
    expect(boundOf(guards(), 20, planned)).toBeNull();
    expect(await refusal(() => boundOf(guards(), 20, planned - 1))).toMatchObject({ code: 'HEADROOM' });
    expect(boundOf(guards({ maxBytes: 100 }), 20, 100)).toEqual({ bytes: 100, name: '--max-bytes' });
  });
});

describe('where requests go', () => {
  const member = (memberId: bigint, leaderId: bigint) => ({
    url: '',
    version: '',
    clusterId: 7n,
    memberId,
    leaderId,
    dbSizeBytes: 0,
    isLearner: false,
  });
  const members = [member(1n, 2n), member(2n, 2n), member(3n, 2n)];
  it('is everywhere, or to the leader', () => {
    expect(loadEndpoints('all', ['a', 'b', 'c'], members)).toEqual(['a', 'b', 'c']);
    expect(loadEndpoints('leader', ['a', 'b', 'c'], members)).toEqual(['b']);
  });
  it('is refused when the leader is none of the endpoints', async () =>
    expect(await refusal(() => loadEndpoints('leader', ['a', 'c'], [members[0]!, members[2]!]))).toMatchObject({
      code: 'NO_LEADER',
      exitCode: 2,
    }));
});
