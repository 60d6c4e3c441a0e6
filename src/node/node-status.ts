/** The node's own account of itself: plain fields that the loop writes and anybody reads. */
import type { NodeStatus } from './requests.ts';

export class LiveStatus implements NodeStatus {
  readonly memberId: bigint;
  readonly clusterId: bigint;
  leader = 0n;
  isLeader = false;
  readonly isLearner = false;
  term = 0;
  commitIndex = 0;
  appliedIndex = 0;
  leaderChangesSeen = 0;
  proposalsPending = 0;
  proposalsFailed = 0;
  slowApplies = 0;
  stopping = false;

  constructor(memberId: bigint, clusterId: bigint) {
    this.memberId = memberId;
    this.clusterId = clusterId;
  }
}
