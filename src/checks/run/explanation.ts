/** Why a run failed or was spoiled, from what the checks saw: the first that explains it, and at most one beside it. */
import { formatDurationMs } from '../../base/duration.ts';
import { formatShare } from '../../base/figures.ts';
import { lateByStopsAlone, stoodStillWords } from './event-loop-lag.ts';
import type { CheckedFinding, RunEvidence } from './run-check.ts';
import { failsRate, type ThresholdOutcome } from './thresholds.ts';

interface Explained extends RunEvidence {
  readonly thresholds: readonly ThresholdOutcome[];
  readonly checked: readonly CheckedFinding[];
}

const causesMax = 2;
const ofTheGenerator = new Set(['cpu-steal', 'host-cpu', 'gc-pause', 'event-loop-lag']);

/** "because …" for a FAIL; says so when nothing that was measured explains it. */
export function explanation(evidence: Explained): string {
  const causes = explaining(evidence);
  return causes.length > 0 ? because(causes) : `and nothing that was measured explains it${looked(evidence)}`;
}

/** What explains a failed threshold, root first. The clients of a closed loop explain a rate alone. */
export function explaining({ checked, thresholds }: Explained): readonly CheckedFinding[] {
  const rateFailed = failsRate(thresholds);
  return checked.filter(
    ({ finding, cause }) => cause !== null && (finding.status === 'warn' || (rateFailed && finding.id === 'clients')),
  );
}

/** The same for an INVALID, where only what stops the generator counts. */
export function generatorExplanation(evidence: Explained): string {
  const causes = evidence.checked.filter(
    ({ finding, cause }) => cause !== null && finding.status === 'warn' && ofTheGenerator.has(finding.id),
  );
  if (causes.length > 0) return because(causes);
  if (lateByStopsAlone(evidence.summary)) return `because ${stoodStillWords(evidence.summary)}`;
  return 'and it was asked for more than it can send from here';
}

function because(findings: readonly CheckedFinding[]): string {
  const causes = findings.slice(0, causesMax).map(({ cause }) => cause);
  return `because ${causes.join(', and ')}`;
}

/** What was looked at and found well, so that nobody looks there again. */
function looked({ summary: { server, generator }, target }: RunEvidence): string {
  const seen: string[] = [];
  if (server.walFsyncP99Ms !== null) seen.push(`fsync p99 ${formatDurationMs(server.walFsyncP99Ms.median)}`);
  if (server.backendCommitP99Ms !== null) seen.push(`commit p99 ${formatDurationMs(server.backendCommitP99Ms.median)}`);
  if (generator.hostCpuFraction !== null) seen.push(`host CPU ${formatShare(generator.hostCpuFraction)}`);
  const next = target.sharesHost ? '' : '; look at the network between generator and server';
  return `${seen.length === 0 ? '' : ` (${seen.join(', ')})`}${next}`;
}
