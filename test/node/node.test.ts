import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { etcdErrors } from '../../src/api/errors.ts';
import { AlarmRequest, AlarmRequest_AlarmAction, AlarmType } from '../../src/api/gen/etcdserverpb/maintenance.ts';
import type { Entry } from '../../src/node/raft/entry.ts';
import { Raft } from '../../src/node/raft/raft.ts';
import { RaftField, RaftRequestFrame } from '../../src/node/rpc/raft-request.ts';
import { ArenaKeyIndex } from '../../src/node/state/key-index/arena-key-index.ts';
import { StateMachine } from '../../src/node/state/state-machine.ts';
import { memberId, peerUrls } from './member.ts';
import { type Answer, contentsOf, MemberWorld } from './member-world.ts';
import { MemoryStorage } from './memory-storage.ts';

function json(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each));
}

describe('a start', () => {
  it('stands where a fresh etcd stands', () => {
    const { node, state, published, lines } = new MemberWorld().ready();
    expect(published).toBe(true);
    expect(node.status).toMatchObject({ term: 2, leader: memberId, isLeader: true, leaderChangesSeen: 1 });
    expect(node.status).toMatchObject({ commitIndex: 4, appliedIndex: 4, proposalsPending: 0 });
    expect(state.clusterVersion).toBe('3.7.0');
    const member = { ID: memberId, name: 'default', peerURLs: peerUrls, clientURLs: ['http://localhost:2379'] };
    expect(state.members).toEqual([{ ...member, isLearner: false }]);
    expect(lines).toContain('published local member to cluster through raft');
  });

  it('goes on where the first one was cut short', () => {
    const world = new MemberWorld({ syncMs: null });
    world.crash(1); // the first entry is on the disk, but nobody was ever elected
    world.restart({ syncMs: 1 });
    expect(world.ready().node.status).toMatchObject({ term: 2, appliedIndex: 4 });
  });

  it('follows its data where the flags say something else', () => {
    const world = new MemberWorld().ready();
    world.put('a', '1');
    world.clock.pass(500);
    world.crash();
    world.restart({ name: 'renamed', clientUrls: ['http://elsewhere:2379'] });
    world.ready();
    expect(world.state.members).toHaveLength(1);
    expect(world.state.members[0]).toMatchObject({ name: 'renamed', clientURLs: ['http://elsewhere:2379'] });
    expect(world.node.status).toMatchObject({ term: 3, memberId });
    expect(world.contents()).toEqual({ a: '1@2' });
  });
});

describe('a put', () => {
  it('is acknowledged when it is on the disk, and not before', () => {
    const world = new MemberWorld({ syncMs: null });
    for (let i = 0; i < 4; i++, world.clock.pass(1)) world.log.sync();
    const answer = world.put('a', '1');
    world.clock.pass(3_000);
    expect(answer.state).toBe('open');
    world.log.sync();
    expect(answer).toMatchObject({ state: 'done', revision: 2 });
  });

  it('shares its sync with all that come while another is under way', () => {
    const world = new MemberWorld({ syncMs: null });
    for (let i = 0; i < 4; i++, world.clock.pass(1)) world.log.sync();
    const before = world.log.syncs;
    const answers = [world.put('first', '')];
    world.clock.turn();
    for (let i = 0; i < 1_000; i++) {
      answers.push(world.put(`k${i}`, 'v'));
      if (i % 100 === 0) world.clock.turn();
    }
    world.clock.turn();
    world.log.sync();
    world.log.sync();
    expect(world.log.syncs - before).toBe(2);
    expect(answers.map(({ revision }) => revision)).toEqual(answers.map((_, i) => i + 2));
  });

  // The put's tags and lengths, the request's around it, and a header with an id of 9 bytes: 24.
  it.each([
    { name: 'too large', valueBytes: 1_572_841, error: etcdErrors.REQUEST_TOO_LARGE },
    { name: 'as large as may be', valueBytes: 1_572_840, error: null },
  ])('that is $name', ({ valueBytes, error }) => {
    const world = new MemberWorld().ready();
    const answer = world.put('k', 'v'.repeat(valueBytes));
    expect(answer.state).toBe('open'); // answers come in a later turn
    world.clock.pass(10);
    expect(answer.error).toBe(error);
  });

  it('is refused beyond five thousand that are not applied', () => {
    const world = new MemberWorld({ syncMs: null });
    for (let i = 0; i < 4; i++, world.clock.pass(1)) world.log.sync();
    const answers = Array.from({ length: 5_001 }, (_, i) => world.put(`k${i}`, 'v'));
    world.clock.turn();
    expect(answers.map(({ state }) => state).lastIndexOf('open')).toBe(4_999);
    expect(answers[5_000]!.error).toBe(etcdErrors.REQUEST_TOO_MANY_REQUESTS);
    world.log.sync();
    expect(answers.slice(0, 5_000).every(({ state }) => state === 'done')).toBe(true);
    expect(world.put('more', '').state).toBe('open');
  });

  it('fails after the request time-out when the disk does not answer, and is still applied once it does', () => {
    const world = new MemberWorld({ syncMs: null });
    for (let i = 0; i < 4; i++, world.clock.pass(1)) world.log.sync();
    const answer = world.put('a', '1');
    world.clock.pass(6_900);
    expect(answer.state).toBe('open');
    world.clock.pass(300);
    expect(answer.error).toBe(etcdErrors.TIMEOUT);
    world.log.sync();
    expect(world.contents()).toEqual({ a: '1@2' });
    const next = world.put('b', '2');
    world.clock.turn();
    world.log.sync();
    expect(next).toMatchObject({ state: 'done', revision: 3 });
  });

  it('fails otherwise when nobody led it into the log', () => {
    const world = new MemberWorld({ syncMs: null }); // not even the first sync comes
    const answers = [world.put('a', '1'), world.read()];
    world.log.sync();
    world.clock.pass(7_200); // the vote is never on the disk
    expect(answers[0]!.error).toBe(etcdErrors.PROPOSAL_DEADLINE_EXCEEDED);
    expect(answers[1]!.error).toBe(etcdErrors.TIMEOUT);
    expect(world.node.status.proposalsFailed).toBe(1);
  });
});

