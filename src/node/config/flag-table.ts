/**
 * Every flag of etcd 3.4 to 3.7, once: what reads the command line, the ETCD_* variables and the configuration file, and what
 * help shows. A flag that is not here does not exist; one that is marked `later` stops the start unless it has its default.
 * Longer than most files because it is one table (docs/etcd-facts.md, flag values).
 */

/**
 * As Go's flag package and etcd's own values read them. `urls` and `list` are comma-separated; `gates` are feature gates;
 * `ignored` takes anything.
 */
export type FlagKind =
  | 'string'
  | 'bool'
  | 'int'
  | 'int64'
  | 'uint'
  | 'uint32'
  | 'uint64'
  | 'duration'
  | 'choice'
  | 'urls'
  | 'list'
  | 'gates'
  | 'ignored';

/**
 * `built`: does what it says. `idle`: taken, and without consequence while a cluster has one member. `later`: stops the
 * start unless it has its default, because a security flag that is ignored is an open server.
 */
export type FlagEffect = 'built' | 'idle' | 'later';

export interface EtcdFlag {
  readonly name: string;
  readonly kind: FlagKind;
  /** As it would be typed: that of the newest release. */
  readonly defaultText: string;
  readonly effect: FlagEffect;
  readonly help: string;
  /** The path in the configuration file, parts joined by dots; null when it cannot be set there. */
  readonly key: string | null;
  readonly choices: readonly string[];
  /** The last release that had it, or null while it lives. */
  readonly lastIn: string | null;
  /** What says the same today, as it is typed; null when nothing does. */
  readonly successor: string | null;
}

interface Details {
  readonly key?: string | null;
  readonly choices?: readonly string[];
  readonly lastIn?: string;
  readonly successor?: string;
}

function flag(
  name: string,
  kind: FlagKind,
  defaultText: string,
  effect: FlagEffect,
  help: string,
  { key = name, choices = [], lastIn, successor }: Details = {},
): EtcdFlag {
  return { name, kind, defaultText, effect, help, key, choices, lastIn: lastIn ?? null, successor: successor ?? null };
}

const member: readonly EtcdFlag[] = [
  flag('name', 'string', 'default', 'built', 'name of this member'),
  flag('data-dir', 'string', '', 'built', 'data directory; ${name}.etcd when empty'),
  flag('wal-dir', 'string', '', 'built', 'a directory of its own for the WAL'),
  flag('snapshot-count', 'uint64', '10000', 'built', 'applied entries between two snapshots'),
  flag('snapshot-catchup-entries', 'uint64', '5000', 'built', 'entries kept in memory behind a snapshot'),
  flag('heartbeat-interval', 'uint', '100', 'built', 'heartbeat period in ms'),
  flag('election-timeout', 'uint', '1000', 'built', 'election timeout in ms: at least 5 heartbeats, at most 50000'),
  flag('initial-election-tick-advance', 'bool', 'true', 'idle', 'first election at once; a cluster of one never waits'),
  flag(
    'listen-peer-urls',
    'urls',
    'http://localhost:2380',
    'idle',
    'where other members are served; nothing listens there while a cluster has one member',
  ),
  flag(
    'listen-client-urls',
    'urls',
    'http://localhost:2379',
    'built',
    'where clients are served: gRPC and HTTP on one port',
  ),
  flag(
    'listen-client-http-urls',
    'urls',
    '',
    'later',
    'when set, HTTP services move there and listen-client-urls serve gRPC only',
  ),
  flag('max-snapshots', 'uint', '5', 'later', 'raft snapshot files kept (deprecated in 3.6)'),
  flag('max-wals', 'uint', '5', 'later', 'WAL files kept'),
  flag('quota-backend-bytes', 'int64', '0', 'built', 'backend size that raises NOSPACE; 0 is 2 GiB, below 0 is none'),
  flag('backend-bbolt-freelist-type', 'string', 'map', 'idle', 'bbolt freelist implementation'),
  flag('backend-batch-interval', 'duration', '0s', 'built', 'maximum time between backend commits'),
  flag('backend-batch-limit', 'int', '0', 'built', 'maximum operations between backend commits'),
  flag('max-txn-ops', 'uint', '128', 'built', 'operation limit of a txn'),
  flag('max-request-bytes', 'uint', '1572864', 'built', 'largest request'),
  flag('max-concurrent-streams', 'uint32', '4294967295', 'built', 'HTTP/2 concurrent streams per client'),
  flag('enable-grpc-gateway', 'bool', 'true', 'idle', 'JSON gateway at /v3/, which is not built yet'),
  flag('grpc-keepalive-min-time', 'duration', '5s', 'built', 'shortest client ping interval tolerated'),
  flag('grpc-keepalive-interval', 'duration', '2h', 'built', 'server-to-client ping period'),
  flag('grpc-keepalive-timeout', 'duration', '20s', 'built', 'wait for a ping answer before closing'),
  flag(
    'socket-reuse-port',
    'bool',
    'false',
    'later',
    'SO_REUSEPORT on listeners (config file: socket-options: {reuse-port: bool})',
    { key: 'socket-options.reuse-port' },
  ),
  flag(
    'socket-reuse-address',
    'bool',
    'false',
    'later',
    'SO_REUSEADDR on listeners (config file: socket-options: {reuse-address: bool})',
    { key: 'socket-options.reuse-address' },
  ),
  flag('raft-read-timeout', 'duration', '5s', 'idle', 'peer connection read timeout', { key: null }),
  flag('raft-write-timeout', 'duration', '5s', 'idle', 'peer connection write timeout', { key: null }),
  flag(
    'config-file',
    'string',
    '',
    'built',
    'read everything from this YAML or JSON file; other flags and variables are ignored',
    { key: null },
  ),
  flag('version', 'bool', 'false', 'built', 'show the version', { key: null }),
  flag('memory-mlock', 'bool', 'false', 'later', 'lock process memory'),
  flag('unsafe-no-fsync', 'bool', 'false', 'later', 'no fsync at all'),
  flag('force-new-cluster', 'bool', 'false', 'later', 'drop all other members and start as a one-member cluster'),
  flag('feature-gates', 'gates', '', 'built', 'Gate=true,Other=false'),
];

