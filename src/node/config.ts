/** What one member runs with: flags after parsing, checked, with defaults filled in (docs/etcd-facts.md, flag values). */

/** http://host:port and its kin, as etcd allows them for listening. */
export interface ListenUrl {
  readonly scheme: 'http' | 'https' | 'unix' | 'unixs';
  /** Without brackets; '' for unix. */
  readonly host: string;
  readonly port: number;
  /** Of a unix socket (etcd: the URL's host:port), else ''. */
  readonly path: string;
  /** As it was written. */
  readonly text: string;
}

export interface NodeConfig {
  readonly name: string;
  readonly dataDir: string;
  /** Null: `member/wal` below dataDir. */
  readonly walDir: string | null;
  readonly listenClientUrls: readonly ListenUrl[];
  readonly advertiseClientUrls: readonly string[];
  readonly listenMetricsUrls: readonly ListenUrl[];
  /** One member until clusters are built, but its ids hang on both. */
  readonly initialAdvertisePeerUrls: readonly string[];
  /** `name=url,…` as etcd writes it: read when there is no data yet, ignored afterwards. */
  readonly initialCluster: string;
  readonly initialClusterState: 'new' | 'existing';
  readonly initialClusterToken: string;
  readonly heartbeatIntervalMs: number;
  readonly electionTimeoutMs: number;
  readonly snapshotCount: number;
  readonly snapshotCatchupEntries: number;
  readonly maxRequestBytes: number;
  readonly maxTxnOps: number;
  readonly maxConcurrentStreams: number;
  /** Infinity: no quota. */
  readonly quotaBackendBytes: number;
  readonly backendBatchLimit: number;
  readonly backendBatchIntervalMs: number;
  /** Pings of a client that come sooner, on the average, end its connection. */
  readonly grpcKeepaliveMinMs: number;
  /** Our pings to a silent client; 0: none. */
  readonly grpcKeepaliveIntervalMs: number;
  readonly grpcKeepaliveTimeoutMs: number;
  /** Origins as URLs; `*` is all. */
  readonly corsOrigins: readonly string[];
  /** Names in the Host header of plain HTTP; `*`, or none, is all. */
  readonly hostWhitelist: readonly string[];
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  readonly logOutputs: readonly string[];
  readonly metrics: 'basic' | 'extensive';
}

export type LogFormat = 'json' | 'console';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'panic' | 'fatal';

/** Lines in etcd's shape: one JSON object each with level, ts, caller, msg and the fields. */
export interface NodeLog {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Written before the return, also when the process is about to be killed. */
  fatal(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, unknown>>;