describe('a linearizable read', () => {
  it('waits for everything that was acknowledged before it, and for nothing else', () => {
    const world = new MemberWorld({ syncMs: null });
    for (let i = 0; i < 4; i++, world.clock.pass(1)) world.log.sync();
    world.put('a', '1');
    world.clock.turn();
    const read = world.read();
    world.clock.turn();
    expect(read).toMatchObject({ state: 'done', revision: 1 });
  });

  it('waits for the first commit of the term', () => {
    const world = new MemberWorld().ready();
    world.put('a', '1');
    world.clock.pass(20);
    world.crash();
    world.restart({ syncMs: null });
    const read = world.read();
    world.log.sync(); // the vote
    world.clock.pass(1_000);
    expect(read.state).toBe('open');
    world.log.sync(); // the empty entry
    world.clock.turn();
    expect(read).toMatchObject({ state: 'done', revision: 2 });
  });

  it('shares its round with all that ask in the same turn', () => {
    const world = new MemberWorld().ready();
    const answers = Array.from({ length: 100 }, () => world.read());
    const asked = (): number => world.recording.inputs.filter(({ kind }) => kind === 'readIndex').length;
    const before = asked();
    world.clock.turn();
    expect(asked() - before).toBe(1);
    expect(answers.every(({ state }) => state === 'done')).toBe(true);
  });
});

describe('an alarm', () => {
  it('is told when it comes and when it goes, not when it is there already', () => {
    const world = new MemberWorld().ready();
    const { ACTIVATE, DEACTIVATE } = AlarmRequest_AlarmAction;
    for (const action of [ACTIVATE, ACTIVATE, DEACTIVATE, DEACTIVATE]) {
      const request = AlarmRequest.encode({ action, memberID: memberId, alarm: AlarmType.NOSPACE }).finish();
      const proposer = { onApplied: () => {}, onFailed: () => {} };
      world.node.propose(new RaftRequestFrame().wrap(RaftField.alarm, request), proposer);
      world.clock.pass(20);
    }
    expect(world.lines.filter((line) => line.startsWith('alarm'))).toEqual(['alarm raised', 'alarm disarmed']);
  });
});

