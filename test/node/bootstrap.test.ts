import { describe, expect, it } from 'vitest';
import { utf8Text } from '../../src/base/bytes.ts';
import { beginningOf, clusterIdOf, memberIdOf } from '../../src/node/bootstrap.ts';
import type { RestoredLog } from '../../src/node/log-store.ts';
import { readConfChange } from '../../src/node/raft/codec.ts';
import type { Entry } from '../../src/node/raft/entry.ts';
import { openLog } from '../../src/node/disk/wal-log-store.ts';
import { raisesClusterVersion } from '../../src/node/releases.ts';
import type { State } from '../../src/node/state/state.ts';
import { LogRun } from './disk/log-run.ts';
import { type DiskImage, MemoryFiles } from './disk/memory-files.ts';

const first = { name: 'default', peerUrls: ['http://localhost:2380'] };
const memberId = 0x8e9e05c52164694dn;
const voters = { voters: [memberId], learners: [] };

describe('identifiers', () => {
  it("are etcd's (observed on a real one)", () => {
    expect(memberIdOf(first.peerUrls, 'etcd-cluster').toString(16)).toBe('8e9e05c52164694d');
    expect(clusterIdOf([memberId]).toString(16)).toBe('cdf818194e3a8c32');
  });

  it('do not depend on the order in which things are given', () => {
    expect(memberIdOf(['http://b:1', 'http://a:1'], 't')).toBe(memberIdOf(['http://a:1', 'http://b:1'], 't'));
    expect(clusterIdOf([3n, 1n, 2n])).toBe(clusterIdOf([1n, 2n, 3n]));
  });

  it('differ with the token', () => {
    expect(memberIdOf(first.peerUrls, 'one')).not.toBe(memberIdOf(first.peerUrls, 'other'));
  });
});

function logOf(fields: Partial<RestoredLog>): RestoredLog {
  const nothing = { index: 0, term: 0, confState: { voters: [], learners: [] } };
  return {
    existed: true,
    memberId,
    clusterId: 1n,
    hardState: { term: 0, vote: 0n, commit: 0 },
    snapshot: nothing,
    entries: [],
    ...fields,
  };
}

function entriesOf(...terms: number[]): Entry[] {
  return terms.map((term, i) => ({ term, index: i + 1, type: 0, data: new Uint8Array(0) }));
}

function stateAt(appliedIndex: number, appliedTerm: number): Pick<State, 'appliedIndex' | 'appliedTerm' | 'confState'> {
  return { appliedIndex, appliedTerm, confState: voters };
}

/** A start that is killed once the log's beginning is on the disk; whether it had to write one, and what it leaves. */
async function firstStep(image: DiskImage): Promise<{ bootstraps: boolean; image: DiskImage }> {
  const files = new MemoryFiles(image);
  let onPersisted = (): void => {};
  const persisted = new Promise<void>((resolve) => (onPersisted = resolve));
  const observer = { onPersisted, onFailed: () => {} };
  const { log, restored } = await openLog({ ...new LogRun(files, 1).options(4_096), observer });
  const { bootstrap } = beginningOf(restored, stateAt(0, 0), first);
  if (bootstrap !== null) {
    log.append(bootstrap);
    await persisted;
  }
  return { bootstraps: bootstrap !== null, image: files.image() };
}

describe('the beginning of a log', () => {
  it('is the entry that adds the member, committed', () => {
    const { restored, bootstrap } = beginningOf(logOf({ existed: false }), stateAt(0, 0), first);
    const [entry] = bootstrap!.entries;
    const change = readConfChange(entry!.data)!;
    expect(entry).toMatchObject({ term: 1, index: 1, type: 1 });
    expect(change).toMatchObject({ nodeId: memberId, type: 0 });
    expect(utf8Text(change.context)).toBe(
      '{"id":10276657743932975437,"peerURLs":["http://localhost:2380"],"name":"default"}',
    );
    expect(bootstrap).toMatchObject({ mustSync: true, hardState: { term: 1, vote: 0n, commit: 1 } });
    expect(restored).toMatchObject({ applied: 0, confState: { voters: [] }, entries: [entry] });
  });

  it('is made again when a crash came before its entry was there', () => {
    expect(beginningOf(logOf({}), stateAt(0, 0), first).bootstrap).not.toBeNull();
  });

  it('is not written a second time when a crash came before the election', async () => {
    let image: DiskImage = new Map();
    for (const bootstraps of [true, false, false]) {
      const life = await firstStep(image);
      expect(life.bootstraps).toBe(bootstraps);
      image = life.image;
    }
  });

  it.each([
    {
      name: 'what is applied is committed, whatever the hard state has of it',
      log: { hardState: { term: 2, vote: 5n, commit: 1 }, entries: entriesOf(1, 2, 2) },
      applied: 3,
      appliedTerm: 2,
      hardState: { term: 2, vote: 5n, commit: 3 },
    },
    {
      name: 'an entry that outlived its hard state raises the term, without a vote',
      log: { hardState: { term: 2, vote: 5n, commit: 1 }, entries: entriesOf(1, 2, 3) },
      applied: 1,
      appliedTerm: 1,
      hardState: { term: 3, vote: 0n, commit: 1 },
    },
    {
      name: 'the first entry is committed, also before the hard state says so',
      log: { entries: entriesOf(1) },
      applied: 0,
      appliedTerm: 0,
      hardState: { term: 1, vote: 0n, commit: 1 },
    },
  ])('after a restart: $name', ({ log, applied, appliedTerm, hardState }) => {
    const { restored, bootstrap } = beginningOf(logOf(log), stateAt(applied, appliedTerm), first);
    expect(bootstrap).toBeNull();
    expect(restored).toMatchObject({ hardState, applied, confState: voters });
  });

  it.each([
    {
      name: 'the backend is older than the log',
      log: { snapshot: { index: 10, term: 2, confState: voters }, hardState: { term: 2, vote: 0n, commit: 10 } },
      applied: 9,
      code: 'BACKEND_BEHIND_LOG',
    },
    {
      name: 'the log is older than the backend',
      log: { hardState: { term: 1, vote: 0n, commit: 2 }, entries: entriesOf(1, 1) },
      applied: 3,
      code: 'LOG_BEHIND_BACKEND',
    },
    { name: 'the log is gone', log: { existed: false }, applied: 3, code: 'LOG_BEHIND_BACKEND' },
    {
      name: 'the log is that of another backend',
      log: { hardState: { term: 1, vote: 0n, commit: 3 }, entries: entriesOf(1, 1, 1) },
      applied: 3,
      code: 'LOG_OF_ANOTHER_BACKEND',
    },
    {
      name: 'the log begins after a snapshot of another backend',
      log: { snapshot: { index: 10, term: 1, confState: voters }, hardState: { term: 3, vote: 0n, commit: 10 } },
      applied: 10,
      code: 'LOG_OF_ANOTHER_BACKEND',
    },
  ])('is refused when $name', ({ log, applied, code }) => {
    expect(() => beginningOf(logOf(log), stateAt(applied, 2), first)).toThrow(expect.objectContaining({ code }));
  });
});

describe('the cluster version', () => {
  it.each([
    { current: null, raises: true },
    { current: '3.6.0', raises: true },
    { current: '3.7.0', raises: false },
    { current: '3.10.0', raises: false },
    { current: 'gibberish', raises: true },
  ])('$current is raised: $raises', ({ current, raises }) => expect(raisesClusterVersion(current)).toBe(raises));
});
