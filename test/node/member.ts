/** One life of a member of one: the loop with consensus and publication, over the log and the state that it is given. */
import { beginningOf, clusterIdOf, memberIdOf } from '../../src/node/bootstrap.ts';
import type { NodeLog } from '../../src/node/config.ts';
import type { LogStore, RestoredLog } from '../../src/node/log-store.ts';
import { type LoopConfig, Node } from '../../src/node/node.ts';
import type { Clock } from '../../src/node/ports.ts';
import type { Gate } from '../../src/node/pressure.ts';
import { Publication } from '../../src/node/publication.ts';
import type { Input, RaftConfig, Restored } from '../../src/node/raft/effects.ts';
import { Raft } from '../../src/node/raft/raft.ts';
import type { State } from '../../src/node/state/state.ts';

export const peerUrls = ['http://localhost:2380'];
export const memberId = memberIdOf(peerUrls, 'etcd-cluster');
export const clusterId = clusterIdOf([memberId]);

const loopConfig: LoopConfig = {
  heartbeatIntervalMs: 100,
  electionTimeoutMs: 1_000,
  snapshotCount: 10_000,
  snapshotCatchupEntries: 5_000,
  maxRequestBytes: 1_572_864,
  backendBatchLimit: 10_000,
  backendBatchIntervalMs: 100,
};

export interface MemberOptions {
  readonly clock: Clock;
  readonly log: LogStore;
  /** What the start found in that log. */
  readonly found: RestoredLog;
  readonly state: State;
  readonly seed: number;
  readonly config?: Partial<LoopConfig> | undefined;
  readonly name?: string | undefined;
  readonly clientUrls?: readonly string[] | undefined;
  readonly lines?: NodeLog;
  readonly gate?: Gate;
  readonly onPublished?: () => void;
  readonly onFatal: (problem: string) => void;
}

/** What consensus was given in one life, and from what. */
export interface Recording {
  readonly config: RaftConfig;
  readonly restored: Restored;
  readonly inputs: Input[];
}

export interface Member {
  /** Not started yet. */
  readonly node: Node;
  readonly recording: Recording;
}

const nothing = (): void => {};
const silent: NodeLog = { debug: nothing, info: nothing, warn: nothing, error: nothing, fatal: nothing };

export function memberOf(options: MemberOptions): Member {
  const { clock, log, found, state, seed, name = 'default', lines = silent, onPublished = nothing } = options;
  const { restored, bootstrap } = beginningOf(found, state, { name, peerUrls });
  const recording: Recording = { config: raftConfigOf(seed), restored, inputs: [] };
  const node = new Node({
    config: { ...loopConfig, ...options.config },
    memberId,
    clusterId,
    clock,
    raft: new Raft(recording.config, restored),
    bootstrap,
    snapshotIndex: found.snapshot.index,
    log,
    state,
    lines,
    gate: options.gate ?? { shut: nothing, reopen: nothing },
    backendCommitSeconds: { observe: nothing },
    onTurnEnd: nothing,
    onLeading: () => publication.onLeading(),
    onFatal: (message, error) => options.onFatal(`${message}: ${error.message}`),
    onInput: (input) => void recording.inputs.push(structuredClone(input)),
  });
  const clientUrls = options.clientUrls ?? ['http://localhost:2379'];
  const publication = new Publication({ requests: node, clock, lines, name, clientUrls, onPublished });
  return { node, recording };
}

function raftConfigOf(seed: number): RaftConfig {
  return {
    id: memberId,
    electionTicks: 10,
    heartbeatTicks: 1,
    preVote: true,
    checkQuorum: true,
    seed,
    uncommittedBytesMax: Infinity,
  };
}
