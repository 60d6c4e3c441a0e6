/** Latency by percentile: the curve, and the three ways to take the time beside what the old tool would have said. */
import type { LatencySummary } from '../../bench/result.ts';
import type { TargetCurves, TargetSummary } from '../../bench/run-summary.ts';
import { latencyLabel } from '../charts/axes.ts';
import { percentileChart, type PercentileLine, type PercentileMark } from '../charts/percentile-chart.ts';
import { duration } from '../key-figures.ts';
import { html, type Markup } from '../markup.ts';
import type { ReportInput } from '../report-input.ts';
import { targetHeading } from './figures.ts';

/** Colours of the first targets; further ones share the last. */
const colors = ['--c1', '--c2', '--c3', '--c4', '--c5'];

/** A target keeps its colour through all charts. */
export function targetColor(index: number): string {
  return colors[Math.min(index, colors.length - 1)]!;
}

/** The curve of every target; nothing when nothing was measured. */
export function percentileSection(input: ReportInput): Markup | null {
  const lines = input.curves
    .flatMap((curves, i) => targetLines(input, curves, i))
    .filter((line) => line.points.length > 0);
  if (lines.length === 0) return null;
  const { maxLatencyMs } = input.result.workload.thresholds;
  const slowest = Math.max(...lines.flatMap((line) => line.points.map((point) => point.ms)));
  const limits =
    maxLatencyMs !== undefined && maxLatencyMs <= slowest * 30
      ? [{ value: maxLatencyMs, name: `limit ${latencyLabel(maxLatencyMs)}` }]
      : [];
  return html`<section>
    <h2>Latency by percentile</h2>
    <p class="lead">
      Both axes are logarithmic: the step from 99 % to 99.9 % gets as much room as the one from 90 % to 99 %.
      ${lines.some((line) => line.dash === true) && 'Where the two lines part, a tool that times from the send would not have noticed.'}
    </p>
    <figure class="strip">
      ${percentileChart({ id: 'percentiles', label: 'Latency by percentile', lines, limits, marks: marksOf(input) })}
    </figure>
    ${input.curves.length > 1 && legend(input)}
  </section>`;
}

/** With one target there is room to write the percentiles at their places. */
function marksOf({ summaries }: ReportInput): readonly PercentileMark[] {
  const [first] = summaries;
  if (first === undefined || summaries.length > 1) return [];
  const { p50, p90, p99, p999 } = first.latency.summary;
  const all = [
    ['p50', 2, p50],
    ['p90', 10, p90],
    ['p99', 100, p99],
    ['p99.9', 1000, p999],
  ] as const;
  return all.flatMap(([name, oneIn, ms]) => (ms === null || oneIn > first.latency.count ? [] : [{ name, oneIn, ms }]));
}

function targetLines({ summaries }: ReportInput, curves: TargetCurves, index: number): readonly PercentileLine[] {
  const several = summaries.length > 1;
  const closed = summaries[index]?.model === 'closed';
  const color = targetColor(index);
  const latency = {
    name: several ? `target ${index + 1}` : closed ? 'service' : 'latency',
    points: curves.latency,
    color,
  };
  if (closed) return [latency];
  const service = {
    name: several ? '' : 'service',
    points: curves.service,
    color: several ? color : '--c2',
    dash: true,
  };
  return [service, latency];
}

function legend({ summaries }: ReportInput): Markup {
  return html`<figcaption>
    ${summaries.map((summary, i) => html`<span style="color:var(${targetColor(i)})">target ${i + 1}: ${summary.target}</span><br />`)}
  </figcaption>`;
}

/** In closed loops all three are the same, and without a rate to judge the old tool has nothing to say. */
export function comparisonSection({ summaries, verdict }: ReportInput): Markup | null {
  const closed = summaries.every((summary) => summary.model === 'closed');
  if (closed && verdict.targets.every((target) => target.oldTool.length === 0)) return null;
  return html`<section>
    <h2>Three ways to take the time</h2>
    <p class="lead">
      A tool that starts its watch when a request leaves its own queue forgets everyone who waited in it. Latency starts
      when the request was due.
    </p>
    ${summaries.map((summary, i) => [
      targetHeading(summaries, summary),
      html`<div class="columns">${waysTable(summary)}${oldTool(verdict.targets[i]?.oldTool ?? [])}</div>`,
    ])}
  </section>`;
}

const rows: readonly (readonly [name: string, field: keyof LatencySummary])[] = [
  ['p50', 'p50'],
  ['p90', 'p90'],
  ['p99', 'p99'],
  ['p99.9', 'p999'],
  ['slowest', 'max'],
  ['mean', 'mean'],
  ['std. deviation', 'stddev'],
];

function waysTable(summary: TargetSummary): Markup {
  const ways = [summary.latency.summary, summary.fromRelease.summary, summary.service.summary] as const;
  return html`<div class="scroll">
    <table class="tight">
      <thead>
        <tr>
          <th></th>
          <th class="num">latency<small>from when due</small></th>
          <th class="num">without slip<small>from the release</small></th>
          <th class="num">service<small>from the send</small></th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([name, field]) =>
            html`<tr>
              <td class="quiet">${name}</td>
              ${ways.map((way, i) => html`<td class="num">${i === 0 ? html`<strong>${duration(way[field])}</strong>` : duration(way[field])}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function oldTool(lines: readonly string[]): Markup {
  if (lines.length === 0) {
    return html`<div>
      <h3>etcdctl check perf</h3>
      <p class="quiet">It judges a rate, and this workload asks for none.</p>
    </div>`;
  }
  return html`<div>
    <h3>What etcdctl check perf would have printed</h3>
    <pre>${lines.join('\n')}</pre>
  </div>`;
}
