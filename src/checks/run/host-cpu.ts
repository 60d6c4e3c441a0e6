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
      remedy: remedyFor(evidence),
      cause: `the CPUs of ${evidence.target.sharesHost ? 'this host' : "the generator's host"} are full (${seen})`,
    };
  },
};

function remedyFor(evidence: RunEvidence): string {
  const { server, generator, others } = usersOf(evidence);
  if (others !== null && others > (server ?? 0) + (generator ?? 0))
    return 'Stop what else runs on this host, and repeat.';
  return evidence.target.sharesHost
    ? 'Run the generator on another machine, or give this one more cores.'
    : 'Give the generator a machine with more cores.';
}

/** Who used them, in cores, as far as it is known; what nobody accounts for belongs to other processes of the host. */
function shares(evidence: RunEvidence): string {
  const { server, generator, others } = usersOf(evidence);
  const users: string[] = [];
  if (server !== null) users.push(`server ${cores(server)}`);
  if (generator !== null) users.push(`generator ${cores(generator)}`);
  if (others !== null) users.push(`everything else ${cores(others)}`);
  return users.length === 0 ? '' : `: ${users.join(', ')}`;
}

interface Users {
  readonly server: number | null;
  readonly generator: number | null;
  readonly others: number | null;
}

function usersOf({ summary, target, environment }: RunEvidence): Users {
  const perOp = summary.server.cpuUsPerOp;
  const rate = summary.achievedPerSec;
  const server = target.sharesHost && perOp !== null && rate !== null ? (perOp * rate) / 1e6 : null;
  const generator = summary.generator.cpuCores;
  const busy = summary.generator.hostCpuFraction;
  const known = server !== null && generator !== null && busy !== null;
  return { server, generator, others: known ? Math.max(0, busy * environment.cpuCount - server - generator) : null };
}

function cores(value: number): string {
  return `${formatNumber(value)} ${value > 0.995 && value < 1.005 ? 'core' : 'cores'}`;
}
