/** What a start says in the log, in etcd's words and fields: people and tools look for these lines. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { ListenUrl, LogFields, NodeConfig, NodeLog } from './config.ts';
import { goDurationText } from './config/go-values.ts';
import { listenAddressText } from './listener.ts';
import type { RestoredLog } from './log-store.ts';
import type { HardState } from './raft/entry.ts';
import { etcdVersion } from './releases.ts';

/** What a member runs with: the first thing to look at when one misbehaves. `isInitialized`: there are data already. */
export function saySettings(log: NodeLog, config: NodeConfig, isInitialized: boolean, ownVersion: string): void {
  log.info('starting an etcd server', {
    ...programFields(ownVersion),
    'member-initialized': isInitialized,
    ...memberFields(config),
    ...limitFields(config),
  });
}

/** Who it is, and whether it was here before. */
export function sayMember(log: NodeLog, restored: RestoredLog, hardState: HardState): void {
  const ids = {
    'local-member-id': restored.memberId.toString(16),
    'cluster-id': restored.clusterId.toString(16),
  };
  if (restored.existed) log.info('restarting local member', { ...ids, 'commit-index': hardState.commit });
  else log.info('starting local member', ids);
}

/** One pair for each listener; tools wait for the first. */
export function sayReady(log: NodeLog, urls: readonly ListenUrl[]): void {
  for (const url of urls) {
    const address = listenAddressText(url);
    log.info('ready to serve client requests');
    log.info('serving client traffic insecurely; this is strongly discouraged!', { traffic: 'grpc+http', address });
  }
}

function programFields(ownVersion: string): LogFields {
  return {
    'etcd-version': etcdVersion,
    'quorumbench-version': ownVersion,
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
