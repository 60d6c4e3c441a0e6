/**
 * The real edges, and everything of the node put together over them; the only file that knows which disk, which clock and
 * which sockets there are.
 *
 *   addresses -> data directory -> backend -> log -> state -> consensus -> loop -> services -> ready -> clients are served
 *
 * Promises: a start that fails leaves nothing open and is a `Failure` for what its user can mend; `stop` drains.
 */
import { randomInt } from 'node:crypto';
import { ExitCode, Failure } from '../base/failure.ts';
import { ByteBudget } from '../wire/byte-budget.ts';
import type { HttpHandler, Routes } from '../wire/contract.ts';
import { InputGate } from '../wire/input-gate.ts';
import { flushSockets } from '../wire/socket.ts';
import { beginningOf, clusterIdOf, memberIdOf } from './bootstrap.ts';
import type { NodeConfig, NodeLog } from './config.ts';
import { checkBootstrap } from './config/initial-cluster.ts';
import { hasMember, makeWritable } from './data-directory.ts';
import { type DataDir, openDataDir } from './disk/data-dir.ts';
import { openStorage } from './disk/lmdb-storage.ts';
import { realFiles } from './disk/real-files.ts';
import { openLog, segmentBytesDefault, type OpenedLog } from './disk/wal-log-store.ts';
import { Health } from './health.ts';
import { clientHttp, metricsHttp } from './http.ts';
import { bindListeners, type Listeners } from './listener.ts';
import type { LogObserver } from './log-store.ts';
import { metricsHandler } from './metrics-handler.ts';
import { Node } from './node.ts';
import type { Storage } from './ports.ts';
import { Publication } from './publication.ts';
import { Raft } from './raft/raft.ts';
import { realClock } from './real-clock.ts';
import { etcdVersion } from './releases.ts';
import { Callers } from './rpc/callers.ts';
import { MethodCounters } from './rpc/method-counters.ts';
import { routesOf, servedMethods } from './rpc/routes.ts';
import { sayMember, sayReady, saySettings } from './start-lines.ts';
import { ServerMeters } from './server-meters.ts';
import { serverMetrics } from './server-metrics.ts';
import { ArenaKeyIndex } from './state/key-index/arena-key-index.ts';
import { StateMachine } from './state/state-machine.ts';

/** How a node came to its end. */
export type NodeEnd =
  | { readonly kind: 'stopped' }
  /** A write failed; the fatal line is written, and nothing is acknowledged since. The process must go. */
  | { readonly kind: 'failed'; readonly message: string; readonly error: Error };

export interface RunningNode {
  /** Drains: within a second or so on a working disk. */
  stop(): Promise<void>;
  /** Resolves once, never rejects. */
  readonly ended: Promise<NodeEnd>;
}

/** What clients together may make the process hold: eight times what one connection may. */
const budgetBytesMax = 512 * 1024 * 1024;
/** Of a stop: for calls that are open, then for proposals that are in the log; the process has 1.5 s in all. */
const callsGraceMs = 500;
const proposalsGraceMs = 500;

/** Resolves when clients are served. Rejects with `Failure`. */
export async function startNode(config: NodeConfig, log: NodeLog, ownVersion: string): Promise<RunningNode> {
  const isInitialized = hasMember(config, log);
  const listeners = await bindListeners(config, log);
  try {
    if (!isInitialized) checkBootstrap(config);
    saySettings(log, config, isInitialized, ownVersion);
    return await startOnDisk(config, log, listeners, ownVersion);
  } catch (error) {
    await listeners.close(0);
    throw error;
  }
}

async function startOnDisk(
  config: NodeConfig,
  log: NodeLog,
  listeners: Listeners,
  ownVersion: string,
): Promise<RunningNode> {
  const startedUnixMs = realClock.wallMs();
  const meters = new ServerMeters();
  const opened = await openDisk(config, log, meters);
  let starting: StartingNode | null = null;
  try {
    starting = new StartingNode(config, log, meters, opened, listeners);
    return await starting.serve(ownVersion, startedUnixMs);
  } catch (error) {
    await (starting?.abandon() ?? opened.log.log.close());
    await closeDisk(opened);
    throw error;
  }
}

