/**
 * Members and configurations as JSON, as etcd writes them into the log and the backend (docs/etcd-facts.md, members as json).
 * Ids are JSON numbers beyond 2^53: written digit by digit, and read from elsewhere (a key, the change's node id).
 */
import { utf8Text } from '../../base/bytes.ts';
import type { Member } from '../../api/gen/etcdserverpb/cluster.ts';
import type { ConfState } from '../raft/entry.ts';

export interface MemberContext {
  readonly member: Member;
  /** A learner is to become a voter. */
  readonly isPromote: boolean;
}

/** Empty fields are left out, as Go's `omitempty` does. */
export function memberJson({ ID, peerURLs, isLearner, name, clientURLs }: Member): string {
  const rest = {
    peerURLs,
    ...(isLearner ? { isLearner } : {}),
    ...(name === '' ? {} : { name }),
    ...(clientURLs.length === 0 ? {} : { clientURLs }),
  };
  return `{"id":${ID},${JSON.stringify(rest).slice(1)}`;
}

/** Null when it is no such object. */
export function readMemberJson(id: bigint, bytes: Uint8Array): MemberContext | null {
  const fields = parsed(utf8Text(bytes));
  if (fields === null) return null;
  const member: Member = {
    ID: id,
    name: typeof fields['name'] === 'string' ? fields['name'] : '',
    peerURLs: strings(fields['peerURLs']),
    clientURLs: strings(fields['clientURLs']),
    isLearner: fields['isLearner'] === true,
  };
  return { member, isPromote: fields['isPromote'] === true };
}

export function confStateJson({ voters, learners }: ConfState): string {
  const rest = learners.length === 0 ? '' : `"learners":[${learners.join(',')}],`;
  return `{"voters":[${voters.join(',')}],${rest}"auto_leave":false}`;
}

/** What is not there is empty. */
export function readConfStateJson(text: string): ConfState {
  return { voters: ids(text, 'voters'), learners: ids(text, 'learners') };
}

function ids(text: string, field: string): bigint[] {
  const list = new RegExp(`"${field}":\\[([\\d,]+)\\]`).exec(text)?.[1];
  return list === undefined ? [] : list.split(',').map(BigInt);
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
