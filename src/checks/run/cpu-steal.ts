/** Whether the hypervisor kept the host from running. A cause, never a trigger. */
import { formatShare } from '../../base/figures.ts';
import { skipped, type RunCheck } from './run-check.ts';

const limitFraction = 0.02;

/** Explains stalls by CPU time that the hypervisor gave to others. */
export const cpuSteal: RunCheck = {
  id: 'cpu-steal',
  title: 'The hypervisor left the CPUs to this machine',
  threshold: `steal up to ${limitFraction * 100} % of CPU time`,
  why: 'Stolen time stops server and generator alike, and no configuration of either brings it back.',
  judge: ({ summary: { generator } }) => {
    if (generator.stealFraction === null) return skipped('steal could not be read');
    const seen = `${formatShare(generator.stealFraction)} of CPU time`;
    if (generator.stealFraction <= limitFraction) return { status: 'pass', evidence: seen };
    return {
      status: 'warn',
      evidence: seen,
      remedy: 'Use a machine with dedicated CPUs, or repeat when its neighbours are quiet.',
      cause: `the hypervisor gave away ${seen}`,
    };
  },
};
