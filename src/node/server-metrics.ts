/**
 * /metrics of the node: etcd's names (docs/etcd-facts.md, metric names) over the plain numbers that its parts count, for all
 * that exists so far. What only we have is called quorumbench_*.
 */
import { MetricSet } from '../metrics/metric-set.ts';
import { addProcessMetrics } from '../metrics/process-metrics.ts';
import { codeName } from '../wire/status.ts';
import type { WireCounters } from '../wire/counters.ts';
import type { Storage } from './ports.ts';
import type { Requests } from './requests.ts';
import type { CallerVersion } from './rpc/callers.ts';
import { codeCount, type MethodCounters } from './rpc/method-counters.ts';
import type { ServerMeters } from './server-meters.ts';

/** Whatever is counted, read when somebody scrapes. */
export interface MetricSources {
  readonly requests: Requests;
  readonly storage: Pick<Storage, 'sizeBytes' | 'sizeInUseBytes'>;
  readonly meters: ServerMeters;
  readonly methods: MethodCounters;
  readonly callerVersions: () => Iterable<CallerVersion>;
  /** Over all client listeners. */
  readonly wire: () => Pick<WireCounters, 'bytesReceived' | 'bytesSent'>;
  readonly health: HealthCounters;
  /** `--quota-backend-bytes` as it works; Infinity is none. */
  readonly quotaBytes: number;
  /** The etcd release that we answer as, and our own. */
  readonly etcdVersion: string;
  readonly ownVersion: string;
  readonly startedUnixMs: number;
  /** Monotonic. */
  readonly nowMs: () => number;
}

/** Of /health, /livez and /readyz. */
export interface HealthCounters {
  readonly successes: number;
  readonly failures: number;
  readonly checks: Iterable<HealthCheckCount>;
}

export interface HealthCheckCount {
  readonly type: 'livez' | 'readyz';
  readonly name: string;
  readonly successes: number;
  readonly errors: number;
  readonly lastSucceeded: boolean;
}

/** `stop` ends what observes the event loop. */
export function serverMetrics(sources: MetricSources): { readonly metrics: MetricSet; readonly stop: () => void } {
  const set = new MetricSet(sources.nowMs);
  addServer(set, sources);
  addProposals(set, sources);
  addHealth(set, sources.health);
  addDisk(set, sources);
  addStore(set, sources);
  addMethods(set, sources);
  const { stop } = addProcessMetrics(set, sources.startedUnixMs);
  return { metrics: set, stop };
}

function addServer(set: MetricSet, { requests, quotaBytes, etcdVersion, ownVersion }: MetricSources): void {
  const { status, state } = requests;
  const label = (name: string, help: string, labels: () => Record<string, string> | null): void =>
    set.vector(name, 'gauge', help, () => {
      const known = labels();
      return known === null ? [] : [[known, 1]];
    });
  label('etcd_server_version', 'The release whose answers this member gives.', () => ({ server_version: etcdVersion }));
  label('etcd_server_go_version', 'The runtime.', () => ({ server_go_version: `node ${process.version}` }));
  label('etcd_server_id', 'The member.', () => ({ server_id: status.memberId.toString(16) }));
  label('etcd_cluster_version', 'The release that all members can do.', () => minorOf(state.clusterVersion));
  label('quorumbench_version', 'Our own release.', () => ({ version: ownVersion }));
  set.gauge('etcd_server_has_leader', '1 if a leader is known.', () => flag(status.leader !== 0n));
  set.gauge('etcd_server_is_leader', '1 if this member is the leader.', () => flag(status.isLeader));
  set.gauge('etcd_server_is_learner', '1 if this member is a learner.', () => flag(status.isLearner));
  set.gauge('etcd_server_quota_backend_bytes', 'Size at which the backend takes no more.', () =>
    quotaBytes === Infinity ? 0 : quotaBytes,
  );
  set.counter('etcd_server_leader_changes_seen_total', 'Changes of leader.', () => status.leaderChangesSeen);
  set.vector('etcd_debugging_server_alarms', 'gauge', 'Raised alarms.', () =>
    state.alarms.map(({ memberID, alarm }) => [
      { server_id: memberID.toString(16), alarm_type: alarmNames[alarm] ?? String(alarm) },
      1,
    ]),
  );
}

const alarmNames: Readonly<Record<number, string>> = { 1: 'NOSPACE', 2: 'CORRUPT' };

function addProposals(set: MetricSet, { requests: { status } }: MetricSources): void {
  set.gauge('etcd_server_proposals_committed_total', 'The commit index.', () => status.commitIndex);
  set.gauge('etcd_server_proposals_applied_total', 'The applied index.', () => status.appliedIndex);
  set.gauge('etcd_server_proposals_pending', 'Proposals without an answer yet.', () => status.proposalsPending);
  set.counter('etcd_server_proposals_failed_total', 'Proposals that failed.', () => status.proposalsFailed);
  set.counter('etcd_server_slow_apply_total', 'Applies above the warning threshold.', () => status.slowApplies);
}

function addHealth(set: MetricSet, health: HealthCounters): void {
  set.counter('etcd_server_health_success', 'Good answers of /health.', () => health.successes);
  set.counter('etcd_server_health_failures', 'Bad answers of /health.', () => health.failures);
  set.vector('etcd_server_healthcheck', 'gauge', 'Last result of a check.', function* () {
    for (const { type, name, lastSucceeded } of health.checks) yield [{ type, name }, flag(lastSucceeded)];
  });
  set.vector('etcd_server_healthchecks_total', 'counter', 'Results of checks.', function* () {
    for (const { type, name, successes, errors } of health.checks) {
      if (successes > 0) yield [{ type, name, status: 'success' }, successes];
      if (errors > 0) yield [{ type, name, status: 'error' }, errors];
    }
  });
}

