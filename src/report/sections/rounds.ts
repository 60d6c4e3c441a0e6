/** Several rounds and several targets: what each round reached, and how the first target compares with the others. */
import { dotChart, intervalChart } from '../charts/rounds-chart.ts';
import { perSecond, unknown } from '../key-figures.ts';
import { html, type Markup } from '../markup.ts';
import type { ReportInput } from '../report-input.ts';
import { targetColor } from './percentiles.ts';

const metricNames: Readonly<Record<string, string>> = {
  achievedPerSec: 'rate',
  latencyMsP50: 'p50 latency',
  latencyMsP99: 'p99 latency',
  latencyMsP999: 'p99.9 latency',
  serverCpuUsPerOp: 'server CPU per op',
  serverRssBytes: 'server memory',
};

/** Nothing for a single round. */
export function roundsSection(input: ReportInput): Markup | null {
  if (input.result.rounds.length < 2) return null;
  return html`<section>
    <h2>Rounds</h2>
    <p class="lead">
      Each dot is the rate of one round, the bar their median. Rounds of several targets ran interleaved.
    </p>
    <figure class="strip">${roundDots(input)}</figure>
    ${input.result.ratios.length > 0 && ratios(input)}
  </section>`;
}

function roundDots({ summaries, curves }: ReportInput): Markup {
  const rows = summaries.map((summary, i) => ({
    name: summary.target,
    values: (curves[i]?.achievedPerSec ?? []).filter((rate) => rate !== null),
    median: summary.achievedPerSec,
    color: targetColor(i),
  }));
  const said = curves.map(({ target, achievedPerSec }) => `${target}: ${achievedPerSec.map(perSecond).join(', ')}`);
  return dotChart({ id: 'rounds', label: `Rate of each round. ${said.join('; ')}`, rows });
}

function ratios({ result: { ratios: all } }: ReportInput): Markup {
  const others = new Set(all.map((ratio) => ratio.b));
  const rows = all.map((ratio) => ({
    ...ratio,
    name: `${nameOf(ratio.metric)}${others.size > 1 ? ` / ${ratio.b}` : ''}`,
  }));
  const [first] = all;
  return html`<h3 class="target">${first!.a} over ${[...others].join(', ')}</h3>
    <p class="lead">
      Ratios of paired rounds with their 95 % interval (Student's t). One that crosses 1 decides nothing.
    </p>
    <figure class="strip">${intervalChart({ id: 'ratios', label: 'Ratios with their 95 % intervals', rows })}</figure>
    <div class="scroll">
      <table class="tight">
        <thead>
          <tr>
            <th>metric</th>
            <th class="num">ratio</th>
            <th class="num">95 % interval</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr>
                <td>${row.name}</td>
                <td class="num"><strong>${row.value.toFixed(2)}</strong></td>
                <td class="num">
                  ${row.low === null || row.high === null ? unknown : `${row.low.toFixed(2)} to ${row.high.toFixed(2)}`}
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function nameOf(metric: string): string {
  return metricNames[metric] ?? metric;
}
