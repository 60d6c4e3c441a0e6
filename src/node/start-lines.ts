/** What a start says in the log, in etcd's words and fields: people and tools look for these lines. */
import type { ListenUrl, NodeConfig, NodeLog } from './config.ts';
import { listenAddressText } from './listener.ts';
import type { RestoredLog } from './log-store.ts';
import type { HardState } from './raft/entry.ts';
import { etcdVersion } from './releases.ts';

/** What will run, and with what. */
export function saySettings(log: NodeLog, config: NodeConfig, ownVersion: string): void {
  log.info('starting an etcd server', {
    'etcd-version': etcdVersion,
    'quorumbench-version': ownVersion,
    'node-version': process.version,
    name: config.name,
    'data-dir': config.dataDir,
    'wal-dir': config.walDir ?? '',
    'heartbeat-interval': `${config.heartbeatIntervalMs}ms`,
    'election-timeout': `${config.electionTimeoutMs}ms`,
    'snapshot-count': config.snapshotCount,
    'snapshot-catchup-entries': config.snapshotCatchupEntries,
    'initial-advertise-peer-urls': config.initialAdvertisePeerUrls,
    'advertise-client-urls': config.advertiseClientUrls,
    'listen-client-urls': textsOf(config.listenClientUrls),
    'listen-metrics-urls': textsOf(config.listenMetricsUrls),
    'initial-cluster': config.initialCluster,
    'initial-cluster-state': config.initialClusterState,
    'initial-cluster-token': config.initialClusterToken,
    'quota-backend-bytes': config.quotaBackendBytes,
    'max-request-bytes': config.maxRequestBytes,
    'max-concurrent-streams': config.maxConcurrentStreams,
  });
}

function textsOf(urls: readonly ListenUrl[]): readonly string[] {
  return urls.map(({ text }) => text);
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
