/** Whether requests had to wait for a client: Little's law, from the rate and the service time. */
import { formatDurationMs } from '../../base/duration.ts';
import { formatNumber, formatPerSecond, formatShare } from '../../base/figures.ts';
import { skipped, type RunCheck, type RunEvidence } from './run-check.ts';

const busyFraction = 0.95;

/** Explains a rate that stops growing by the number of clients. */
export const clients: RunCheck = {
  id: 'clients',
  title: 'There was a free client for every request',
  threshold: `under ${busyFraction * 100} % of the clients waiting for a reply (Little's law: rate x service time / clients)`,
  why: 'With every client waiting, the rate is the number of clients over the time of a reply, whatever was offered.',
  judge: (evidence) => {
    const meanMs = evidence.summary.service.summary.mean;
    const rate = evidence.summary.achievedPerSec;
    if (meanMs === null || rate === null) return skipped('nothing was measured');
    if (evidence.summary.model === 'closed') return closedLoop(evidence, meanMs);
    const busy = (rate * meanMs) / 1e3 / evidence.workload.clients;
    if (busy < busyFraction) return { status: 'pass', evidence: `${formatShare(busy)} of ${all(evidence)} busy` };
    return {
      status: 'warn',
      evidence: `all of ${all(evidence)} were waiting for replies: ${ceiling(evidence, meanMs)}`,
      remedy: 'Repeat with more --clients; when the rate stays the same, the server is the limit.',
      cause: `${all(evidence)} allow ${ceiling(evidence, meanMs)}`,
    };
  },
};

/** Its clients are always waiting: that is what a closed loop is, and it explains only a rate that is too low. */
function closedLoop(evidence: RunEvidence, meanMs: number): ReturnType<RunCheck['judge']> {
  return {
    status: 'pass',
    evidence: `closed loop: ${all(evidence)} allow ${ceiling(evidence, meanMs)}`,
    cause: `${all(evidence)} in a closed loop allow ${ceiling(evidence, meanMs)}`,
  };
}

function all({ workload }: RunEvidence): string {
  return `${formatNumber(workload.clients)} ${workload.clients === 1 ? 'client' : 'clients'}`;
}

function ceiling({ workload }: RunEvidence, meanMs: number): string {
  return `${formatPerSecond((workload.clients / meanMs) * 1e3)} at ${formatDurationMs(meanMs)} a reply`;
}
