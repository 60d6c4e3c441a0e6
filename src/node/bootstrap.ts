/**
 * Who this member is, and what consensus begins with: a new log gets its first entry as etcd writes it; a log with a past
 * tells all of it, whatever the flags say now.
 */
import { createHash } from 'node:crypto';
import { utf8 } from '../base/bytes.ts';
import { ExitCode, Failure } from '../base/failure.ts';
import type { RestoredLog } from './log-store.ts';
import { encodeConfChange } from './raft/codec.ts';
import type { Persist, Restored } from './raft/effects.ts';
import { ConfChangeType, type Entry, EntryType } from './raft/entry.ts';
import { memberJson } from './state/member-json.ts';
import type { State } from './state/state.ts';

/** First 8 bytes of SHA-1 over the sorted peer URLs and the token (docs/etcd-facts.md, member and cluster ids). */
export function memberIdOf(peerUrls: readonly string[], token: string): bigint {
  return sha1Start([utf8([...peerUrls].sort().join('')), utf8(token)]);
}

/** First 8 bytes of SHA-1 over the members' ids in ascending order. */
export function clusterIdOf(memberIds: readonly bigint[]): bigint {
  const ascending = [...memberIds].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sha1Start(ascending.map(bigEndian));
}

function sha1Start(parts: readonly Uint8Array[]): bigint {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest().readBigUInt64BE(0);
}

function bigEndian(id: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(id);
  return bytes;
}

/** The first member of a new cluster, as the flags describe it. */
export interface FirstMember {
  readonly name: string;
  readonly peerUrls: readonly string[];
}

export interface Beginning {
  readonly restored: Restored;
  /** To be on the disk before anything else happens; null for a log with a past. */
  readonly bootstrap: Persist | null;
}

/**
 * What consensus starts from. A log without an entry is begun: its first start was cut short. Throws `Failure` when log and
 * backend cannot belong together.
 */
export function beginningOf(
  log: RestoredLog,
  state: Pick<State, 'appliedIndex' | 'appliedTerm' | 'confState'>,
  first: FirstMember,
): Beginning {
  const { snapshot, hardState, entries } = log;
  if (snapshot.index === 0 && entries.length === 0 && state.appliedIndex === 0) return newCluster(log.memberId, first);
  checkTogether(log, state);
  const lastTerm = entries.at(-1)?.term ?? snapshot.term;
  const restored: Restored = {
    // A crash may have kept an entry and lost the hard state behind it, or the commit index, which is never synced.
    hardState: {
      term: Math.max(hardState.term, lastTerm),
      vote: hardState.term >= lastTerm ? hardState.vote : 0n,
      // The first entry is committed from the start: a second one of it would make the log one that no start accepts.
      commit: Math.max(hardState.commit, state.appliedIndex, 1),
    },
    confState: state.confState,
    snapshotIndex: snapshot.index,
    snapshotTerm: snapshot.term,
    entries,
    applied: state.appliedIndex,
  };
  return { restored, bootstrap: null };
}

/** One entry of term 1 that adds the member, committed from the start (docs/etcd-facts.md, raft entries). */
function newCluster(memberId: bigint, first: FirstMember): Beginning {
  const member = { ID: memberId, name: first.name, peerURLs: [...first.peerUrls], clientURLs: [], isLearner: false };
  const context = utf8(memberJson(member));
  const data = encodeConfChange({ id: 0n, type: ConfChangeType.addNode, nodeId: memberId, context });
  const entry: Entry = { term: 1, index: 1, type: EntryType.confChange, data };
  const hardState = { term: 1, vote: 0n, commit: 1 };
  return {
    restored: {
      hardState,
      confState: { voters: [], learners: [] },
      snapshotIndex: 0,
      snapshotTerm: 0,
      entries: [entry],
      applied: 0,
    },
    bootstrap: { number: 1, entries: [entry], hardState, mustSync: true },
  };
}

/** The backend has applied what the log, or what stood before it, says. */
function checkTogether(
  { snapshot, entries }: RestoredLog,
  { appliedIndex, appliedTerm }: Pick<State, 'appliedIndex' | 'appliedTerm'>,
): void {
  const remedy = 'both belong to one member: restore the data directory (and --wal-dir) as a whole from one backup';
  const details = { exitCode: ExitCode.fail, remedy };
  if (appliedIndex < snapshot.index) {
    const text = `the backend has entries up to ${appliedIndex}, but the log begins after ${snapshot.index}`;
    throw new Failure('BACKEND_BEHIND_LOG', text, details);
  }
  const lastIndex = snapshot.index + entries.length;
  if (appliedIndex > lastIndex) {
    const text = `the backend has entries up to ${appliedIndex}, but the log ends at ${lastIndex}`;
    throw new Failure('LOG_BEHIND_BACKEND', text, details);
  }
  const { term } = appliedIndex === snapshot.index ? snapshot : entries[appliedIndex - snapshot.index - 1]!;
  if (term !== appliedTerm) {
    const text = `entry ${appliedIndex} is of term ${appliedTerm} in the backend, but of term ${term} in the log`;
    throw new Failure('LOG_OF_ANOTHER_BACKEND', text, details);
  }
}
