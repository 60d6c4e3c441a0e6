/** Whether the cluster kept its leader while it was measured. */
import { formatCount } from '../../base/figures.ts';
import { skipped, type RunCheck } from './run-check.ts';

/** Explains stalls by elections. */
export const leaderChanges: RunCheck = {
  id: 'leader-changes',
  title: 'The leader stayed the leader',
  threshold: 'no change while requests were measured',
  why: 'No write is accepted between two leaders, so every change is a stall of about an election timeout.',
  judge: ({ summary: { server } }) => {
    const { leaderChanges: count, lostLeader, unavailable } = server;
    if (count === null && !lostLeader) return skipped(unavailable ?? 'no two scrapes around the load counted them');
    if (count === 0 && !lostLeader) return { status: 'pass', evidence: 'none' };
    const evidence = [
      ...(count === null ? [] : [formatCount(count, 'change')]),
      ...(lostLeader ? ['members without a leader in between'] : []),
    ].join(', and ');
    return {
      status: 'warn',
      evidence,
      remedy: 'See what delayed heartbeats: a slow fsync, a starved CPU, or a heartbeat interval below the round trip.',
      cause: `the leader changed while requests were measured (${evidence})`,
    };
  },
};