describe('a disk that fails', () => {
  it('ends all acknowledging when the log cannot be written', () => {
    const world = new MemberWorld({ syncMs: null });
    for (let i = 0; i < 4; i++, world.clock.pass(1)) world.log.sync();
    const answers = [world.put('a', '1')];
    world.clock.turn();
    answers.push(world.put('b', '2'));
    world.log.fail(new Error('EIO: i/o error, fdatasync'));
    answers.push(world.put('c', '3'), world.read());
    world.node.onPersisted(1_000);
    world.clock.pass(20_000);
    expect(answers.some(({ state }) => state === 'done')).toBe(false);
    expect(world.fatal).toEqual(['failed to write to the log: EIO: i/o error, fdatasync']);
    expect(world.node.status.stopping).toBe(true);
  });

  it('ends all acknowledging when the backend cannot be written', () => {
    const world = new MemberWorld().ready();
    world.storage.failWith(new Error('ENOSPC: no space left on device'));
    const before = world.put('a', '1');
    world.clock.pass(1_000);
    expect(before.state).toBe('done'); // it is in the log
    expect(world.fatal).toEqual(['failed to commit to the backend: ENOSPC: no space left on device']);
    const after = world.put('b', '2');
    world.clock.pass(20_000);
    expect(after.state).not.toBe('done');
  });
});

describe('the backend', () => {
  it('is written after the interval, or after so many operations', () => {
    const world = new MemberWorld({ config: { backendBatchLimit: 10 } }).ready();
    world.clock.pass(500);
    for (let i = 0; i < 9; i++) world.put(`k${i}`, 'v');
    world.clock.pass(50);
    const { flushedIndex } = world.state;
    world.put('tenth', 'v');
    world.clock.pass(20);
    expect(world.state.flushedIndex).toBeGreaterThan(flushedIndex);
    world.put('eleventh', 'v');
    world.clock.pass(90);
    expect(world.state.flushedIndex).toBeLessThan(world.state.appliedIndex);
    world.clock.pass(50);
    expect(world.state.flushedIndex).toBe(world.state.appliedIndex);
  });

  it('is asked for one transaction at a time, however slow it is', () => {
    const world = new MemberWorld({ holdsCommits: true, config: { backendBatchLimit: 10 } }).ready();
    for (let i = 0; i < 100; i++, world.clock.pass(20)) world.put(`k${i}`, 'v');
    expect(world.commits).toHaveLength(1);
    world.commits[0]!();
    expect(world.commits).toHaveLength(2);
  });

  it('has what a snapshot stands on, and the log in memory is cut behind it', () => {
    const world = new MemberWorld({ config: { snapshotCount: 100, snapshotCatchupEntries: 50 } }).ready();
    for (let i = 0; i < 800; i++) {
      world.put(`k${i % 10}`, 'v');
      if (i % 4 === 0) world.clock.pass(30);
      const { snapshots } = world.log;
      if (snapshots.length > 0) expect(snapshots.at(-1)!.index).toBeLessThanOrEqual(world.state.flushedIndex);
    }
    expect(world.log.snapshots.length).toBeGreaterThan(3);
    expect(world.log.snapshots[0]).toMatchObject({ term: 2, confState: { voters: [memberId], learners: [] } });
    const compacted = world.recording.inputs.filter((input) => input.kind === 'compact');
    expect(compacted.length).toBeGreaterThan(0);
    world.crash();
    world.restart();
    world.ready();
    expect(Object.keys(world.contents())).toHaveLength(10);
  });
});

describe('pressure', () => {
  it('shuts the gate at the high mark and opens it at the low one', () => {
    const world = new MemberWorld({ holdsCommits: true }).ready();
    const value = 'v'.repeat(1_048_576);
    for (let i = 0; i < 58; i++, world.clock.pass(2)) world.put('k', value);
    expect(world.gate).toEqual([]);
    for (let i = 0; i < 8; i++, world.clock.pass(2)) world.put('k', value);
    expect(world.gate).toEqual(['shut']);
    for (; world.commits.length > 0; world.clock.pass(200)) world.commits.shift()!();
    expect(world.gate).toEqual(['shut', 'open']);
  });
});

