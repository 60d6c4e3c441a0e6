/** The top of the page: the verdict, why, on which disk, and what to do next. */
import { formatDurationMs } from '../../base/duration.ts';
import type { RunResult, TargetInfo } from '../../bench/result.ts';
import type { Finding } from '../../checks/finding.ts';
import type { TargetVerdict, VerdictWord } from '../../checks/verdict.ts';
import { earlyEnds } from '../early-ends.ts';
import { statusIcon, verdictIcon } from '../icons.ts';
import { commandLine, html, prose, type Markup } from '../markup.ts';
import { roundsRan } from '../key-figures.ts';
import type { ReportInput } from '../report-input.ts';

const tones: Readonly<Record<VerdictWord, string>> = {
  PASS: 'pass',
  FAIL: 'fail',
  INVALID: 'invalid',
  INCONCLUSIVE: 'unsure',
  INTERRUPTED: 'unsure',
  'CLEANUP FAILED': 'fail',
};

const meanings: Readonly<Record<VerdictWord, string>> = {
  PASS: 'The target carries this load.',
  FAIL: 'The target does not carry this load.',
  INVALID: 'The generator or its machine spoiled this run: it says nothing about the target.',
  INCONCLUSIVE: 'The evidence does not decide.',
  INTERRUPTED: 'The run was stopped before its end.',
  'CLEANUP FAILED': 'Keys of this run may be left in the target.',
};

const statusOf: Readonly<Record<VerdictWord, Finding['status']>> = {
  PASS: 'pass',
  FAIL: 'fail',
  INVALID: 'warn',
  INCONCLUSIVE: 'skip',
  INTERRUPTED: 'skip',
  'CLEANUP FAILED': 'fail',
};

/** Word, cause, facts and next steps, in the colour of the verdict. */
export function verdictSection(input: ReportInput): Markup {
  const { verdict } = input;
  return html`<section class="verdict ${tones[verdict.verdict]}">
    <h1>${verdictIcon(verdict.verdict)}${verdict.verdict}</h1>
    <p class="meaning">${meaning(input)}</p>
    ${verdict.comparison !== null && html`<p class="cause">${prose(sentence(verdict.comparison))}</p>`}
    ${verdict.targets.length === 1 ? causeParagraphs(verdict.targets[0]!, input.result) : eachTarget(input)}
    <dl class="facts">
      ${facts(input).map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    ${nextSteps(input)}
  </section>`;
}

function meaning({ verdict, result, summaries }: ReportInput): string {
  const judged = Object.keys(result.workload.thresholds).length > 0;
  if (verdict.verdict !== 'PASS') return meanings[verdict.verdict];
  if (!judged) return 'Measured; the workload asks for nothing in particular.';
  const failed = summaries.some((summary) => summary.errors > 0);
  return failed ? 'The thresholds hold, but some requests failed.' : meanings.PASS;
}

/** What was seen, then what explains it and what cut it short; where it was seen stands among the facts below. */
function causeParagraphs({ target, parts: { what, why } }: TargetVerdict, result: RunResult): Markup {
  const causes = why === null ? [what] : [what, why];
  const sentences = [...causes, ...earlyEnds(result, target, causes.join())].map(sentence);
  return html`${sentences.map((each) => html`<p class="cause">${prose(each)}</p>`)}`;
}

function eachTarget({ verdict, result }: ReportInput): Markup {
  return html`<ul class="each">
    ${verdict.targets.map(
      (each) =>
        html`<li class="is-${statusOf[each.verdict]}">
          ${statusIcon(statusOf[each.verdict])}
          <span><strong>${each.target}</strong> <span class="word">${each.verdict}</span></span>
          ${causeParagraphs(each, result)}
        </li>`,
    )}
  </ul>`;
}

function facts({ result, summaries }: ReportInput): readonly (readonly [string, string])[] {
  const versions = summaries.map((summary) => summary.server.version).filter((version) => version !== null);
  const longest = Math.max(0, ...summaries.map((summary) => summary.measuredMs));
  return [
    ['storage', unique(result.targets.map(storageOf)).join('; ')],
    ['server', versions.length === 0 ? 'version not known' : unique(versions).join(', ')],
    ['measured', `${formatDurationMs(longest)} in ${rounds(summaries)}`],
    ['generator', generatorPlace(result)],
  ];
}

/** Of all targets alike, or target by target. */
function rounds(summaries: ReportInput['summaries']): string {
  const [all = 'no round', ...others] = unique(summaries.map(roundsRan));
  return others.length === 0 ? all : summaries.map((each) => `${roundsRan(each)} of ${each.target}`).join(', ');
}

function storageOf({ storage }: TargetInfo): string {
  return storage === null ? 'not known' : `${storage.fileSystem} on ${storage.device}`;
}

function generatorPlace({ targets }: RunResult): string {
  const shared = targets.filter((target) => target.sharesHost).length;
  if (shared === 0) return 'on a host of its own';
  return shared === targets.length ? 'on the same host as the server' : 'on the same host as some of the targets';
}

/** The checks that look at the generator and its machine. */
const ofTheGenerator = new Set(['cpu-steal', 'host-cpu', 'schedule-slip', 'gc-pause', 'event-loop-lag']);

/** The advice of what explains the verdict, then the command. */
function nextSteps({ verdict }: ReportInput): Markup | null {
  const advice =
    verdict.verdict === 'PASS'
      ? []
      : unique(verdict.targets.flatMap((target) => remedies(target, verdict.verdict))).slice(0, 2);
  if (advice.length === 0 && verdict.next === null) return null;
  return html`<div class="next">
    <h2>What to do next</h2>
    ${advice.map((remedy) => html`<p>${remedy}</p>`)} ${verdict.next !== null && commandLine(verdict.next)}
  </div>`;
}

/** Of an INVALID run only what mends the generator is worth doing. */
function remedies({ findings }: TargetVerdict, verdict: VerdictWord): readonly string[] {
  const beside = findings.filter(
    ({ figure, status, id }) =>
      figure === undefined && status !== 'pass' && (verdict !== 'INVALID' || ofTheGenerator.has(id)),
  );
  return beside.flatMap((finding) => (finding.remedy === null ? [] : [finding.remedy]));
}

function sentence(text: string): string {
  const ended = /[.!?]$/.test(text) ? text : `${text}.`;
  return ended.charAt(0).toUpperCase() + ended.slice(1);
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
