/** Whether the host's CPUs were full, and who filled them. */
import { formatNumber, formatShare } from '../../base/figures.ts';
import { skipped, type RunCheck, type RunEvidence } from './run-check.ts';

const busyFraction = 0.9;

/** Explains slowness by a host without an idle core. */
export const hostCpu: RunCheck = {
  id: 'host-cpu',
  title: 'The host had CPU to spare',
  threshold: `under ${busyFraction * 100} % busy: beyond it requests wait for a core`,
  why: 'On a full host latency measures the queue for a core, of the server and of the generator alike.',
  judge: (evidence) => {
    const busy = evidence.summary.generator.hostCpuFraction;
    if (busy === null) return skipped('the CPU of this host could not be read');
    const seen = `${formatShare(busy)} of ${formatNumber(evidence.environment.cpuCount)} CPUs busy${shares(evidence)}`;
    if (busy < busyFraction) return { status: 'pass', evidence: seen };
    return {
      status: 'warn',
      evidence: seen,
      remedy: evidence.target.sharesHost
        ? 'Run the generator on another machine, or give this one more cores.'
        : 'Give the generator a machine with more cores.',
      cause: `the CPUs of ${evidence.target.sharesHost ? 'this host' : "the generator's host"} are full (${seen})`,
    };
  },
};

/** Who used them, in cores, as far as it is known. */
function shares({ summary, target }: RunEvidence): string {
  const perOp = summary.server.cpuUsPerOpFromProc ?? summary.server.cpuUsPerOp;
  const users: string[] = [];
  if (target.sharesHost && perOp !== null && summary.achievedPerSec !== null) {
    users.push(`server ${cores((perOp * summary.achievedPerSec) / 1e6)}`);
  }
  if (summary.generator.cpuCores !== null) users.push(`generator ${cores(summary.generator.cpuCores)}`);
  return users.length === 0 ? '' : `: ${users.join(', ')}`;
}

function cores(value: number): string {
  return `${formatNumber(value)} ${value > 0.995 && value < 1.005 ? 'core' : 'cores'}`;
}
