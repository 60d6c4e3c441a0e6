/** Whether the backend (bbolt) reached the disk in time. */
import { judgeDisk } from './disk-latency.ts';
import type { RunCheck } from './run-check.ts';

/** Explains slow writes by the backend's commits. */
export const backendCommitLatency: RunCheck = {
  id: 'backend-commit-latency',
  title: 'Backend commit p99 is under 25 ms',
  threshold: 'p99 under 25 ms (etcd FAQ, "apply entries took too long")',
  why: 'While the backend commits, writes queue behind it and reads wait.',
  judge: (evidence) =>
    judgeDisk(
      {
        of: (server) => server.backendCommitP99Ms,
        what: "the backend's commit",
        limitMs: 25,
        remedy: 'Put the data on a faster disk, and keep other writers off it.',
      },
      evidence,
    ),
};
