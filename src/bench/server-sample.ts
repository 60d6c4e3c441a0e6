/** etcd's metrics -> the figures a run keeps of them (names and units: etcd's own, all releases from 3.4 on). */
import type { Exposition } from '../metrics/exposition.ts';
import { histogramQuantile, histogramSince, type Histogram } from '../metrics/histogram.ts';
import type { ServerSample } from './result.ts';

const walFsync = 'etcd_disk_wal_fsync_duration_seconds';
const backendCommit = 'etcd_disk_backend_commit_duration_seconds';

/** `before` is the scrape before this one: quantiles are of what was observed since. */
export function serverSample(atMs: number, now: Exposition, before: Exposition | null): ServerSample {
  const hasLeader = now.value('etcd_server_has_leader');
  return {
    atMs,
    walFsyncP99Ms: before === null ? null : p99Ms(now.histogram(walFsync), before.histogram(walFsync)),
    backendCommitP99Ms: before === null ? null : p99Ms(now.histogram(backendCommit), before.histogram(backendCommit)),
    proposalsPending: now.value('etcd_server_proposals_pending'),
    proposalsFailedTotal: now.value('etcd_server_proposals_failed_total'),
    leaderChangesTotal: now.value('etcd_server_leader_changes_seen_total'),
    hasLeader: hasLeader === null ? null : hasLeader === 1,
    dbSizeBytes: now.value('etcd_mvcc_db_total_size_in_bytes'),
    rssBytes: now.value('process_resident_memory_bytes'),
    cpuSecondsTotal: now.value('process_cpu_seconds_total'),
  };
}

/** The quota that the member enforces; null when it does not say. */
export function quotaBytes(exposition: Exposition): number | null {
  const quota = exposition.value('etcd_server_quota_backend_bytes');
  return quota === null || !(quota > 0) ? null : quota;
}

function p99Ms(now: Histogram | null, before: Histogram | null): number | null {
  if (now === null) return null;
  const seconds = histogramQuantile(0.99, histogramSince(before, now));
  return seconds === null ? null : seconds * 1e3;
}
