/** What the numbers depend on: the machine, the servers, the workload, and the command that repeats it all. */
import { shellLine } from '../../base/shell-line.ts';
import { formatBytes, formatNumber } from '../../base/figures.ts';
import type { RunResult, TargetInfo } from '../../bench/result.ts';
import type { TargetSummary } from '../../bench/run-summary.ts';
import { commandLine, html, type Markup } from '../markup.ts';
import type { ReportInput } from '../report-input.ts';
import { workloadFacts, type Fact } from '../workload-words.ts';

/** The generator's machine, and each target. */
export function environmentSection({ result, summaries }: ReportInput): Markup {
  const several = result.targets.length > 1;
  return html`<section>
    <h2>Environment</h2>
    <div class="columns even">
      <div>
        <h3>Machine of the generator</h3>
        ${factTable(machineFacts(result))}
      </div>
      ${result.targets.map(
        (target, i) =>
          html`<div>
            <h3>${several ? `Target ${i + 1}: ${target.name}` : `Target: ${target.name}`}</h3>
            ${factTable(targetFacts(target, summaries[i]))}
          </div>`,
      )}
    </div>
  </section>`;
}

/** The workload in words, and in full for whoever wants it. */
export function workloadSection({ result }: ReportInput): Markup {
  const { workload } = result;
  return html`<section>
    <h2>Workload</h2>
    <p class="lead">${workload.description === '' ? workload.name : workload.description}</p>
    ${factTable([['file', result.workloadFile], ...overrideFacts(result), ...workloadFacts(workload)])}
    <details>
      <summary>As it ran, in full</summary>
      <pre>${JSON.stringify(workload, null, 2)}</pre>
    </details>
  </section>`;
}

/** The command, ready to paste. */
export function commandSection({ result }: ReportInput): Markup {
  return html`<section>
    <h2>Run it again</h2>
    <p class="lead">The same seed gives the same plan: keys, values and intended times.</p>
    ${commandLine(shellLine(result.command))}
  </section>`;
}

function factTable(facts: readonly Fact[]): Markup {
  return html`<dl class="facts-table">
    ${facts.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}

function machineFacts({ environment, tool }: RunResult): readonly Fact[] {
  const mhz = environment.cpuMhz === null ? '' : ` at ${formatNumber(environment.cpuMhz)} MHz`;
  return [
    ['host', environment.hostname],
    ['system', `${environment.os}, ${environment.kernel}`],
    ['CPU', `${formatNumber(environment.cpuCount)} x ${environment.cpuModel}${mhz}`],
    ['virtualization', environment.virtualization ?? 'none that was found'],
    ['memory', formatBytes(environment.memoryBytes)],
    ['generator', `${tool.name} ${tool.version}, Node.js ${environment.nodeVersion}`],
  ];
}

function targetFacts(target: TargetInfo, summary: TargetSummary | undefined): readonly Fact[] {
  const facts: Fact[] = [
    ['version', summary?.server.version ?? 'not known'],
    ['endpoints', target.endpoints.length === 0 ? 'never served' : target.endpoints.join(', ')],
    ['transport', target.transport],
  ];
  if (target.serverCommand !== null) facts.push(['started as', shellLine(target.serverCommand)]);
  if (target.storage !== null) {
    facts.push(['data', `${target.storage.directory}: ${target.storage.fileSystem} on ${target.storage.device}`]);
  }
  const memory = summary?.server.rssBytes ?? null;
  if (memory !== null) facts.push(['memory at most', formatBytes(memory)]);
  return facts;
}

function overrideFacts({ overrides }: RunResult): readonly Fact[] {
  return overrides.length === 0 ? [] : [['overrides', overrides.join(' ')]];
}
