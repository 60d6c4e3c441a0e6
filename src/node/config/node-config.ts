/**
 * From what was typed, set and written to what the node runs with: command line, then variables, or the file alone. Nothing
 * here touches the world but the one file that it is told to read.
 */
import type { NodeConfig } from '../config.ts';
import { checkValues, logFormatOf, logLevelOf, logOutputsOf } from './checks.ts';
import { readCommandLine } from './command-line.ts';
import { readConfigFile } from './config-file.ts';
import { readEnvironment, variableOf } from './environment.ts';
import { etcdFlags } from './flag-table.ts';
import { FlagValues } from './flag-values.ts';
import type { Notice } from './notice.ts';
import { goQuote } from './go-values.ts';
import { verifyFailure } from './start-failure.ts';

export type ConfigRequest =
  { readonly kind: 'start'; readonly config: NodeConfig } | { readonly kind: 'help' } | { readonly kind: 'version' };

/** The first argument of etcd's two other programs. */
const programs = new Set(['gateway', 'grpc-proxy']);

/**
 * `words` are those after `bench node`. Throws a StartFailure. What is to be said apart from that is put into `notices`: until
 * the configuration is known, so is not where the log goes.
 */
export function readNodeConfig(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  notices: Notice[],
): ConfigRequest {
  if (programs.has(words[0] ?? '')) throw verifyFailure(`${goQuote(words[0]!)} is not built yet`);
  const typed = new FlagValues();
  const rest = readCommandLine(words, typed);
  if (rest === 'help') return { kind: 'help' };
  if (rest[0] !== undefined) throw verifyFailure(`${goQuote(rest[0])} is not a valid flag`);
  if (typed.bool('version')) return { kind: 'version' };
  const path = typed.text('config-file') || (environment[variableOf('config-file')] ?? '');
  const values = path === '' ? typed : new FlagValues();
  if (path === '') readEnvironment(environment, values, notices);
  else {
    readConfigFile(path, values);
    notices.push({ level: 'info', message: fileNotice, fields: { path } });
  }
  noteRetired(values, notices);
  checkValues(values, path !== '');
  noteHabits(values, notices);
  return { kind: 'start', config: configOf(values) };
}

const fileNotice =
  'loaded server configuration, other configuration command line flags and environment variables will be ignored if provided';

function noteRetired(values: FlagValues, notices: Notice[]): void {
  for (const name of values.setNames) {
    const { lastIn, successor } = etcdFlags.get(name)!;
    if (lastIn === null) continue;
    const instead = successor === null ? 'it has no effect' : `use ${successor} instead`;
    const message = `--${name} is retired: etcd ${lastIn} was the last to take it; ${instead}`;
    notices.push({ level: 'warn', message, fields: {} });
  }
}

/** etcd's: what --quota-backend-bytes 0 means, and from where on it warns. */
const quotaBytesDefault = 2 * 2 ** 30;
const quotaBytesRecommended = 8 * 2 ** 30;
/** From where on etcd warns of --max-request-bytes. */
const requestBytesRecommended = 10 * 2 ** 20;
const batchLimitDefault = 10_000;
const batchIntervalMsDefault = 100;
const defaultName = 'default';

function configOf(values: FlagValues): NodeConfig {
  const name = values.text('name');
  return {
    name,
    dataDir: values.text('data-dir') || `${name}.etcd`,
    walDir: values.text('wal-dir') || null,
    ...urlsOf(values),
    initialCluster: values.text('initial-cluster') || defaultClusterOf(values),
    initialClusterState: values.text('initial-cluster-state') === 'existing' ? 'existing' : 'new',
    initialClusterToken: values.text('initial-cluster-token'),
    heartbeatIntervalMs: values.number('heartbeat-interval'),
    electionTimeoutMs: values.number('election-timeout'),
    ...limitsOf(values),
    grpcKeepaliveMinMs: values.number('grpc-keepalive-min-time'),
    grpcKeepaliveIntervalMs: values.number('grpc-keepalive-interval'),
    grpcKeepaliveTimeoutMs: values.number('grpc-keepalive-timeout'),
    corsOrigins: values.list('cors'),
    hostWhitelist: values.list('host-whitelist'),
    logLevel: logLevelOf(values),
    logFormat: logFormatOf(values),
    logOutputs: logOutputsOf(values),
    metrics: values.text('metrics') === 'extensive' ? 'extensive' : 'basic',
  };
}

