/** The few figures everybody asks for, and whether they hold what the workload asks. */
import { formatDurationMs } from '../../base/duration.ts';
import { formatPerSecond, formatShare } from '../../base/figures.ts';
import type { TargetSummary } from '../../bench/run-summary.ts';
import type { Figure, Finding } from '../../checks/finding.ts';
import type { TargetVerdict } from '../../checks/verdict.ts';
import { statusIcon } from '../icons.ts';
import { keyFigures, unknown, type KeyFigure } from '../key-figures.ts';
import { html, prose, type Markup } from '../markup.ts';
import type { ReportInput } from '../report-input.ts';

/** Rate, latencies, errors and CPU of each target. */
export function figuresSection({ summaries }: ReportInput): Markup {
  const closed = summaries.every((summary) => summary.model === 'closed');
  return html`<section>
    <h2>Key figures</h2>
    <p class="lead">
      ${
        closed
          ? 'A closed loop: each client sends when its reply has come, so latency is service time.'
          : 'Latency runs from the moment each request was due, so a stall counts for everyone it delayed.'
      }
    </p>
    ${summaries.map((summary) => [targetHeading(summaries, summary), figureList(keyFigures(summary))])}
  </section>`;
}

/** The target's name, where there are several to tell apart. */
export function targetHeading(
  summaries: readonly TargetSummary[],
  { target }: { readonly target: string },
): Markup | null {
  return summaries.length > 1 ? html`<h3 class="target">${target}</h3>` : null;
}

/** Figures side by side; `small` for those of second rank. */
export function figureList(figures: readonly KeyFigure[], kind: '' | 'small' = ''): Markup {
  return html`<dl class="figures ${kind}">
    ${figures.map(
      ({ label, value, note }) =>
        html`<div>
          <dt>${label}</dt>
          <dd class="${label === 'errors' && value !== '0' ? 'bad' : ''}">
            ${value}${note !== '' && html`<span class="note" style="display:block">${note}</span>`}
          </dd>
        </div>`,
    )}
  </dl>`;
}

/** Each threshold with its bar; nothing when the workload sets none. */
export function thresholdsSection({ verdict, summaries }: ReportInput): Markup | null {
  const judged = verdict.targets.filter((target) => target.findings.some((finding) => finding.figure !== undefined));
  if (judged.length === 0) return null;
  return html`<section>
    <h2>Thresholds</h2>
    <p class="lead">What the workload asks for. The bar is what was measured, the tick is the limit.</p>
    ${judged.map((target) => [targetHeading(summaries, target), thresholdTable(target)])}
  </section>`;
}

function thresholdTable({ findings }: TargetVerdict): Markup {
  return html`<div class="scroll">
    <table class="stack">
      <thead>
        <tr>
          <th></th>
          <th>what should hold</th>
          <th>measured</th>
          <th style="width:34%"></th>
          <th class="num">limit</th>
        </tr>
      </thead>
      <tbody>
        ${findings.map((finding) => finding.figure !== undefined && thresholdRow(finding, finding.figure))}
      </tbody>
    </table>
  </div>`;
}

function thresholdRow(finding: Finding, figure: Figure): Markup {
  return html`<tr class="is-${finding.status}">
    <td class="state">${statusIcon(finding.status)}</td>
    <td>${prose(finding.title)}</td>
    <td class="measured">${prose(finding.evidence)}</td>
    <td>${bullet(figure)}</td>
    <td class="num quiet">${limitWords(figure)}</td>
  </tr>`;
}

/** The limit stands at two thirds, so that headroom and excess are both seen. */
function bullet({ measured, limit }: Figure): Markup {
  const full = limit > 0 ? limit * 1.5 : Math.max(measured ?? 0, 1e-9) * 1.5;
  const filled = measured === null ? 0 : Math.min(100, Math.max(measured > 0 ? 0.7 : 0, (measured / full) * 100));
  const tick = limit > 0 ? 66.7 : 0;
  return html`<span class="bullet" aria-hidden="true"
    ><i style="width:${filled.toFixed(1)}%"></i><b style="left:${tick.toFixed(1)}%"></b
  ></span>`;
}

function limitWords({ limit, bound, unit }: Figure): string {
  if (limit === 0 && bound === 'max') return 'none';
  return `${bound === 'min' ? 'over' : 'up to'} ${amount(limit, unit)}`;
}

function amount(value: number, unit: Figure['unit']): string {
  if (!Number.isFinite(value)) return unknown;
  if (unit === 'ms') return formatDurationMs(value);
  return unit === 'perSec' ? formatPerSecond(value) : formatShare(value);
}
