/** What failed, by gRPC status, and what each status means for whoever benchmarks etcd. */
import { formatCount, formatNumber, formatShare } from '../../base/figures.ts';
import { formatDurationMs } from '../../base/duration.ts';
import type { RunCheck, RunEvidence } from './run-check.ts';

/** What a status means for somebody who benchmarks etcd, and what to do about it. */
const meanings: Readonly<Record<string, { readonly means: string; readonly remedy: string }>> = {
  DeadlineExceeded: { means: 'no answer in time', remedy: 'Lower the rate until the server keeps up.' },
  Unavailable: {
    means: 'lost connections, or a server without a leader',
    remedy: "Look at the server's log of these seconds for elections and restarts.",
  },
  ResourceExhausted: {
    means: 'refused: space quota exceeded, or too many requests waiting to be applied',
    remedy: 'Check `etcdctl alarm list` for NOSPACE; without it, lower the rate.',
  },
  Unauthenticated: {
    means: 'the token was refused',
    remedy:
      'A round fetches one token, before its load. Start etcd with a ttl longer than the load ' +
      '(`--auth-token=jwt,…,ttl=1h`; 5 minutes unless it says so), or shorten the load with `--duration`.',
  },
  PermissionDenied: { means: 'the user may not touch these keys', remedy: "Grant the user's role the run's prefix." },
};

/** Explains a failure by what the server or the connection answered. */
export const errors: RunCheck = {
  id: 'errors',
  title: 'Every request was answered without an error',
  threshold: 'no errors (as etcdctl check perf has it)',
  why: 'A request that failed fast would otherwise look like one that was served fast.',
  judge: ({ summary, workload }) => {
    if (summary.errors === 0)
      return { status: 'pass', evidence: `none in ${formatCount(summary.completed, 'request')}` };
    const [worst = 'Unknown'] = Object.keys(summary.errorsByCode);
    const meaning = meanings[worst];
    const after = worst === 'DeadlineExceeded' ? ` within ${formatDurationMs(workload.requestTimeoutMs)}` : '';
    return {
      status: 'warn',
      evidence: describe(summary),
      remedy: meaning?.remedy ?? "Look for the reason in the server's log of these seconds.",
      cause:
        meaning === undefined ? `requests ended in ${worst}` : `requests ended in ${worst} (${meaning.means}${after})`,
    };
  },
};

/** `184 of 4,120 requests failed (Unavailable 148, DeadlineExceeded 36)`; null when none did. */
export function failedWords(summary: RunEvidence['summary']): string | null {
  if (summary.errors === 0) return null;
  const total = formatCount(summary.completed + summary.errors, 'request');
  return `${formatNumber(summary.errors)} of ${total} failed (${codesOf(summary)})`;
}

/** `Unavailable 148, DeadlineExceeded 36` */
export function codesOf({ errorsByCode }: RunEvidence['summary']): string {
  const codes = Object.entries(errorsByCode).map(([code, count]) => `${code} ${formatNumber(count)}`);
  return codes.length === 0 ? 'none' : codes.join(', ');
}

function describe(summary: RunEvidence['summary']): string {
  const total = formatCount(summary.completed + summary.errors, 'request');
  const share = formatShare(summary.errorFraction ?? 0);
  return `${formatNumber(summary.errors)} of ${total} failed, ${share}: ${codesOf(summary)}`;
}