describe('a stop', () => {
  it('answers what it has, flushes, and closes the log', async () => {
    const world = new MemberWorld({ syncMs: 20 }).ready();
    world.clock.pass(500);
    const answer = world.put('a', '1');
    world.clock.turn();
    const stopped = world.node.stop(500);
    const late = world.put('b', '2');
    for (let i = 0; i < 20; i++) {
      world.clock.pass(10);
      await Promise.resolve();
    }
    await stopped;
    expect(answer.state).toBe('done');
    expect(late.error).toBe(etcdErrors.STOPPED);
    expect(world.log.closed).toBe(true);
    expect(world.state.flushedIndex).toBe(world.state.appliedIndex);
  });

  it('waits no longer than it may for a disk that does not answer', async () => {
    const world = new MemberWorld({ syncMs: null });
    for (let i = 0; i < 4; i++, world.clock.pass(1)) world.log.sync();
    const answer = world.put('a', '1');
    world.clock.pass(200);
    const stopped = world.node.stop(500);
    for (let i = 0; i < 20; i++) {
      world.clock.pass(100);
      await Promise.resolve();
    }
    await stopped;
    expect(answer.state).toBe('open');
    expect(world.log.closed).toBe(true);
    world.log.sync(); // too late: the next start applies it
    world.clock.pass(1_000);
    expect([world.fatal, world.contents()]).toEqual([[], {}]);
    world.crash();
    world.restart({ syncMs: 1 });
    expect(world.ready().contents()).toEqual({ a: '1@2' });
  });

  it('does not wait for proposals whose time is up', async () => {
    const world = new MemberWorld({ syncMs: null });
    const answer = world.put('a', '1');
    world.log.sync();
    world.clock.pass(6_900); // the vote is never on the disk
    const stopped = world.node.stop(60_000);
    world.clock.pass(200);
    await stopped;
    expect(answer.error).toBe(etcdErrors.PROPOSAL_DEADLINE_EXCEEDED);
  });
});

type Move = readonly [move: 'put' | 'read' | 'pass' | 'crash', count: number];

const moves = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constant('put' as const), fc.nat(9)) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('read' as const), fc.nat(3)) },
    { weight: 4, arbitrary: fc.tuple(fc.constant('pass' as const), fc.nat(60)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('crash' as const), fc.nat(9)) },
  ),
  { maxLength: 60 },
);

/** Plays a list; calls `onEnd` at the end of each life, before the crash. */
function play(
  world: MemberWorld,
  list: readonly Move[],
  onEnd: () => void,
): Map<string, { value: string; answer: Answer }[]> {
  const puts = new Map<string, { value: string; answer: Answer }[]>();
  let count = 0;
  for (const [move, n] of list) {
    if (move === 'put') {
      const value = `v${count++}`;
      const key = `k${n}`;
      puts.set(key, [...(puts.get(key) ?? []), { value, answer: world.put(key, value) }]);
    } else if (move === 'read') world.read();
    else if (move === 'pass') world.clock.pass(n);
    else {
      onEnd();
      world.crash(n % 4, n % 2 === 0);
      world.restart();
      world.clock.pass(30);
    }
  }
  onEnd();
  return puts;
}

describe('whatever comes', () => {
  it('loses nothing that was acknowledged and invents nothing', () => {
    fc.assert(
      fc.property(moves, fc.integer({ min: 1, max: 40 }), (list, syncMs) => {
        const world = new MemberWorld({ syncMs, config: { snapshotCount: 5, snapshotCatchupEntries: 2 } });
        world.clock.pass(300);
        const puts = play(world, list, () => {});
        world.crash(2, true);
        world.restart();
        world.clock.pass(2_000);
        const contents = world.contents();
        for (const [key, tries] of puts) {
          const found = contents[key]?.split('@')[0];
          const acknowledged = tries.findLastIndex(({ answer }) => answer.state === 'done');
          // The last acknowledged, or a later one whose answer the crash has swallowed.
          const possible = tries.slice(Math.max(acknowledged, 0)).map(({ value }) => value);
          if (found === undefined) expect(acknowledged).toBe(-1);
          else expect(possible).toContain(found);
        }
        for (const key of Object.keys(contents)) expect(puts.has(key)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('replays a recorded list of inputs to equal effects and state', () => {
    fc.assert(
      fc.property(moves, (list) => {
        const world = new MemberWorld({ config: { snapshotCount: 5, snapshotCatchupEntries: 2 } });
        world.clock.pass(300);
        let base: readonly Entry[] = [];
        play(world, list, () => {
          base = world.logDisk.entries;
        });
        const { config, restored, inputs } = world.recording;
        const [one, other] = [new Raft(config, restored), new Raft(config, restored)];
        const state = new StateMachine(new MemoryStorage(), new ArenaKeyIndex(), { clock: world.clock });
        const applied = { error: null, revision: 0, response: null };
        for (const entry of base.slice(0, restored.applied)) state.apply(entry, applied);
        for (const input of inputs) {
          const effects = one.step(input);
          expect(json(other.step(input))).toBe(json(effects));
          for (const entry of effects.commit) state.apply(entry, applied);
        }
        expect(state.appliedIndex).toBe(world.state.appliedIndex);
        expect(contentsOf(state)).toEqual(world.contents());
        expect(json(state.members)).toBe(json(world.state.members));
      }),
      { numRuns: 60 },
    );
  });
});
