/** What happened when: strips with one time axis, from the load down to the disk, of the round with the median rate. */
import { formatBytes, formatCount, formatNumber } from '../../base/figures.ts';
import type { RoundResult } from '../../bench/result.ts';
import type { TargetCurves } from '../../bench/run-summary.ts';
import { countLabel, latencyLabel, linearAxis, logAxis } from '../charts/axes.ts';
import type { Line, Point } from '../charts/line.ts';
import { timeChart, type TimeChart } from '../charts/time-chart.ts';
import { narrow, wide } from '../charts/svg.ts';
import { html, jsonData, type Markup } from '../markup.ts';
import type { ReportInput } from '../report-input.ts';
import {
  bucketPoints,
  hasValues,
  hostPoints,
  positive,
  ratePoints,
  serverCorePoints,
  serverPoints,
  timeFrame,
  valuesOf,
  type TimeFrame,
} from '../timeline-series.ts';
import { targetHeading } from './figures.ts';

/** One chart of the timeline, with its heading. */
export interface Strip {
  readonly title: string;
  readonly unit: string;
  readonly chart: Omit<TimeChart, 'id' | 'frame' | 'label'>;
  /** How a value reads where the cursor is: the page's script knows these. */
  readonly format: 'rate' | 'ms' | 'number' | 'bytes';
}

/** A timeline per target. */
export function timelineSection(input: ReportInput): Markup {
  const hasWarmUp = input.result.workload.phases.some((phase) => phase.warmUp);
  return html`<section>
    <h2>Timeline</h2>
    <p class="lead">
      Every strip shares one time axis. ${hasWarmUp && 'Shaded: the warm-up, which is drawn but does not count.'}
    </p>
    ${input.curves.map((curves, i) => [targetHeading(input.summaries, curves), targetTimeline(input, curves, i)])}
  </section>`;
}

function targetTimeline({ result, summaries }: ReportInput, curves: TargetCurves, index: number): Markup {
  const round = result.rounds[curves.shownRound];
  if (round === undefined) return html`<p class="lead">No round of this target was run.</p>`;
  const frame = timeFrame(round, curves);
  const { maxLatencyMs } = result.workload.thresholds;
  const all = [
    throughputStrip(round),
    latencyStrip(round, maxLatencyMs ?? null),
    diskLatencyStrip(round),
    proposalsStrip(round),
    cpuStrip(round, result.environment.cpuCount),
    diskStrip(round),
    databaseStrip(round),
  ].filter((strip) => strip !== null);
  const rounds = summaries[index]?.rounds ?? 1;
  return html`<div class="timeline">
    ${cursorData(all, frame)}
    ${all.map((strip, i) => drawStrip(strip, { frame, id: `t${index}s${i}`, namesMarks: i === 0 }))}
    ${rounds > 1 && html`<p class="lead">Shown is the round with the median rate, number ${round.round + 1} of ${rounds}.</p>`}
    ${unavailableNote(round)}
  </div>`;
}

/** What the page's script reads: the named lines of each strip, and where their plots lie. */
function cursorData(strips: readonly Strip[], frame: TimeFrame): Markup {
  const lines = strips.map(({ chart }) =>
    chart.lines.filter((line) => line.name !== '').map((line) => [line.name, line.points.map(shortened)]),
  );
  const plots = [wide, narrow].map(({ width, left, right }) => ({ width, left, right }));
  return html`<script type="application/json">
    ${jsonData({ end: frame.endSec, plots, strips: lines })}
  </script>`;
}

function shortened([at, value]: Point): Point {
  return [Number(at.toFixed(2)), value === null ? null : Number(value.toPrecision(4))];
}

function drawStrip(
  strip: Strip,
  { frame, id, namesMarks }: { frame: TimeFrame; id: string; namesMarks: boolean },
): Markup {
  const names = strip.chart.lines.map((line) => line.name).filter((name) => name !== '');
  const label = `${strip.title} over time, ${strip.unit}: ${names.join(', ')}`;
  return html`<figure class="strip" data-format="${strip.format}">
    <header>
      <h3>${strip.title}</h3>
      <span>${strip.unit}</span><output></output>
    </header>
    ${timeChart({ ...strip.chart, id, frame, label, namesMarks })}
  </figure>`;
}

