/** The log line that says what a member runs with, under etcd's names: the first thing to look at when one misbehaves. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { ListenUrl, LogFields, NodeConfig } from '../node/config.ts';
import { goDurationText } from '../node/config/go-values.ts';
import { etcdVersion } from '../node/releases.ts';
import { toolVersion } from './tool-version.ts';

/** `initialized`: there are data already. */
export function startFields(config: NodeConfig, initialized: boolean): LogFields {
  return { ...programFields(), 'member-initialized': initialized, ...memberFields(config), ...limitFields(config) };
}

function programFields(): LogFields {
  return {
    'etcd-version': etcdVersion,
    'quorumbench-version': toolVersion(),
    'node-version': process.version,
    os: process.platform,
    arch: process.arch,
    'max-cpu-available': availableParallelism(),
  };
}

function memberFields(config: NodeConfig): LogFields {
  return {
    name: config.name,
    'data-dir': config.dataDir,
    'wal-dir': config.walDir ?? '',
    'member-dir': join(config.dataDir, 'member'),
    'heartbeat-interval': goDurationText(config.heartbeatIntervalMs),
    'election-timeout': goDurationText(config.electionTimeoutMs),
    'initial-advertise-peer-urls': config.initialAdvertisePeerUrls,
    'advertise-client-urls': config.advertiseClientUrls,
    'listen-client-urls': config.listenClientUrls.map(textOf),
    'listen-metrics-urls': config.listenMetricsUrls.map(textOf),
    cors: config.corsOrigins,
    'host-whitelist': config.hostWhitelist,
    'initial-cluster': config.initialCluster,
    'initial-cluster-state': config.initialClusterState,
    'initial-cluster-token': config.initialClusterToken,
  };
}

function limitFields(config: NodeConfig): LogFields {
  return {
    'snapshot-count': config.snapshotCount,
    'snapshot-catchup-entries': config.snapshotCatchupEntries,
    'quota-backend-bytes': config.quotaBackendBytes,
    'backend-batch-limit': config.backendBatchLimit,
    'backend-batch-interval': goDurationText(config.backendBatchIntervalMs),
    'max-request-bytes': config.maxRequestBytes,
    'max-txn-ops': config.maxTxnOps,
    'max-concurrent-streams': config.maxConcurrentStreams,
  };
}

function textOf({ text }: ListenUrl): string {
  return text;
}
