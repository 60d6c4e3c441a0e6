/**
 * /metrics of a real node, under a little load: names, types and labels as a real etcd has them, no complaint of promtool's
 * that it does not make of etcd too, and a real Prometheus that scrapes it.
 */
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KV } from '../../../src/api/methods.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { Client } from '../../../src/client/client.ts';
import { defaultChannelSettings } from '../../../src/client/connect.ts';
import { parseEndpoint } from '../../../src/client/endpoint.ts';
import { parseExposition } from '../../../src/metrics/exposition.ts';
import { startEtcd, type Etcd } from '../../tools/etcd.ts';
import { startNode, type BenchNode } from '../../tools/node.ts';
import { startPrometheus, type Prometheus } from '../../tools/prometheus.ts';

const puts = 25;

let node: BenchNode;
let etcd: Etcd;
let client: Client;
let text: string;
let etcdText: string;
beforeAll(async () => {
  node = await startNode({ args: ['--metrics=extensive'] });
  etcd = await startEtcd({ args: ['--metrics=extensive'] });
  client = new Client({
    endpoints: [parseEndpoint(node.url)],
    channel: defaultChannelSettings,
    user: null,
    timeoutMs: 10_000,
  });
  for (let i = 0; i < puts; i++) await client.unary(KV.Put, { key: utf8(`k${i}`), value: utf8('v') });
  await client.unary(KV.Range, { key: utf8('k0') });
  await client.unary(KV.DeleteRange, { key: utf8('k0') });
  await expect(client.unary(KV.Put, { key: utf8('') })).rejects.toThrow('key is not provided');
  text = await scrape(node.url);
  etcdText = await scrape(etcd.url);
});
afterAll(async () => {
  await client.close();
  await Promise.all([node.stop(), etcd.stop()]);
});

const scrape = async (url: string): Promise<string> => (await fetch(`${url}/metrics`)).text();

describe('what the node tells', () => {
  const unary = (method: string): Record<string, string> => ({
    grpc_type: 'unary',
    grpc_service: 'etcdserverpb.KV',
    grpc_method: method,
  });

  it.each([
    ['etcd_server_has_leader', {}, 1],
    ['etcd_server_is_leader', {}, 1],
    ['etcd_server_leader_changes_seen_total', {}, 1],
    ['etcd_server_quota_backend_bytes', {}, 2_147_483_648],
    ['etcd_server_version', { server_version: '3.7.1' }, 1],
    ['etcd_cluster_version', { cluster_version: '3.7' }, 1],
    ['etcd_server_proposals_pending', {}, 0],
    ['etcd_mvcc_put_total', {}, puts],
    ['etcd_mvcc_delete_total', {}, 1],
    ['etcd_debugging_mvcc_current_revision', {}, puts + 2],
    ['etcd_debugging_mvcc_keys_total', {}, puts],
    ['grpc_server_started_total', unary('Put'), puts + 1],
    ['grpc_server_handled_total', { ...unary('Put'), grpc_code: 'OK' }, puts],
    ['grpc_server_handled_total', { ...unary('Put'), grpc_code: 'InvalidArgument' }, 1],
    ['grpc_server_handled_total', { ...unary('Range'), grpc_code: 'DataLoss' }, 0],
    ['grpc_server_handling_seconds_count', unary('Put'), puts + 1],
  ])('%s %o is %d', (name, labels, value) => expect(parseExposition(text).value(name, labels)).toBe(value));

  it.each(['etcd_disk_wal_fsync_duration_seconds', 'etcd_disk_wal_write_duration_seconds'])(
    '%s counts at least one a put',
    (name) => expect(parseExposition(text).value(`${name}_count`)).toBeGreaterThanOrEqual(puts),
  );

  it('counts bytes both ways, on the disk and in memory', () => {
    const { value } = { value: (name: string) => parseExposition(text).value(name) };
    for (const name of [
      'etcd_network_client_grpc_received_bytes_total',
      'etcd_network_client_grpc_sent_bytes_total',
      'etcd_disk_wal_write_bytes_total',
      'etcd_mvcc_db_total_size_in_bytes',
      'etcd_mvcc_db_total_size_in_use_in_bytes',
      'process_resident_memory_bytes',
    ])
      expect(value(name), name).toBeGreaterThan(0);
  });
});

describe('beside etcd', () => {
  it('every metric that both have is of one type, with the same labels and buckets', () => {
    const [ours, theirs] = [shapes(text), shapes(etcdText)];
    const common = [...ours.keys()].filter((name) => theirs.has(name));
    expect(common.length).toBeGreaterThan(45);
    for (const name of common) expect(ours.get(name), name).toEqual(theirs.get(name));
  });

  it('every metric of ours with an etcd name is in the reference', async () => {
    const reference = await readFile(new URL('../../node/recorded/metric-names.txt', import.meta.url), 'utf8');
    const known = new Set(reference.split('\n'));
    const unknown = [...shapes(text).keys()].filter((name) => !name.startsWith('quorumbench_') && !known.has(name));
    expect(unknown).toEqual([]);
  });

  it('promtool says nothing of it that it does not say of etcd', () => {
    const said = (input: string): string[] =>
      spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' }).stderr.split('\n').filter(Boolean);
    const theirs = new Set(said(etcdText));
    expect(theirs.size).toBeGreaterThan(5);
    expect(said(text).filter((line) => !theirs.has(line))).toEqual([]);
  });

  /** From name to type, label names and bucket bounds; `le` and what a histogram adds to its name belong to the type. */
  function shapes(exposition: string): Map<string, string> {
    const all = new Map<string, Set<string>>();
    let name = '';
    for (const line of exposition.split('\n')) {
      const announced = /^# TYPE (\S+) (\S+)/.exec(line);
      if (announced !== null) all.set((name = announced[1]!), new Set([announced[2]!]));
      if (line.startsWith('#') || line === '') continue;
      for (const label of line.matchAll(/[{,](\w+)="/g)) all.get(name)!.add(label[1]!);
      const bound = /le="([^"]+)"/.exec(line);
      if (bound !== null) all.get(name)!.add(`le ${Number(bound[1])}`);
    }
    return new Map([...all].map(([each, parts]) => [each, [...parts].sort().join(', ')]));
  }
});

describe('Prometheus', () => {
  let prometheus: Prometheus;
  beforeAll(async () => {
    prometheus = await startPrometheus(new URL(node.url).host);
  });
  afterAll(() => prometheus.stop());

  it.each([
    ['up', 1],
    ['etcd_mvcc_put_total', puts],
    ['sum(grpc_server_handled_total{grpc_service="etcdserverpb.KV",grpc_method="Put"})', puts + 1],
    ['etcd_server_has_leader', 1],
  ])('reads %s', (expression, value) =>
    expect.poll(() => prometheus.query(expression), { timeout: 20_000, interval: 200 }).toBe(value),
  );

  it('sees a put within two scrapes', async () => {
    await client.unary(KV.Put, { key: utf8('late'), value: utf8('v') });
    await expect.poll(() => prometheus.query('etcd_mvcc_put_total'), { timeout: 10_000 }).toBe(puts + 1);
  });
});
