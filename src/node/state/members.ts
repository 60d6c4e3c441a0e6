/**
 * Who belongs to the cluster: changed by configuration changes of the log, which raft is told of through `confState`, and by
 * what members say of themselves. A member that was removed never comes back under its id.
 */
import { emptyBytes, utf8, utf8Text } from '../../base/bytes.ts';
import { etcdErrors, type EtcdError } from '../../api/errors.ts';
import type { Member } from '../../api/gen/etcdserverpb/cluster.ts';
import type { Storage } from '../ports.ts';
import { ConfChangeType, type ConfChange, type ConfState } from '../raft/entry.ts';
import { confStateJson, memberJson, readConfStateJson, readMemberJson } from './member-json.ts';
import type { MemberAttributes } from './membership-messages.ts';
import { metaKeys, type PendingWrites } from './pending-writes.ts';

const removedMark = utf8('removed');

export class Members {
  /** In order of ids. Replaced, never changed. */
  list: readonly Member[] = [];
  confState: ConfState = { voters: [], learners: [] };
  readonly #removed = new Set<bigint>();
  readonly #writes: PendingWrites;

  constructor(writes: PendingWrites) {
    this.#writes = writes;
  }

  load(storage: Storage): void {
    const found: Member[] = [];
    storage.scan('members', emptyBytes, null, (key, value) => {
      const member = readMemberJson(idOf(key), value);
      if (member !== null) found.push(member.member);
      return true;
    });
    this.list = sorted(found);
    storage.scan('members_removed', emptyBytes, null, (key) => {
      this.#removed.add(idOf(key));
      return true;
    });
    const confState = storage.get('meta', metaKeys.confState);
    if (confState !== null) this.confState = readConfStateJson(utf8Text(confState));
  }

  /** One configuration change, valid in etcd's terms or an error and no change. */
  apply(change: ConfChange): EtcdError | null {
    const { nodeId } = change;
    const present = this.list.find((member) => member.ID === nodeId);
    if (this.#removed.has(nodeId)) return etcdErrors.MEMBER_NOT_FOUND;
    if (change.type === ConfChangeType.removeNode) return present === undefined ? missing() : this.#remove(nodeId);
    const context = readMemberJson(nodeId, change.context);
    if (context === null) return etcdErrors.MEMBER_BAD_URLS;
    if (change.type === ConfChangeType.updateNode)
      return present === undefined ? missing() : this.#update(present, context.member);
    if (context.isPromote) return present === undefined ? missing() : this.#promote(present);
    const isLearner = change.type === ConfChangeType.addLearnerNode;
    return present === undefined ? this.#add({ ...context.member, isLearner }) : etcdErrors.MEMBER_EXIST;
  }

  /** What a member publishes when it has started. */
  setAttributes({ memberId, name, clientUrls }: MemberAttributes): void {
    const present = this.list.find((member) => member.ID === memberId);
    if (present !== undefined) this.#put({ ...present, name, clientURLs: clientUrls });
  }

  #add(member: Member): EtcdError | null {
    if (this.#isUsed(member)) return etcdErrors.PEER_URL_EXIST;
    this.#put(member);
    this.#configure();
    return null;
  }

  #promote(member: Member): EtcdError | null {
    if (!member.isLearner) return etcdErrors.MEMBER_NOT_LEARNER;
    this.#put({ ...member, isLearner: false });
    this.#configure();
    return null;
  }

  /** New peer URLs; nothing else of a member is changed this way. */
  #update(present: Member, context: Member): EtcdError | null {
    const member = { ...present, peerURLs: context.peerURLs };
    if (this.#isUsed(member)) return etcdErrors.PEER_URL_EXIST;
    this.#put(member);
    return null;
  }

  #remove(id: bigint): EtcdError | null {
    this.#removed.add(id);
    this.list = this.list.filter((member) => member.ID !== id);
    this.#writes.delete('members', keyOf(id));
    this.#writes.put('members_removed', keyOf(id), removedMark);
    this.#configure();
    return null;
  }

  #isUsed({ ID, peerURLs }: Member): boolean {
    return this.list.some((other) => other.ID !== ID && other.peerURLs.some((url) => peerURLs.includes(url)));
  }

  #put(member: Member): void {
    this.list = sorted([...this.list.filter((other) => other.ID !== member.ID), member]);
    this.#writes.put('members', keyOf(member.ID), utf8(memberJson(member)));
  }

  #configure(): void {
    const ids = (isLearner: boolean) => this.list.filter((each) => each.isLearner === isLearner).map((each) => each.ID);
    this.confState = { voters: ids(false), learners: ids(true) };
    this.#writes.put('meta', metaKeys.confState, utf8(confStateJson(this.confState)));
  }
}

function missing(): EtcdError {
  return etcdErrors.MEMBER_NOT_FOUND;
}

function sorted(members: Member[]): Member[] {
  return members.sort((a, b) => (a.ID < b.ID ? -1 : 1));
}

/** Hexadecimal, without leading zeros. */
function keyOf(id: bigint): Uint8Array {
  return utf8(id.toString(16));
}

function idOf(key: Uint8Array): bigint {
  return BigInt(`0x${utf8Text(key)}`);
}