const clustering: readonly EtcdFlag[] = [
  flag('initial-advertise-peer-urls', 'urls', 'http://localhost:2380', 'built', 'peer URLs told to the cluster'),
  flag('initial-cluster', 'string', '', 'built', 'members of a new cluster, as name=url,…; by default this one alone'),
  flag(
    'initial-cluster-state',
    'choice',
    'new',
    'built',
    'bootstrap a new cluster or join one; ignored when data exist',
    { choices: ['new', 'existing'] },
  ),
  flag('initial-cluster-token', 'string', 'etcd-cluster', 'built', 'hashed into member and cluster IDs'),
  flag(
    'advertise-client-urls',
    'urls',
    'http://localhost:2379',
    'built',
    'client URLs in the member list; required with --listen-client-urls',
  ),
  flag('strict-reconfig-check', 'bool', 'true', 'later', 'refuse membership changes that endanger quorum'),
  flag('pre-vote', 'bool', 'true', 'idle', 'Raft pre-vote; a cluster of one has nobody to ask'),
  flag('max-learners', 'int', '1', 'later', 'allowed learners'),
  flag('auto-compaction-retention', 'string', '0', 'later', 'history that auto compaction keeps; 0 is off'),
  flag('auto-compaction-mode', 'string', 'periodic', 'later', 'periodic or revision'),
  flag('v2-deprecation', 'choice', 'write-only', 'later', 'stage of v2 store removal', {
    choices: ['not-yet', 'write-only', 'write-only-drop-data', 'gone'],
  }),
  flag('discovery-fallback', 'choice', 'exit', 'later', 'what to do when discovery is full', {
    choices: ['proxy', 'exit'],
  }),
  flag('discovery-srv', 'string', '', 'later', 'bootstrap from SRV records'),
  flag('discovery-srv-name', 'string', '', 'later', 'suffix of the SRV service name'),
  flag('discovery-endpoints', 'list', '', 'later', 'v3 discovery service endpoints', {
    key: 'discovery-config.client.endpoints',
  }),
  flag('discovery-token', 'string', '', 'later', 'v3 discovery token', { key: 'discovery-config.token' }),
  flag('discovery-dial-timeout', 'duration', '2s', 'later', 'v3 discovery dial timeout', {
    key: 'discovery-config.client.dial-timeout',
  }),
  flag('discovery-request-timeout', 'duration', '5s', 'later', 'v3 discovery request timeout', {
    key: 'discovery-config.client.request-timeout',
  }),
  flag('discovery-keepalive-time', 'duration', '2s', 'later', 'v3 discovery keepalive period', {
    key: 'discovery-config.client.keepalive-time',
  }),
  flag('discovery-keepalive-timeout', 'duration', '6s', 'later', 'v3 discovery keepalive timeout', {
    key: 'discovery-config.client.keepalive-timeout',
  }),
  flag('discovery-insecure-transport', 'bool', 'true', 'later', 'no TLS to the discovery service', {
    key: 'discovery-config.client.secure.insecure-transport',
  }),
  flag('discovery-insecure-skip-tls-verify', 'bool', 'false', 'later', 'do not verify its certificate', {
    key: 'discovery-config.client.secure.insecure-skip-tls-verify',
  }),
  flag('discovery-cert', 'string', '', 'later', 'client certificate', { key: 'discovery-config.client.secure.cert' }),
  flag('discovery-key', 'string', '', 'later', 'client key', { key: 'discovery-config.client.secure.key' }),
  flag('discovery-cacert', 'string', '', 'later', 'CA', { key: 'discovery-config.client.secure.cacert' }),
  flag('discovery-user', 'string', '', 'later', 'discovery user', { key: 'discovery-config.client.auth.username' }),
  flag('discovery-password', 'string', '', 'later', 'discovery password', {
    key: 'discovery-config.client.auth.password',
  }),
];

