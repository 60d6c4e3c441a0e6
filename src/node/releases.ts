/** The etcd release that the node answers as (design: follow the newest), and what it makes of the cluster's version. */
export const etcdVersion = '3.7.1';
export const clusterVersion = '3.7.0';

/** Whether a cluster at `current` (null: not decided) is to be raised: to the release of its one member, never down. */
export function raisesClusterVersion(current: string | null): boolean {
  return current === null || ordinalOf(current) < ordinalOf(clusterVersion);
}

/** Major and minor as one number. What is no version counts as the oldest. */
function ordinalOf(version: string): number {
  const match = /^(\d+)\.(\d+)\./.exec(version);
  return match === null ? -1 : Number(match[1]) * 1_000 + Number(match[2]);
}
