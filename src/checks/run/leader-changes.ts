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
    if (server.leaderChanges === null) return skipped(server.unavailable ?? 'the server counts no leader changes');
    if (server.leaderChanges === 0 && !server.lostLeader) return { status: 'pass', evidence: 'none' };
    const changes = formatCount(server.leaderChanges, 'change');
    const evidence = server.lostLeader ? `${changes}, and members without a leader in between` : changes;
    return {
      status: 'warn',
      evidence,
      remedy: 'See what delayed heartbeats: a slow fsync, a starved CPU, or a heartbeat interval below the round trip.',
      cause: `the leader changed while requests were measured (${evidence})`,
    };
  },
};
