/**
 * The run as one HTML file: verdict first, then the figures, what happened when, and what the numbers depend on. No
 * network, no script is needed to read it; light, dark, phone and paper. A pure function: the same input gives the same
 * bytes. Import it where it is used: it brings the chart library, which takes half a second to load.
 */
import { formatDurationMs } from '../base/duration.ts';
import { html, trusted, type Markup } from './markup.ts';
import { pageScript, pageScriptSource } from './page-script.ts';
import type { ReportInput } from './report-input.ts';
import { figuresSection, thresholdsSection } from './sections/figures.ts';
import { findingsSection } from './sections/findings.ts';
import { generatorSection } from './sections/generator.ts';
import { comparisonSection, percentileSection } from './sections/percentiles.ts';
import { roundsSection } from './sections/rounds.ts';
import { commandSection, environmentSection, workloadSection } from './sections/setting.ts';
import { timelineSection } from './sections/timeline.ts';
import { verdictSection } from './sections/verdict.ts';
import { styleSheet } from './style.ts';

/** Outside of any template that a formatter may indent: the policy names these very bytes. */
const script = trusted(`<script>${pageScript}</script>`);

/** A complete document, UTF-8. */
export function renderHtml(input: ReportInput): string {
  return `<!doctype html>\n${page(input).text}\n`;
}

function page(input: ReportInput): Markup {
  const { result, verdict } = input;
  const targets = result.targets.map((target) => target.name).join(', ');
  return html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta
        http-equiv="Content-Security-Policy"
        content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src ${trusted(pageScriptSource)}"
      />
      <title>${verdict.verdict}: ${result.workload.name} on ${targets}</title>
      <link rel="icon" href="data:," />
      <style>
        ${trusted(styleSheet)}
      </style>
    </head>
    <body>
      ${masthead(input)}
      <main>
        ${verdictSection(input)} ${figuresSection(input)} ${thresholdsSection(input)} ${timelineSection(input)}
        ${percentileSection(input)} ${generatorSection(input)} ${comparisonSection(input)} ${roundsSection(input)}
        ${findingsSection(input)} ${environmentSection(input)} ${workloadSection(input)} ${commandSection(input)}
      </main>
      ${colophon(input)} ${script}
    </body>
  </html>`;
}

function masthead({ result }: ReportInput): Markup {
  const took = new Date(result.endedAt).getTime() - new Date(result.startedAt).getTime();
  return html`<div class="bar">
    <span><b>${result.workload.name}</b> on <b>${result.targets.map((target) => target.name).join(', ')}</b></span>
    <span>${minute(result.startedAt)}${Number.isFinite(took) && `, took ${formatDurationMs(Math.max(0, took))}`}</span>
  </div>`;
}

function colophon({ result }: ReportInput): Markup {
  return html`<footer>
    <p>
      Written by ${result.tool.name} ${result.tool.version}. Percentiles come from merged HDR histograms (1 µs to 1 h,
      three digits) and are never averaged; rates are medians over rounds.
    </p>
  </footer>`;
}

/** `2026-03-14 09:26 UTC` of an ISO instant; as it stands when it is none. */
function minute(instant: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*Z$/.exec(instant);
  return match === null ? instant : `${match[1]} ${match[2]} UTC`;
}
