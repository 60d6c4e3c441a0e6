/** What the two disk checks share: a p99 that etcd publishes, its bound from etcd's documentation, and where data lay. */
import { formatDurationMs } from '../../base/duration.ts';
import type { ServerSummary, SeriesSummary } from '../../bench/server-summary.ts';
import { skipped, type Judgement, type RunEvidence } from './run-check.ts';
import { volatileStorage } from './storage.ts';

/** Which series of the server is judged, and its bound. */
export interface DiskBound {
  readonly of: (server: ServerSummary) => SeriesSummary | null;
  readonly what: string;
  readonly limitMs: number;
  readonly remedy: string;
}

/** Judges the middle of the scrapes: one slow second is in the evidence, but is no slow disk. */
export function judgeDisk(bound: DiskBound, { summary, target }: RunEvidence): Judgement {
  const series = bound.of(summary.server);
  if (series === null) return skipped(summary.server.unavailable ?? `${bound.what} was not scraped while requests ran`);
  const seen = `p99 ${formatDurationMs(series.median)} in the middle, ${formatDurationMs(series.max)} in the worst interval`;
  const volatile = volatileStorage(target);
  if (volatile !== null) return skipped(`INCONCLUSIVE: ${seen}, but on ${volatile} that says nothing about a disk`);
  if (series.median <= bound.limitMs) return { status: 'pass', evidence: seen };
  return {
    status: 'warn',
    evidence: seen,
    remedy: bound.remedy,
    cause: `${bound.what} p99 is ${formatDurationMs(series.median)} (etcd wants it under ${bound.limitMs} ms)`,
  };
}