type Urls = Pick<
  NodeConfig,
  'listenClientUrls' | 'advertiseClientUrls' | 'listenMetricsUrls' | 'initialAdvertisePeerUrls'
>;

function urlsOf(values: FlagValues): Urls {
  return {
    listenClientUrls: values.urls('listen-client-urls'),
    advertiseClientUrls: values.list('advertise-client-urls'),
    listenMetricsUrls: values.urls('listen-metrics-urls'),
    initialAdvertisePeerUrls: values.list('initial-advertise-peer-urls'),
  };
}

type Limits = Pick<
  NodeConfig,
  | 'snapshotCount'
  | 'snapshotCatchupEntries'
  | 'maxRequestBytes'
  | 'maxTxnOps'
  | 'maxConcurrentStreams'
  | 'quotaBackendBytes'
  | 'backendBatchLimit'
  | 'backendBatchIntervalMs'
>;

function limitsOf(values: FlagValues): Limits {
  const quotaBytes = values.number('quota-backend-bytes');
  const oldCatchup = values.isSet('experimental-snapshot-catchup-entries') && !values.isSet('snapshot-catchup-entries');
  return {
    snapshotCount: values.number('snapshot-count') || Number(etcdFlags.get('snapshot-count')!.defaultText),
    snapshotCatchupEntries: values.number(`${oldCatchup ? 'experimental-' : ''}snapshot-catchup-entries`),
    maxRequestBytes: values.number('max-request-bytes'),
    maxTxnOps: values.number('max-txn-ops'),
    maxConcurrentStreams: values.number('max-concurrent-streams') || 2 ** 32 - 1,
    quotaBackendBytes: quotaBytes < 0 ? Infinity : quotaBytes || quotaBytesDefault,
    backendBatchLimit: positive(values.number('backend-batch-limit')) ?? batchLimitDefault,
    backendBatchIntervalMs: positive(values.number('backend-batch-interval')) ?? batchIntervalMsDefault,
  };
}

function positive(value: number): number | null {
  return value > 0 ? value : null;
}

/**
 * etcd's default, with its trap: a name of one's own takes the advertised peer URLs along, the default name does not
 * (`UpdateDefaultClusterFromName`).
 */
function defaultClusterOf(values: FlagValues): string {
  const name = values.text('name') || defaultName;
  const urls =
    name === defaultName
      ? [etcdFlags.get('initial-advertise-peer-urls')!.defaultText]
      : values.list('initial-advertise-peer-urls');
  return urls.map((url) => `${name}=${url}`).join(',');
}

function noteHabits(values: FlagValues, notices: Notice[]): void {
  const name = values.text('name');
  if (name === defaultName) {
    const message =
      "it isn't recommended to use default name, please set a value for --name. Note that etcd might run into issue when multiple members have the same default name";
    notices.push({ level: 'warn', message, fields: { name } });
  }
  if (values.isSet('listen-peer-urls')) {
    const fields = { 'listen-peer-urls': values.list('listen-peer-urls') };
    notices.push({ level: 'info', message: 'peer traffic is not served: a cluster of one has no peers', fields });
  }
  const quotaBytes = values.number('quota-backend-bytes');
  if (quotaBytes > quotaBytesRecommended) {
    const fields = { 'quota-size-bytes': quotaBytes, 'quota-maximum-size-bytes': quotaBytesRecommended };
    notices.push({ level: 'warn', message: 'quota exceeds the maximum value', fields });
  }
  const requestBytes = values.number('max-request-bytes');
  if (requestBytes > requestBytesRecommended) {
    const fields = { 'max-request-bytes': requestBytes, 'recommended-request-bytes': requestBytesRecommended };
    notices.push({ level: 'warn', message: 'exceeded recommended request limit', fields });
  }
}