/** The log is open before its observer can be made. */
class LogRelay implements LogObserver {
  target: LogObserver | null = null;

  onPersisted(number: number): void {
    this.target?.onPersisted(number);
  }

  onFailed(error: Error): void {
    this.target?.onFailed(error);
  }
}

interface OpenedDisk {
  readonly directory: DataDir;
  readonly storage: Storage;
  readonly log: OpenedLog;
  /** Tells the node what the log has to say, from when there is one. */
  readonly relay: LogRelay;
}

async function openDisk(config: NodeConfig, log: NodeLog, meters: ServerMeters): Promise<OpenedDisk> {
  makeWritable(config.dataDir);
  if (config.walDir !== null) makeWritable(config.walDir);
  const directory = await openDataDir(config.dataDir, config.walDir);
  let storage: Storage | null = null;
  try {
    storage = openStorage(directory.backendPath);
    const relay = new LogRelay();
    const opened = await openLogIn(directory, config, relay, log, meters);
    return { directory, storage, log: opened, relay };
  } catch (error) {
    await storage?.close();
    await directory.release();
    throw error;
  }
}

function openLogIn(
  { walDir, snapDir }: DataDir,
  config: NodeConfig,
  observer: LogObserver,
  trace: NodeLog,
  meters: ServerMeters,
): Promise<OpenedLog> {
  const memberId = memberIdOf(config.initialAdvertisePeerUrls, config.initialClusterToken);
  const clusterId = clusterIdOf([memberId]);
  return openLog({
    files: realFiles,
    walDir,
    snapDir,
    memberId,
    clusterId,
    segmentBytes: segmentBytesFrom(process.env[segmentBytesVariable]),
    clock: realClock,
    meters,
    observer,
    trace,
  });
}

/** For tests that need many cuts: bytes of one WAL segment. etcd has no flag for it either. */
const segmentBytesVariable = 'BENCH_WAL_SEGMENT_BYTES';
const segmentBytesMin = 4_096;

function segmentBytesFrom(text: string | undefined): number {
  const bytes = Number(text);
  return Number.isSafeInteger(bytes) && bytes >= segmentBytesMin ? bytes : segmentBytesDefault;
}

async function closeDisk({ storage, directory }: OpenedDisk): Promise<void> {
  await storage.close();
  await directory.release();
}

function failureOf(message: string, cause: Error): Failure {
  return new Failure('NODE_FAILED', `${message}: ${cause.message}`, { exitCode: ExitCode.fail, cause });
}

/** What the listeners serve. */
interface Services {
  readonly routes: Routes;
  readonly clientHttp: HttpHandler;
  readonly metricsHttp: HttpHandler;
  readonly stopMetrics: () => void;
}

class StartingNode {
  readonly #config: NodeConfig;
  readonly #log: NodeLog;
  readonly #meters: ServerMeters;
  readonly #disk: OpenedDisk;
  readonly #listeners: Listeners;
  readonly #gate = new InputGate();
  readonly #budget = new ByteBudget(budgetBytesMax);
  readonly #node: Node;
  readonly #published: Promise<void>;
  readonly #ended: Promise<NodeEnd>;
  #end!: (end: NodeEnd) => void;