const security: readonly EtcdFlag[] = [
  flag('cert-file', 'string', '', 'later', 'client listener TLS certificate', {
    key: 'client-transport-security.cert-file',
  }),
  flag('key-file', 'string', '', 'later', 'client listener TLS key', { key: 'client-transport-security.key-file' }),
  flag(
    'client-cert-file',
    'string',
    '',
    'later',
    'client certificate used by the server when it dials itself/peers with client auth',
    { key: 'client-transport-security.client-cert-file' },
  ),
  flag('client-key-file', 'string', '', 'later', 'key of client-cert-file', {
    key: 'client-transport-security.client-key-file',
  }),
  flag('client-cert-auth', 'bool', 'false', 'later', 'require and verify client certificates; enables CN based auth', {
    key: 'client-transport-security.client-cert-auth',
  }),
  flag('client-crl-file', 'string', '', 'later', 'client revocation list', { key: null }),
  flag('client-cert-allowed-hostname', 'string', '', 'later', 'allowed SAN of client certificates', {
    key: 'client-transport-security.allowed-hostname',
  }),
  flag('trusted-ca-file', 'string', '', 'later', 'CA for client certificates', {
    key: 'client-transport-security.trusted-ca-file',
  }),
  flag('auto-tls', 'bool', 'false', 'later', 'self-signed client listener TLS', {
    key: 'client-transport-security.auto-tls',
  }),
  flag('peer-cert-file', 'string', '', 'later', 'peer TLS certificate', { key: 'peer-transport-security.cert-file' }),
  flag('peer-key-file', 'string', '', 'later', 'peer TLS key', { key: 'peer-transport-security.key-file' }),
  flag('peer-client-cert-file', 'string', '', 'later', 'certificate for outgoing peer connections', {
    key: 'peer-transport-security.client-cert-file',
  }),
  flag('peer-client-key-file', 'string', '', 'later', 'key of peer-client-cert-file', {
    key: 'peer-transport-security.client-key-file',
  }),
  flag('peer-client-cert-auth', 'bool', 'false', 'later', 'require peer certificates', {
    key: 'peer-transport-security.client-cert-auth',
  }),
  flag('peer-trusted-ca-file', 'string', '', 'later', 'peer CA', { key: 'peer-transport-security.trusted-ca-file' }),
  flag(
    'peer-cert-allowed-cn',
    'string',
    '',
    'later',
    'allowed CN of peers; exclusive with peer-cert-allowed-hostname',
    { key: 'peer-transport-security.allowed-cn' },
  ),
  flag('peer-cert-allowed-hostname', 'string', '', 'later', 'allowed SAN of peers', {
    key: 'peer-transport-security.allowed-hostname',
  }),
  flag('peer-auto-tls', 'bool', 'false', 'later', 'self-signed peer TLS', { key: 'peer-transport-security.auto-tls' }),
  flag('peer-crl-file', 'string', '', 'later', 'peer revocation list', { key: null }),
  flag('peer-skip-client-san-verification', 'bool', 'false', 'later', 'do not check SAN of peer client certificates', {
    key: 'peer-transport-security.skip-client-san-verification',
  }),
  flag('self-signed-cert-validity', 'uint', '1', 'later', 'life of self-signed certificates'),
  flag('cipher-suites', 'list', '', 'later', 'allowed TLS 1.2 suites'),
  flag('tls-min-version', 'string', 'TLS1.2', 'later', 'lowest TLS version'),
  flag('tls-max-version', 'string', '', 'later', 'highest TLS version'),
  flag('cors', 'list', '*', 'built', 'allowed origins, as URLs with port'),
  flag('host-whitelist', 'list', '*', 'built', 'allowed Host headers on plain HTTP'),
];

