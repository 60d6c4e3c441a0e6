/** Everything that was looked at, what was seen, and against which bound: what did not hold comes first. */
import type { Finding, FindingStatus } from '../../checks/finding.ts';
import type { TargetVerdict } from '../../checks/verdict.ts';
import { statusIcon } from '../icons.ts';
import { html, prose, type Markup } from '../markup.ts';
import type { ReportInput } from '../report-input.ts';
import { targetHeading } from './figures.ts';

const order: readonly FindingStatus[] = ['fail', 'warn', 'error', 'skip', 'pass'];

/** The checks of each target as a table. */
export function findingsSection({ verdict, summaries }: ReportInput): Markup {
  return html`<section>
    <h2>What was checked</h2>
    <p class="lead">These explain a verdict; none of them fails a run by itself.</p>
    ${verdict.targets.map((target) => [targetHeading(summaries, target), findingTable(target)])}
  </section>`;
}

function findingTable({ findings }: TargetVerdict): Markup {
  const checks = findings
    .filter((finding) => finding.figure === undefined)
    .sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  return html`<div class="scroll">
    <table class="stack">
      <thead>
        <tr>
          <th></th>
          <th style="width:30%">what should hold</th>
          <th>what was seen</th>
          <th style="width:27%">bound</th>
        </tr>
      </thead>
      <tbody>
        ${checks.map(findingRow)}
      </tbody>
    </table>
  </div>`;
}

function findingRow({ status, title, evidence, threshold, remedy }: Finding): Markup {
  return html`<tr>
    <td class="state">${statusIcon(status)}</td>
    <td>${prose(title)}</td>
    <td>${prose(evidence)}${remedy !== null && html`<span class="remedy">${remedy}</span>`}</td>
    <td class="quiet">${prose(threshold)}</td>
  </tr>`;
}