  constructor(config: NodeConfig, log: NodeLog, meters: ServerMeters, disk: OpenedDisk, listeners: Listeners) {
    const { storage, log: opened, relay } = disk;
    this.#config = config;
    this.#log = log;
    this.#meters = meters;
    this.#disk = disk;
    this.#listeners = listeners;
    this.#ended = new Promise((resolveEnd) => (this.#end = resolveEnd));
    const state = new StateMachine(storage, new ArenaKeyIndex(), { clock: realClock });
    const first = { name: config.name, peerUrls: config.initialAdvertisePeerUrls };
    const beginning = beginningOf(opened.restored, state, first);
    sayMember(log, opened.restored, beginning.restored.hardState);
    let onPublished = (): void => {};
    this.#published = new Promise((resolvePublished) => (onPublished = resolvePublished));
    const { memberId, clusterId, snapshot } = opened.restored;
    this.#node = new Node({
      config,
      memberId,
      clusterId,
      clock: realClock,
      raft: new Raft(this.#raftConfig(memberId), beginning.restored),
      bootstrap: beginning.bootstrap,
      snapshotIndex: snapshot.index,
      log: opened.log,
      state,
      lines: log,
      gate: this.#gate,
      backendCommitSeconds: meters.backendCommitSeconds,
      onTurnEnd: flushSockets,
      onLeading: () => publication.onLeading(),
      onFatal: (message, error) => this.#onFatal(message, error),
    });
    relay.target = this.#node;
    const publication = new Publication({
      requests: this.#node,
      clock: realClock,
      lines: log,
      name: config.name,
      clientUrls: config.advertiseClientUrls,
      onPublished,
    });
  }

  /** Begins, and serves clients once the member has published itself; who watches it may look before. */
  async serve(ownVersion: string, startedUnixMs: number): Promise<RunningNode> {
    const { routes, clientHttp, metricsHttp, stopMetrics } = this.#services(ownVersion, startedUnixMs);
    const options = { config: this.#config, log: this.#log, budget: this.#budget, gate: this.#gate };
    try {
      this.#node.start();
      await this.#listeners.serveMetrics(options, metricsHttp);
      const end = await Promise.race([this.#published, this.#ended]);
      if (end?.kind === 'failed') throw failureOf(end.message, end.error);
      await this.#listeners.serveClients(options, routes, clientHttp);
    } catch (error) {
      stopMetrics();
      throw error;
    }
    sayReady(this.#log, this.#config.listenClientUrls);
    return { ended: this.#ended, stop: () => this.#stop(stopMetrics) };
  }

  /** After a start that failed: the loop stands still, and the log is closed. */
  abandon(): Promise<void> {
    return this.#node.stop(0);
  }

  #services(ownVersion: string, startedUnixMs: number): Services {
    const config = this.#config;
    const requests = this.#node;
    const { storage } = this.#disk;
    const nowMs = (): number => realClock.nowMs();
    const methods = new MethodCounters(servedMethods, nowMs, config.metrics === 'extensive');
    const callers = new Callers();
    const health = new Health(requests);
    const served = serverMetrics({
      requests,
      storage,
      meters: this.#meters,
      methods,
      callerVersions: () => callers.versions,
      wire: () => this.#listeners.bytes(),
      health,
      quotaBytes: config.quotaBackendBytes,
      etcdVersion,
      ownVersion,
      startedUnixMs,
      nowMs,
    });
    const onProblem = (error: Error): void => this.#log.error('cannot render the metrics', { error: error.message });
    const sources = { requests, health, metrics: metricsHandler(served.metrics, onProblem) };
    const { quotaBackendBytes, maxTxnOps } = config;
    return {
      routes: routesOf({
        requests,
        storage,
        clock: realClock,
        version: etcdVersion,
        maxTxnOps,
        quotaBackendBytes,
        methods,
        callers,
      }),
      clientHttp: clientHttp(sources, config),
      metricsHttp: metricsHttp(sources),
      stopMetrics: () => served.stop(),
    };
  }

  #raftConfig(id: bigint): ConstructorParameters<typeof Raft>[0] {
    const { electionTimeoutMs, heartbeatIntervalMs } = this.#config;
    return {
      id,
      electionTicks: Math.max(1, Math.floor(electionTimeoutMs / heartbeatIntervalMs)),
      heartbeatTicks: 1,
      preVote: true,
      checkQuorum: true,
      seed: randomInt(2 ** 31),
      uncommittedBytesMax: Infinity, // the loop's pressure stops the senders long before
    };
  }

  async #stop(stopMetrics: () => void): Promise<void> {
    const { name, dataDir, advertiseClientUrls } = this.#config;
    const fields = { name, 'data-dir': dataDir, 'advertise-client-urls': advertiseClientUrls };
    this.#log.info('closing etcd server', fields);
    await this.#listeners.close(callsGraceMs);
    await this.#node.stop(proposalsGraceMs);
    await closeDisk(this.#disk);
    stopMetrics();
    this.#log.info('closed etcd server', fields);
    this.#end({ kind: 'stopped' });
  }

  #onFatal(message: string, error: Error): void {
    this.#log.fatal(message, { error: error.message });
    this.#end({ kind: 'failed', message, error });
  }
}
