/**
 * What must hold before the first put, so that a benchmark does no harm: the target is there and healthy, no alarm is
 * raised, nobody's keys lie where ours will, and what we plan to write fits below the quota.
 *
 * Promises: reads only. Every refusal is a Failure with one line: 6 when the target cannot be reached, else 2.
 */
import { randomBytes } from 'node:crypto';
import { utf8 } from '../base/bytes.ts';
import { ExitCode, Failure } from '../base/failure.ts';
import { formatBytes } from '../base/figures.ts';
import {
  activeAlarms,
  anyKey,
  memberStatus,
  type Alarm,
  type Caller,
  type MemberCaller,
  type MemberStatus,
} from './control.ts';
import { checkParent, defaultParent, roundPrefix } from './key-prefix.ts';
import { quotaBound, type WriteBound } from './load-spec.ts';
import { isUnbounded, plannedBytes } from './planned-bytes.ts';
import type { Workload } from './workload.ts';

/** etcd's quota when --quota-backend-bytes is not given: 2 GiB. */
const defaultQuotaBytes = 2 * 1024 ** 3;

/** A closed loop against somebody's cluster leaves a fifth of the room alone. */
const headroomShare = 0.8;

export interface Guards {
  readonly workload: Workload;
  /** `--prefix`; null for the default parent. */
  readonly parent: string | null;
  /** This round's share of `--max-bytes`; null without. */
  readonly maxBytes: number | null;
  /** The server was started by us and is thrown away: the only guard it needs is its size. */
  readonly disposable: boolean;
}

export interface TargetFacts {
  /** One per endpoint, in their order. */
  readonly members: readonly MemberStatus[];
  /** The smallest of all members that say so; null when none does. */
  readonly quotaBytes: number | null;
}

export interface RoundPlan {
  readonly prefix: string;
  readonly bound: WriteBound | null;
  readonly version: string | null;
  readonly dbSizeBytes: number;
}

/** What can be refused without asking the target. */
export function checkGuards(guards: Guards): void {
  if (guards.parent !== null) checkParent(guards.parent);
  if (!guards.disposable && guards.maxBytes === null && isUnbounded(guards.workload)) {
    throw new Failure('UNBOUNDED', 'a closed loop against --endpoints needs a bound on what it writes', {
      remedy: 'give --max-bytes 500MB, or a count in the workload',
    });
  }
}

/** `members[i]` talks to endpoint i alone, `cluster` to any of them. Throws a Failure, or answers what the round may do. */
export async function preflight(guards: Guards, cluster: Caller, facts: TargetFacts): Promise<RoundPlan> {
  checkGuards(guards);
  refuseStrangers(facts.members);
  refuseLearners(facts.members);
  refuseSick(facts.members);
  const prefix = roundPrefix(guards.parent ?? defaultParent, randomBytes(8).toString('hex'));
  const [alarms, foreign, ours] = await Promise.all([
    activeAlarms(cluster),
    // Under a parent of the user's choice nothing may be there at all: it could be a live application's prefix.
    guards.parent === null ? null : anyKey(cluster, utf8(guards.parent)),
    anyKey(cluster, utf8(prefix)),
  ]);
  refuseAlarms(alarms);
  if (foreign !== null) throw notEmpty(guards.parent ?? '', foreign);
  if (ours !== null) throw notEmpty(prefix, ours);
  const dbSizeBytes = Math.max(...facts.members.map((member) => member.dbSizeBytes));
  const headroom = Math.max(0, (facts.quotaBytes ?? defaultQuotaBytes) - dbSizeBytes);
  const bound = boundOf(guards, utf8(prefix).length, headroom);
  return { prefix, bound, version: facts.members[0]?.version ?? null, dbSizeBytes };
}

/** Asks every member, so that one which is down is found before the load finds it. */
export async function askMembers(members: readonly MemberCaller[]): Promise<MemberStatus[]> {
  return Promise.all(members.map((member) => memberStatus(member)));
}

/** Where requests go: to all endpoints in turn, or to the one whose member leads now. */
export function loadEndpoints<Endpoint>(
  spread: Workload['spread'],
  endpoints: readonly Endpoint[],
  members: readonly MemberStatus[],
): readonly Endpoint[] {
  if (spread === 'all') return endpoints;
  const leader = endpoints.filter((_, i) => members[i]?.memberId === members[i]?.leaderId).slice(0, 1);
  if (leader.length > 0) return leader;
  throw new Failure('NO_LEADER', 'the workload goes to the leader, which is none of the endpoints', {
    remedy: "add the leader's URL to --endpoints, or set spread: all",
  });
}

/** The bound for the load, or a refusal when the plan is larger than the headroom. */
export function boundOf(guards: Guards, prefixBytes: number, headroomBytes: number): WriteBound | null {
  const planned = plannedBytes(guards.workload, prefixBytes);
  const asked = guards.maxBytes ?? Infinity;
  const byUser = { bytes: asked, name: '--max-bytes' };
  if (planned === null) {
    const byQuota = { bytes: Math.floor(headroomBytes * headroomShare), name: quotaBound };
    return asked <= byQuota.bytes ? byUser : byQuota;
  }
  if (Math.min(planned, asked) > headroomBytes) {
    const wanted = formatBytes(Math.min(planned, asked));
    const left = formatBytes(headroomBytes);
    throw new Failure('HEADROOM', `the workload plans ${wanted}, the target's quota has ${left} left`, {
      remedy: 'shorten it with --duration or --rate, or raise the quota',
    });
  }
  return guards.maxBytes === null ? null : byUser;
}

/** All guards but the status ask one member for its cluster, and so does the clean-up. */
function refuseStrangers([first, ...others]: readonly MemberStatus[]): void {
  const stranger = others.find((member) => member.clusterId !== first?.clusterId);
  if (first === undefined || stranger === undefined) return;
  throw new Failure('CLUSTERS', `${first.url} and ${stranger.url} are of different clusters`, {
    remedy: 'give --endpoints of one cluster',
  });
}

function refuseLearners(members: readonly MemberStatus[]): void {
  const learner = members.find((member) => member.isLearner);
  if (learner === undefined) return;
  throw new Failure('LEARNER', `${learner.url} is a learner, which takes no writes`, {
    remedy: 'leave it out of --endpoints',
  });
}

function refuseSick(members: readonly MemberStatus[]): void {
  if (members.every((member) => member.leaderId !== 0n)) return;
  throw new Failure('NO_LEADER', 'the target has no leader', {
    exitCode: ExitCode.unreachable,
    remedy: 'look at etcdctl endpoint status',
  });
}

function refuseAlarms(alarms: readonly Alarm[]): void {
  if (alarms.length === 0) return;
  const names = [...new Set(alarms.map((alarm) => alarm.name))].join(' and ');
  throw new Failure('ALARM', `the target has raised the alarm ${names}`, {
    remedy: 'find its cause, then etcdctl alarm disarm',
  });
}

function notEmpty(prefix: string, key: string): Failure {
  const shown = key.length > 80 ? `${key.slice(0, 80)}…` : key;
  return new Failure('PREFIX', `the prefix "${prefix}" is not empty: it holds ${JSON.stringify(shown)}`, {
    remedy: 'choose another --prefix, or leave it out',
  });
}
