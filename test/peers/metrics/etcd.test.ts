/** A real etcd scraped, and Prometheus' own histogram_quantile beside ours. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KV } from '../../../src/api/methods.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { createRandom } from '../../../src/base/random.ts';
import { parseEndpoint } from '../../../src/client/endpoint.ts';
import { histogramQuantile, histogramSince, observations, createHistogram } from '../../../src/metrics/histogram.ts';
import { processCpuSeconds } from '../../../src/metrics/process-cpu.ts';
import { Scraper } from '../../../src/metrics/scrape.ts';
import { startEtcd, type Etcd } from '../../tools/etcd.ts';
import { RawGrpc } from '../../tools/raw-grpc.ts';

describe('a running etcd', () => {
  let etcd: Etcd;
  beforeAll(async () => {
    etcd = await startEtcd();
  });
  afterAll(() => etcd.stop());

  it('shows what a run needs, and counts what was done in between', async () => {
    const scraper = new Scraper(parseEndpoint(etcd.url), null);
    const grpc = new RawGrpc(`127.0.0.1:${etcd.clientPort}`);
    const before = (await scraper.scrape()).exposition!;
    for (let i = 0; i < 20; i++) await grpc.unary(KV.Put.path, KV.Put.request.encode({ key: utf8(`k${i}`) }));
    const after = (await scraper.scrape()).exposition!;
    grpc.close();
    scraper.close();
    expect(after.value('etcd_server_has_leader')).toBe(1);
    expect(after.value('etcd_server_leader_changes_seen_total')).toBe(1);
    expect(after.value('etcd_server_proposals_pending')).toBe(0);
    expect(after.value('etcd_mvcc_db_total_size_in_bytes')).toBeGreaterThan(0);
    expect(after.value('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(after.labelValue('etcd_server_version', 'server_version')).toMatch(/^3\.\d+\.\d+$/);
    expect(after.sum('etcd_mvcc_put_total')! - before.sum('etcd_mvcc_put_total')!).toBe(20);
    const name = 'etcd_disk_wal_fsync_duration_seconds';
    const fsyncs = histogramSince(before.histogram(name), after.histogram(name)!);
    expect(observations(fsyncs)).toBeGreaterThanOrEqual(20);
    expect(histogramQuantile(0.99, fsyncs)).toBeGreaterThan(0);
    expect(after.histogram('etcd_disk_backend_commit_duration_seconds')).not.toBeNull();
  });

  it('has used the CPU that /proc says it has', async () => {
    const scraper = new Scraper(parseEndpoint(etcd.url), null);
    const own = (await scraper.scrape()).exposition!.value('process_cpu_seconds_total')!;
    scraper.close();
    expect(Math.abs((await processCpuSeconds(etcd.pid))! - own)).toBeLessThan(0.2);
  });
});

interface Case {
  readonly counts: readonly number[];
  readonly quantile: number;
}

const bounds = [0.001, 0.002, 0.004, 0.008, 0.016, Infinity];

/** `promtool test rules` evaluates histogram_quantile over these buckets and compares with our values. */
function promtoolTest(cases: readonly Case[]): object {
  const series = cases.flatMap(({ counts }, i) =>
    bounds.map((bound, b) => ({
      series: `h_bucket{case="${i}",le="${bound === Infinity ? '+Inf' : bound}"}`,
      values: String(counts[b]),
    })),
  );
  const checks = cases.map(({ counts, quantile }, i) => ({
    expr: `histogram_quantile(${quantile}, h_bucket{case="${i}"})`,
    eval_time: '0s',
    exp_samples: [{ labels: `{case="${i}"}`, value: ourQuantile(counts, quantile) }],
  }));
  return { tests: [{ interval: '1s', input_series: series, promql_expr_test: checks }] };
}

function ourQuantile(counts: readonly number[], quantile: number): number {
  const histogram = createHistogram(new Map(bounds.map((bound, i) => [bound, counts[i]!])), NaN)!;
  return histogramQuantile(quantile, histogram)!;
}

it('quantiles are those of Prometheus', () => {
  const random = createRandom(7);
  const cases = Array.from({ length: 60 }, (): Case => {
    let total = 0;
    const counts = bounds.map(() => (total += random.below(4) === 0 ? 0 : random.below(50)));
    const last = Math.max(1, total);
    return { counts: [...counts.slice(0, -1), last], quantile: [0, 0.25, 0.5, 0.9, 0.99, 1][random.below(6)]! };
  });
  const directory = mkdtempSync(join(tmpdir(), 'qb-promtool-'));
  try {
    const path = join(directory, 'test.yml');
    writeFileSync(path, JSON.stringify(promtoolTest(cases))); // JSON is YAML
    expect(execFileSync('promtool', ['test', 'rules', path], { encoding: 'utf8', stdio: 'pipe' })).toContain('SUCCESS');
  } finally {
    rmSync(directory, { recursive: true });
  }
});
