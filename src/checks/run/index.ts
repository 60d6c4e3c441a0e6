/**
 * The catalog: every check of a run, in the order in which they explain a failure, root before symptom: a full CPU makes
 * every fsync look slow, a slow disk costs the leader its place, and all three end in errors. The number of clients comes
 * last, because they are all busy whenever anything above is slow.
 */
import { backendCommitLatency } from './backend-commit-latency.ts';
import { clients } from './clients.ts';
import { cpuSteal } from './cpu-steal.ts';
import { errors } from './errors.ts';
import { eventLoopLag } from './event-loop-lag.ts';
import { gcPause } from './gc-pause.ts';
import { hostCpu } from './host-cpu.ts';
import { leaderChanges } from './leader-changes.ts';
import type { RunCheck } from './run-check.ts';
import { scheduleSlip } from './schedule-slip.ts';
import { storage } from './storage.ts';
import { walFsyncLatency } from './wal-fsync-latency.ts';

export const runChecks: readonly RunCheck[] = [
  cpuSteal,
  hostCpu,
  walFsyncLatency,
  backendCommitLatency,
  storage,
  leaderChanges,
  errors,
  scheduleSlip,
  gcPause,
  eventLoopLag,
  clients,
];