function addDisk(set: MetricSet, { meters, storage }: MetricSources): void {
  set.histogram('etcd_disk_wal_fsync_duration_seconds', 'Syncs of the WAL.', meters.fsyncSeconds);
  set.histogram('etcd_disk_wal_write_duration_seconds', 'Writes to the WAL.', meters.writeSeconds);
  set.gauge('etcd_disk_wal_write_bytes_total', 'Bytes written to the WAL.', () => meters.writtenBytes);
  set.histogram('etcd_disk_backend_commit_duration_seconds', 'Commits of the backend.', meters.backendCommitSeconds);
  set.histogram('etcd_snap_fsync_duration_seconds', 'Syncs of snapshot files.', meters.snapshotFsyncSeconds);
  const saves = 'etcd_debugging_snap_save_total_duration_seconds';
  set.histogram(saves, 'Saves of snapshot files.', meters.snapshotSaveSeconds);
  set.gauge('etcd_mvcc_db_total_size_in_bytes', 'Size of the backend file.', () => storage.sizeBytes);
  const inUse = 'etcd_mvcc_db_total_size_in_use_in_bytes';
  set.gauge(inUse, 'Size of the pages in use in the backend file.', () => storage.sizeInUseBytes);
}

function addStore(set: MetricSet, { requests }: MetricSources): void {
  const { mvcc } = requests.state;
  const { counters } = mvcc;
  set.counter('etcd_mvcc_put_total', 'Puts.', () => counters.puts);
  set.counter('etcd_mvcc_delete_total', 'Deletes.', () => counters.deletes);
  set.counter('etcd_mvcc_range_total', 'Ranges.', () => counters.ranges);
  set.counter('etcd_mvcc_txn_total', 'Transactions of more than one operation.', () => counters.txns);
  set.gauge('etcd_debugging_mvcc_keys_total', 'Keys in the index, also deleted ones.', () => counters.keys);
  set.gauge('etcd_debugging_mvcc_total_put_size_in_bytes', 'Bytes that were put.', () => counters.putBytes);
  set.gauge('etcd_debugging_mvcc_current_revision', 'The revision of the store.', () => mvcc.revision);
  set.gauge('etcd_debugging_mvcc_compact_revision', 'The compacted revision.', () => mvcc.compactedRevision);
  const removed = 'etcd_debugging_mvcc_db_compaction_keys_total';
  set.counter(removed, 'Revisions removed by compactions.', () => counters.compactedRevisions);
  const last = 'etcd_debugging_mvcc_db_compaction_last';
  set.gauge(last, 'Unix time of the last finished compaction.', () => counters.lastCompactionUnixSeconds);
}

function addMethods(set: MetricSet, { methods, callerVersions, wire }: MetricSources): void {
  const byMethod = (name: string, help: string, counts: Float64Array): void =>
    set.vector(name, 'counter', help, function* () {
      for (let row = 0; row < counts.length; row++) yield [methodLabels(methods, row), counts[row]!];
    });
  byMethod('grpc_server_started_total', 'Calls started.', methods.started);
  byMethod('grpc_server_msg_received_total', 'Messages received.', methods.messagesReceived);
  byMethod('grpc_server_msg_sent_total', 'Messages sent.', methods.messagesSent);
  set.vector('grpc_server_handled_total', 'counter', 'Calls ended.', function* () {
    for (let i = 0; i < methods.handled.length; i++) {
      const labels = methodLabels(methods, Math.floor(i / codeCount));
      yield [{ ...labels, grpc_code: codeName(i % codeCount) }, methods.handled[i]!];
    }
  });
  const { handlingSeconds } = methods;
  if (handlingSeconds !== null)
    set.histogramVector('grpc_server_handling_seconds', 'Time from start to end of a call.', function* () {
      for (let row = 0; row < handlingSeconds.length; row++) yield [methodLabels(methods, row), handlingSeconds[row]!];
    });
  set.vector('etcd_server_client_requests_total', 'counter', 'Requests by API version of the client.', function* () {
    for (const { version, unaryCalls, streams } of callerVersions()) {
      if (unaryCalls > 0) yield [{ type: 'unary', client_api_version: version }, unaryCalls];
      if (streams > 0) yield [{ type: 'stream', client_api_version: version }, streams];
    }
  });
  const received = 'etcd_network_client_grpc_received_bytes_total';
  set.counter(received, 'Bytes from clients, framing included.', () => wire().bytesReceived);
  const sent = 'etcd_network_client_grpc_sent_bytes_total';
  set.counter(sent, 'Bytes to clients, framing included.', () => wire().bytesSent);
}

function methodLabels({ rows }: MethodCounters, row: number): Record<string, string> {
  const { type, service, method } = rows[row]!;
  return { grpc_type: type, grpc_service: service, grpc_method: method };
}

/** `3.7.0` is shown as `3.7` (docs/etcd-facts.md, metric names). */
function minorOf(clusterVersion: string | null): Record<string, string> | null {
  return clusterVersion === null ? null : { cluster_version: clusterVersion.split('.').slice(0, 2).join('.') };
}

function flag(value: boolean): number {
  return value ? 1 : 0;
}
