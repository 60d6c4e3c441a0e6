import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { etcdErrors } from '../../../src/api/errors.ts';
import { ProtoWriter } from '../../../src/api/proto-writer.ts';
import { encodeConfChange } from '../../../src/node/raft/codec.ts';
import { ConfChangeType, EntryType } from '../../../src/node/raft/entry.ts';
import { internalRequest } from './entries.ts';
import { Machine } from './machine.ts';

/** Ids as they are: beyond what a double holds. */
const first = 10276657743932975437n;
const second = 14841639068965178418n;
const { addNode, addLearnerNode, removeNode, updateNode } = ConfChangeType;

function change(machine: Machine, type: ConfChangeType, nodeId: bigint, context: string) {
  const data = encodeConfChange({ id: 1n, type, nodeId, context: utf8(context) });
  return machine.applyData(data, EntryType.confChange).error;
}

function member(id: bigint, port: number, more = ''): string {
  return `{"id":${id},"peerURLs":["http://localhost:${port}"]${more}}`;
}

function attributes(id: bigint, name: string, clientUrl: string): Uint8Array {
  const writer = new ProtoWriter();
  writer.uint32(0x08).uint64(id).uint32(0x12).fork().uint32(0x0a).string(name).uint32(0x12).string(clientUrl).join();
  return internalRequest(1301, writer.finish());
}

function twoMembers(): Machine {
  const machine = new Machine();
  change(machine, addNode, first, member(first, 2380, ',"name":"default"'));
  change(machine, addLearnerNode, second, member(second, 2382, ',"isLearner":true'));
  return machine;
}

describe('members', () => {
  it('are added, publish themselves, and are there after a restart as etcd writes them', async () => {
    const machine = twoMembers();
    machine.applyData(attributes(first, 'infra0', 'http://localhost:2379'));
    const one = {
      ID: first,
      name: 'infra0',
      peerURLs: ['http://localhost:2380'],
      clientURLs: ['http://localhost:2379'],
      isLearner: false,
    };
    const two = { ID: second, name: '', peerURLs: ['http://localhost:2382'], clientURLs: [], isLearner: true };
    expect(machine.state.members).toEqual([one, two]);
    await machine.flush();
    const restarted = new Machine({}, machine.storage.crash(true));
    expect(restarted.state.members).toEqual([one, two]);
    expect(restarted.state.confState).toEqual({ voters: [first], learners: [second] });
    const stored = (table: 'members' | 'meta', key: string) =>
      Buffer.from(restarted.storage.get(table, utf8(key))!).toString();
    expect(stored('members', '8e9e05c52164694d')).toBe(
      '{"id":10276657743932975437,"peerURLs":["http://localhost:2380"],"name":"infra0","clientURLs":["http://localhost:2379"]}',
    );
    expect(stored('meta', 'confState')).toBe(`{"voters":[${first}],"learners":[${second}],"auto_leave":false}`);
  });

  it.each([
    {
      name: 'add one that is there',
      type: addNode,
      id: first,
      context: member(first, 2390),
      error: etcdErrors.MEMBER_EXIST,
    },
    {
      name: 'add with the URL of another',
      type: addNode,
      id: 3n,
      context: member(3n, 2380),
      error: etcdErrors.PEER_URL_EXIST,
    },
    { name: 'add without a context', type: addNode, id: 3n, context: '', error: etcdErrors.MEMBER_BAD_URLS },
    {
      name: 'add with a context that is no object',
      type: addNode,
      id: 3n,
      context: '7',
      error: etcdErrors.MEMBER_BAD_URLS,
    },
    { name: 'remove one that is not there', type: removeNode, id: 3n, context: '', error: etcdErrors.MEMBER_NOT_FOUND },
    {
      name: 'update one that is not there',
      type: updateNode,
      id: 3n,
      context: member(3n, 2390),
      error: etcdErrors.MEMBER_NOT_FOUND,
    },
    {
      name: 'update to the URL of another',
      type: updateNode,
      id: second,
      context: member(second, 2380),
      error: etcdErrors.PEER_URL_EXIST,
    },
    {
      name: 'promote one that is not there',
      type: addNode,
      id: 3n,
      context: member(3n, 2390, ',"isPromote":true'),
      error: etcdErrors.MEMBER_NOT_FOUND,
    },
    {
      name: 'promote a voter',
      type: addNode,
      id: first,
      context: member(first, 2380, ',"isPromote":true'),
      error: etcdErrors.MEMBER_NOT_LEARNER,
    },
  ])('$name: refused, and nothing changes', ({ type, id, context, error }) => {
    const machine = twoMembers();
    const { members, confState } = machine.state;
    expect(change(machine, type, id, context)).toBe(error);
    expect(machine.state.members).toBe(members);
    expect(machine.state.confState).toBe(confState);
  });

  it('are promoted, updated and removed, and a removed one stays away', async () => {
    const machine = twoMembers();
    expect(change(machine, addNode, second, member(second, 2382, ',"isPromote":true'))).toBe(null);
    expect(machine.state.confState).toEqual({ voters: [first, second], learners: [] });
    expect(change(machine, updateNode, second, member(second, 2399))).toBe(null);
    expect(machine.state.members[1]).toMatchObject({ peerURLs: ['http://localhost:2399'], isLearner: false });
    expect(change(machine, removeNode, second, '')).toBe(null);
    expect(machine.state.confState).toEqual({ voters: [first], learners: [] });
    await machine.flush();
    const restarted = new Machine({}, machine.storage.crash(true));
    expect(restarted.state.members.length).toBe(1);
    expect(change(restarted, addNode, second, member(second, 2382))).toBe(etcdErrors.MEMBER_NOT_FOUND);
    expect(restarted.storage.get('members_removed', utf8(second.toString(16)))).not.toBe(null);
  });

  it('know the version of the cluster', async () => {
    const machine = new Machine();
    expect(machine.state.clusterVersion).toBe(null);
    machine.applyData(internalRequest(1300, new ProtoWriter().uint32(0x0a).string('3.7.0').finish()));
    await machine.flush();
    expect(new Machine({}, machine.storage.crash(true)).state.clusterVersion).toBe('3.7.0');
  });
});