function throughputStrip(round: RoundResult): Strip {
  const offered = ratePoints(round, (bucket) => bucket.offered, 'scheduledMs');
  const completed = ratePoints(round, (bucket) => bucket.completed, 'elapsedMs');
  const errors = ratePoints(round, (bucket) => bucket.errors, 'elapsedMs');
  const open = round.phases.some((phase) => phase.model === 'open');
  const max = Math.max(1, ...valuesOf(completed, open ? offered : [], errors));
  const lines: Line[] = [{ name: 'achieved', points: completed, color: '--c1', width: 2, filled: true }];
  if (open) lines.unshift({ name: 'offered', points: offered, color: '--c5', dash: true, width: 1.5 });
  if (valuesOf(errors).some((value) => value > 0))
    lines.push({ name: 'errors', points: whereNotZero(errors), color: '--fail', width: 2, filled: true });
  return {
    title: 'Throughput',
    unit: 'requests per second',
    format: 'rate',
    chart: { lines, yAxis: linearAxis({ max: max * 1.02, format: countLabel }), height: 190 },
  };
}

function latencyStrip(round: RoundResult, limitMs: number | null): Strip {
  const p50 = bucketPoints(round, (bucket) => bucket.p50Ms);
  const p90 = bucketPoints(round, (bucket) => bucket.p90Ms);
  const p99 = bucketPoints(round, (bucket) => bucket.p99Ms);
  const max = bucketPoints(round, (bucket) => bucket.maxMs);
  const values = valuesOf(p50, p90, p99, max);
  const samples = typicalCount(round);
  const shown = limitMs !== null && limitMs <= Math.max(0, ...values) * 30;
  return {
    title: 'Latency',
    unit: 'from the moment a request was due, logarithmic',
    format: 'ms',
    chart: {
      lines: [
        { name: 'max', points: positive(max), color: '--pmax', width: 1 },
        ...(samples >= 50 ? [{ name: 'p99', points: positive(p99), color: '--p99', width: 2 }] : []),
        ...(samples >= 5 ? [{ name: 'p90', points: positive(p90), color: '--p90', width: 1.5 }] : []),
        { name: 'p50', points: positive(p50), color: '--p50', width: 1.5 },
      ],
      yAxis: logAxis([...values, ...(shown ? [limitMs] : [])], latencyLabel),
      limits: shown ? [{ value: limitMs, name: `limit ${latencyLabel(limitMs)}` }] : [],
      height: 240,
    },
  };
}

/** Replies in the middle bucket: of a handful, the p99 is only the slowest by another name, and is not drawn. */
function typicalCount(round: RoundResult): number {
  const counts = round.phases.flatMap((phase) => phase.timeline.buckets.map((bucket) => bucket.completed));
  const filled = counts.filter((count) => count > 0).sort((a, b) => a - b);
  return filled[filled.length >> 1] ?? 0;
}

function diskLatencyStrip(round: RoundResult): Strip | null {
  const fsync = serverPoints(round, (sample) => sample.walFsyncP99Ms);
  const commit = serverPoints(round, (sample) => sample.backendCommitP99Ms);
  const values = valuesOf(...fsync, ...commit);
  if (values.length === 0) return null;
  const limits = Math.max(...values) >= 3 ? [{ value: 10, name: '' }] : [];
  const dotted = limits.length > 0 ? '; dotted: 10 ms, which fsync should stay under' : '';
  return {
    title: 'Disk, as the server sees it',
    unit: `p99 between two scrapes, logarithmic${dotted}`,
    format: 'ms',
    chart: {
      lines: [...perMember(commit.map(positive), 'commit', '--c2'), ...perMember(fsync.map(positive), 'fsync', '--c1')],
      yAxis: logAxis([...values, ...limits.map((limit) => limit.value / 1.5)], latencyLabel),
      limits,
      height: 170,
    },
  };
}

function proposalsStrip(round: RoundResult): Strip | null {
  const pending = serverPoints(round, (sample) => sample.proposalsPending);
  if (pending.length === 0) return null;
  return {
    title: 'Proposals pending',
    unit: 'waiting for consensus',
    format: 'number',
    chart: {
      lines: perMember(pending, 'pending', '--c4'),
      yAxis: linearAxis({ max: Math.max(4, ...valuesOf(...pending)), format: countLabel }),
    },
  };
}