const auth: readonly EtcdFlag[] = [
  flag('auth-token', 'string', 'simple', 'later', 'auth token provider'),
  flag('auth-token-ttl', 'uint', '300', 'later', 'life of simple tokens (sliding)'),
  flag('bcrypt-cost', 'uint', '10', 'later', 'password hash cost'),
];

const monitoringAndLogging: readonly EtcdFlag[] = [
  flag('enable-pprof', 'bool', 'false', 'later', 'serve /debug/pprof/ and raise profiling'),
  flag('metrics', 'string', 'basic', 'built', 'basic, or extensive with request durations per method'),
  flag('listen-metrics-urls', 'urls', '', 'built', 'more listeners, for /metrics and the health endpoints alone'),
  flag('logger', 'string', 'zap', 'built', 'zap'),
  flag('log-outputs', 'list', 'default', 'built', 'default (stderr), stderr, stdout, files'),
  flag('log-level', 'string', 'info', 'built', 'debug, info, warn, error, panic or fatal'),
  flag('log-format', 'string', 'json', 'built', 'json or console'),
  flag('enable-log-rotation', 'bool', 'false', 'later', 'rotate the single log file'),
  flag(
    'log-rotation-config-json',
    'string',
    '{"maxsize": 100, "maxage": 0, "maxbackups": 0, "localtime": false, "compress": false}',
    'later',
    'rotation settings (MB, days, files)',
  ),
  flag('warning-apply-duration', 'duration', '100ms', 'later', 'log a warning for slower applies'),
  flag('warning-unary-request-duration', 'duration', '300ms', 'later', 'log a warning for slower unary requests'),
  flag('enable-distributed-tracing', 'bool', 'false', 'later', 'OpenTelemetry tracing'),
  flag('distributed-tracing-address', 'string', 'localhost:4317', 'later', 'OTLP collector'),
  flag('distributed-tracing-service-name', 'string', 'etcd', 'later', 'service name in traces'),
  flag('distributed-tracing-instance-id', 'string', '', 'later', 'service instance ID in traces'),
  flag('distributed-tracing-sampling-rate', 'int', '0', 'later', 'sampled spans'),
];

const storageChecksAndTuning: readonly EtcdFlag[] = [
  flag('compaction-batch-limit', 'int', '1000', 'later', 'deletions per compaction batch'),
  flag('compaction-sleep-interval', 'duration', '10ms', 'later', 'pause between compaction batches'),
  flag('watch-progress-notify-interval', 'duration', '10m', 'later', 'period of watch progress notifications'),
  flag('corrupt-check-time', 'duration', '0s', 'later', 'period of cross-member KV hash checks'),
  flag(
    'compact-hash-check-time',
    'duration',
    '1m',
    'later',
    'period of compaction-hash checks (gate CompactHashCheck)',
  ),
  flag('downgrade-check-time', 'duration', '5s', 'later', 'period of downgrade status checks'),
  flag(
    'bootstrap-defrag-threshold-megabytes',
    'uint',
    '0',
    'later',
    'defragment at boot when that much would be freed',
  ),
];

