/** Whether the write-ahead log reached the disk in time. */
import { judgeDisk } from './disk-latency.ts';
import type { RunCheck } from './run-check.ts';

/** Explains slow writes by the WAL's fsyncs. */
export const walFsyncLatency: RunCheck = {
  id: 'wal-fsync-latency',
  title: 'WAL fsync p99 is under 10 ms',
  threshold: 'p99 under 10 ms (etcd FAQ, "failed to send out heartbeat on time")',
  why: 'No write is acknowledged before its fsync, and a slow one delays heartbeats until elections start.',
  judge: (evidence) =>
    judgeDisk(
      {
        of: (server) => server.walFsyncP99Ms,
        what: "the WAL's fsync",
        limitMs: 10,
        remedy: 'Put the data (or only the WAL, with --wal-dir) on an SSD of its own.',
      },
      evidence,
    ),
};