function cpuStrip(round: RoundResult, cpuCount: number): Strip | null {
  const inCores = (share: number | null): number | null => (share === null ? null : share * cpuCount);
  const host = hostPoints(round, (sample) => inCores(sample.cpuFraction));
  const steal = hostPoints(round, (sample) => inCores(sample.stealFraction));
  const wait = hostPoints(round, (sample) => inCores(sample.ioWaitFraction));
  const server = serverCorePoints(round);
  const lines: Line[] = [
    { name: 'host', points: host, color: '--c5', width: 1.5 },
    { name: 'server', points: server, color: '--c1', width: 2 },
    { name: 'I/O wait', points: wait, color: '--c3', width: 1.25 },
    { name: 'steal', points: steal, color: '--c2', width: 1.25 },
  ];
  const known = lines.filter((line) => hasValues(line.points));
  if (known.length === 0) return null;
  const max = Math.max(cpuCount, ...known.flatMap((line) => valuesOf(line.points)));
  return {
    title: 'CPU',
    unit: `cores in use, of ${formatNumber(cpuCount)}`,
    format: 'number',
    chart: { lines: known, yAxis: linearAxis({ max, format: formatNumber }), height: 150 },
  };
}

function diskStrip(round: RoundResult): Strip | null {
  const writes = hostPoints(round, (sample) => sample.diskWriteBytesPerSec);
  if (!hasValues(writes)) return null;
  const busy = hostPoints(round, (sample) => sample.diskBusyFraction);
  const shares = valuesOf(busy);
  const note =
    shares.length === 0 ? '' : `, device busy ${Math.round(Math.max(...shares) * 100)} % of the time at most`;
  return {
    title: 'Disk writes',
    unit: `bytes per second${note}`,
    format: 'bytes',
    chart: {
      lines: [{ name: 'writes', points: writes, color: '--c2', width: 1.75, filled: true }],
      yAxis: bytesAxis(Math.max(1, ...valuesOf(writes))),
    },
  };
}

function databaseStrip(round: RoundResult): Strip | null {
  const size = serverPoints(round, (sample) => sample.dbSizeBytes);
  const memory = serverPoints(round, (sample) => sample.rssBytes);
  const values = valuesOf(...size, ...memory);
  if (values.length === 0) return null;
  return {
    title: 'Memory and database',
    unit: 'bytes of each member',
    format: 'bytes',
    chart: {
      lines: [...perMember(memory, 'memory', '--c4'), ...perMember(size, 'database', '--c3')],
      yAxis: bytesAxis(Math.max(1, ...values)),
    },
  };
}

/** One colour for all members of a kind; only the first is named, or the labels would stand on each other. */
function perMember(members: readonly (readonly Point[])[], name: string, color: string): Line[] {
  return members.map((points, i) => ({
    name: i === 0 ? name : '',
    points,
    color,
    width: i === 0 ? 1.75 : 1,
  }));
}

/** A line that lies on the axis most of the time says nothing there: kept are the points that are not zero, and their neighbours. */
function whereNotZero(points: readonly Point[]): readonly Point[] {
  const counts = (i: number): boolean => (points[i]?.[1] ?? 0) > 0;
  return points.map(([at, value], i): Point => [at, counts(i - 1) || counts(i) || counts(i + 1) ? value : null]);
}

/** Steps of whole binary units read better than 95.4 MiB. */
function bytesAxis(max: number): TimeChart['yAxis'] {
  const unit = 1024 ** Math.min(4, Math.max(0, Math.floor(Math.log2(max) / 10)));
  const scaled = linearAxis({ max: max / unit, format: formatNumber });
  const top = typeof scaled['max'] === 'number' ? scaled['max'] * unit : max;
  const interval = typeof scaled['interval'] === 'number' ? scaled['interval'] * unit : max;
  const label = typeof scaled['axisLabel'] === 'object' ? scaled['axisLabel'] : {};
  return { ...scaled, max: top, interval, axisLabel: { ...label, formatter: (value: number) => formatBytes(value) } };
}

function unavailableNote(round: RoundResult): Markup | null {
  const missing = round.server.series.filter((series) => series.unavailable !== null);
  if (missing.length === 0) return null;
  return html`<p class="lead">
    ${formatCount(missing.length, 'endpoint')} gave no metrics:
    ${missing.map((series) => `${series.endpoint} (${series.unavailable})`).join(', ')}.
  </p>`;
}