const retired: readonly EtcdFlag[] = [
  flag('enable-v2', 'bool', 'false', 'later', 'serve the v2 API (removed in 3.6)', { lastIn: '3.5' }),
  flag('experimental-enable-v2v3', 'string', '', 'later', 'serve v2 on top of the v3 store', { lastIn: '3.5' }),
  flag('discovery', 'string', '', 'later', 'v2 discovery URL', { lastIn: '3.6' }),
  flag('discovery-proxy', 'string', '', 'later', 'HTTP proxy for v2 discovery', { lastIn: '3.6' }),
  flag('log-output', 'list', 'default', 'built', '3.4 old name of log-outputs', {
    lastIn: '3.4',
    successor: '--log-outputs',
  }),
  flag('debug', 'bool', 'false', 'built', '3.4 only: debug log', { lastIn: '3.4', successor: '--log-level=debug' }),
  flag('log-package-levels', 'string', '', 'idle', '3.4 only: per package levels', { lastIn: '3.4' }),
  flag('proxy', 'choice', 'off', 'later', 'v2 HTTP proxy mode', { choices: ['off', 'readonly', 'on'], lastIn: '3.5' }),
  flag('proxy-failure-wait', 'uint', '5000', 'idle', 'v2 proxy: endpoint penalty', { lastIn: '3.5' }),
  flag('proxy-refresh-interval', 'uint', '30000', 'idle', 'v2 proxy: endpoint refresh', { lastIn: '3.5' }),
  flag('proxy-dial-timeout', 'uint', '1000', 'idle', 'v2 proxy: dial timeout, 0 = off', { lastIn: '3.5' }),
  flag('proxy-write-timeout', 'uint', '5000', 'idle', 'v2 proxy: write timeout, 0 = off', { lastIn: '3.5' }),
  flag('proxy-read-timeout', 'uint', '0', 'idle', 'v2 proxy: read timeout, 0 = off', { lastIn: '3.5' }),
  flag(
    'experimental-peer-skip-client-san-verification',
    'bool',
    'false',
    'later',
    'old name of --peer-skip-client-san-verification',
    { key: null, lastIn: '3.6', successor: '--peer-skip-client-san-verification' },
  ),
  flag(
    'experimental-initial-corrupt-check',
    'bool',
    'false',
    'later',
    'compare hashes with peers before serving (3.6+: feature gate InitialCorruptCheck)',
    { lastIn: '3.6', successor: '--feature-gates=InitialCorruptCheck=true' },
  ),
  flag('experimental-corrupt-check-time', 'duration', '0s', 'later', 'old name of --corrupt-check-time', {
    lastIn: '3.6',
    successor: '--corrupt-check-time',
  }),
  flag(
    'experimental-backend-bbolt-freelist-type',
    'string',
    'array',
    'idle',
    '3.4 name of backend-bbolt-freelist-type',
    { lastIn: '3.4', successor: '--backend-bbolt-freelist-type' },
  ),
  flag(
    'experimental-enable-lease-checkpoint',
    'bool',
    'false',
    'later',
    'checkpoint remaining lease TTL (3.6+: gate LeaseCheckpoint)',
    { lastIn: '3.6', successor: '--feature-gates=LeaseCheckpoint=true' },
  ),
  flag(
    'experimental-enable-lease-checkpoint-persist',
    'bool',
    'false',
    'later',
    'persist checkpoints; needs the former (3.6+: gate LeaseCheckpointPersist)',
    { lastIn: '3.6', successor: '--feature-gates=LeaseCheckpointPersist=true' },
  ),
  flag('experimental-compaction-batch-limit', 'int', '1000', 'later', 'old name of --compaction-batch-limit', {
    lastIn: '3.6',
    successor: '--compaction-batch-limit',
  }),
  flag(
    'experimental-watch-progress-notify-interval',
    'duration',
    '10m',
    'later',
    'old name of --watch-progress-notify-interval',
    { lastIn: '3.6', successor: '--watch-progress-notify-interval' },
  ),
  flag('experimental-warning-apply-duration', 'duration', '100ms', 'later', 'old name of --warning-apply-duration', {
    lastIn: '3.6',
    successor: '--warning-apply-duration',
  }),
  flag(
    'experimental-enable-distributed-tracing',
    'bool',
    'false',
    'later',
    'old name of --enable-distributed-tracing',
    { lastIn: '3.6', successor: '--enable-distributed-tracing' },
  ),
  flag(
    'experimental-distributed-tracing-address',
    'string',
    'localhost:4317',
    'later',
    'old name of --distributed-tracing-address',
    { lastIn: '3.6', successor: '--distributed-tracing-address' },
  ),
  flag(
    'experimental-distributed-tracing-service-name',
    'string',
    'etcd',
    'later',
    'old name of --distributed-tracing-service-name',
    { lastIn: '3.6', successor: '--distributed-tracing-service-name' },
  ),
  flag(
    'experimental-distributed-tracing-instance-id',
    'string',
    '',
    'later',
    'old name of --distributed-tracing-instance-id',
    { lastIn: '3.6', successor: '--distributed-tracing-instance-id' },
  ),
  flag(
    'experimental-distributed-tracing-sampling-rate',
    'int',
    '0',
    'later',
    'old name of --distributed-tracing-sampling-rate',
    { lastIn: '3.6', successor: '--distributed-tracing-sampling-rate' },
  ),
  flag(
    'experimental-compact-hash-check-enabled',
    'bool',
    'false',
    'later',
    'leader compares compaction hashes (3.6+: gate CompactHashCheck)',
    { lastIn: '3.6', successor: '--feature-gates=CompactHashCheck=true' },
  ),
  flag('experimental-compact-hash-check-time', 'duration', '1m', 'later', 'old name of --compact-hash-check-time', {
    lastIn: '3.6',
    successor: '--compact-hash-check-time',
  }),
  flag(
    'experimental-compaction-sleep-interval',
    'duration',
    '10ms',
    'later',
    'old name of --compaction-sleep-interval',
    { lastIn: '3.6', successor: '--compaction-sleep-interval' },
  ),
  flag('experimental-downgrade-check-time', 'duration', '5s', 'later', 'old name of --downgrade-check-time', {
    lastIn: '3.6',
    successor: '--downgrade-check-time',
  }),
  flag('experimental-memory-mlock', 'bool', 'false', 'later', 'old name of --memory-mlock', {
    lastIn: '3.6',
    successor: '--memory-mlock',
  }),
  flag(
    'experimental-txn-mode-write-with-shared-buffer',
    'bool',
    'true',
    'later',
    'read buffer mode of write txns (3.6+: gate TxnModeWriteWithSharedBuffer)',
    { lastIn: '3.6', successor: '--feature-gates=TxnModeWriteWithSharedBuffer=false' },
  ),
  flag(
    'experimental-stop-grpc-service-on-defrag',
    'bool',
    'false',
    'later',
    'report NOT_SERVING health during defrag (3.6+: gate StopGRPCServiceOnDefrag)',
    { lastIn: '3.6', successor: '--feature-gates=StopGRPCServiceOnDefrag=true' },
  ),
  flag(
    'experimental-bootstrap-defrag-threshold-megabytes',
    'uint',
    '0',
    'later',
    'old name of --bootstrap-defrag-threshold-megabytes',
    { lastIn: '3.6', successor: '--bootstrap-defrag-threshold-megabytes' },
  ),
  flag('experimental-snapshot-catchup-entries', 'uint64', '5000', 'built', 'old name of --snapshot-catchup-entries', {
    key: 'experimental-snapshot-catch-up-entries',
    lastIn: '3.6',
    successor: '--snapshot-catchup-entries',
  }),
  flag(
    'experimental-warning-unary-request-duration',
    'duration',
    '300ms',
    'later',
    'old name of --warning-unary-request-duration',
    { lastIn: '3.6', successor: '--warning-unary-request-duration' },
  ),
  flag('max-retry-attempts', 'ignored', '', 'idle', 'ignored since 3.4', { key: null, lastIn: '3.5' }),
  flag('peer-heartbeat-interval', 'ignored', '', 'idle', 'ignored since 3.4', { key: null, lastIn: '3.5' }),
  flag('peer-election-timeout', 'ignored', '', 'idle', 'ignored since 3.4', { key: null, lastIn: '3.5' }),
  flag('retry-interval', 'ignored', '', 'idle', 'ignored since 3.4', { key: null, lastIn: '3.5' }),
  flag('snapshot', 'ignored', '', 'idle', 'ignored since 3.4', { key: null, lastIn: '3.5' }),
  flag('v', 'ignored', '', 'idle', 'ignored since 3.4', { key: null, lastIn: '3.5' }),
  flag('force', 'ignored', '', 'idle', 'ignored since 3.4', { key: null, lastIn: '3.5' }),
  flag('max-result-buffer', 'ignored', '', 'idle', 'ignored since 3.4', { key: null, lastIn: '3.5' }),
  flag('vv', 'ignored', '', 'idle', 'ignored since 3.4', { key: null }),
  flag('test.coverprofile', 'ignored', '', 'idle', 'ignored: of coverage builds', { key: null }),
  flag('test.outputdir', 'ignored', '', 'idle', 'ignored: of coverage builds', { key: null }),
];

/** As help shows them. */
export const flagGroups: readonly { readonly title: string; readonly flags: readonly EtcdFlag[] }[] = [
  { title: 'Member', flags: member },
  { title: 'Clustering', flags: clustering },
  { title: 'Security', flags: security },
  { title: 'Auth', flags: auth },
  { title: 'Monitoring and logging', flags: monitoringAndLogging },
  { title: 'Storage checks and tuning', flags: storageChecksAndTuning },
  { title: 'Retired', flags: retired },
];

/** By name. */
export const etcdFlags: ReadonlyMap<string, EtcdFlag> = new Map(
  flagGroups.flatMap(({ flags }) => flags.map((each) => [each.name, each] as const)),
);
