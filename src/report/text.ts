/**
 * The run in a terminal: the verdict and its cause first, then the figures, what was judged, what stood beside it, what
 * the old tool would have said, and the command to type next. Pure; control characters of names never reach a terminal.
 */
import type { Finding } from '../checks/finding.ts';
import type { TargetVerdict } from '../checks/verdict.ts';
import { earlyEnds } from './early-ends.ts';
import { duration, microseconds, perSecond, unknown } from './key-figures.ts';
import type { ReportInput } from './report-input.ts';
import { textTable, wrapText, type Column } from './text-table.ts';

/** How the text is laid out. */
export interface TextOptions {
  /** Default 100. */
  readonly width?: number;
}

const columns: readonly Column[] = [
  { title: 'target', align: 'left' },
  ...['offered', 'achieved', 'p50', 'p99', 'p99.9', 'slowest', 'errors', 'server CPU/op'].map(
    (title) => ({ title, align: 'right' }) as const,
  ),
];

/** Ends with a newline. */
export function renderText(input: ReportInput, { width = 100 }: TextOptions = {}): string {
  const { verdict } = input;
  const lines = [
    ...wrapText(`${verdict.verdict}  `, verdict.cause, width),
    ...endedEarly(input, width),
    '',
    ...figures(input),
    ...input.verdict.targets.flatMap((target) => judgements(target, { width, named: verdict.targets.length > 1 })),
    ...ratios(input),
    ...(verdict.next === null ? [] : ['', `next: ${verdict.next}`]),
  ];
  return printable(`${lines.join('\n')}\n`);
}

/** Under the cause, and as far to the right. */
function endedEarly({ result, verdict }: ReportInput, width: number): string[] {
  const indent = ' '.repeat(verdict.verdict.length + 2);
  return verdict.targets.flatMap(({ target, cause }) => {
    const who = verdict.targets.length === 1 ? '' : `${target}: `;
    const told = verdict.cause.includes(cause) ? cause : '';
    return earlyEnds(result, target, told).flatMap((words) => wrapText(indent, who + words, width));
  });
}

function figures({ summaries }: ReportInput): string[] {
  const rows = summaries.flatMap((summary) => {
    const { latency, service, server } = summary;
    const rates = [perSecond(summary.offeredPerSec), perSecond(summary.achievedPerSec)];
    const own = [
      summary.target,
      ...rates,
      ...percentiles(latency.summary),
      String(summary.errors),
      microseconds(server.cpuUsPerOp),
    ];
    const fromSend = ['  from the send', '', '', ...percentiles(service.summary)];
    return summary.model === 'closed' ? [own] : [own, fromSend];
  });
  return textTable(columns, rows);
}

function percentiles({ p50, p99, p999, max }: ReportInput['summaries'][number]['latency']['summary']): string[] {
  return [p50, p99, p999, max].map(duration);
}

function judgements(
  target: TargetVerdict,
  { width, named }: { readonly width: number; readonly named: boolean },
): string[] {
  const judged = target.findings.filter((finding) => finding.figure !== undefined);
  const beside = target.findings.filter((finding) => finding.figure === undefined && !isQuiet(finding));
  const of = named ? ` of ${target.target}` : '';
  return [
    ...section(`thresholds${of}`, thresholdLines(judged)),
    ...section(
      `beside the verdict${of}`,
      beside.flatMap((finding) => findingLines(finding, width)),
    ),
    ...section(
      `etcdctl check perf would have printed${of}`,
      target.oldTool.map((line) => `  ${line}`),
    ),
  ];
}

/** What passed, and what had nothing to look at and nothing to advise. */
function isQuiet({ status, remedy }: Finding): boolean {
  return status === 'pass' || (status === 'skip' && remedy === null);
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

function thresholdLines(findings: readonly Finding[]): string[] {
  const left = { title: '', align: 'left' } as const;
  const rows = findings.map(({ status, id, evidence, threshold }) => [`  ${status}`, id, evidence, threshold]);
  return rows.length === 0 ? [] : textTable([left, left, left, left], rows).slice(1);
}

function findingLines({ status, id, evidence, remedy }: Finding, width: number): string[] {
  return wrapText(`  ${status.padEnd(5)} `, `${id}: ${evidence}.${remedy === null ? '' : ` ${remedy}`}`, width);
}

function ratios({ result }: ReportInput): string[] {
  const rows = result.ratios.map((ratio) => [
    `${ratio.a} / ${ratio.b}`,
    ratio.metric,
    ratio.value.toFixed(2),
    ratio.low === null || ratio.high === null ? unknown : `${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}`,
  ]);
  const titles: readonly Column[] = [
    { title: 'ratio', align: 'left' },
    { title: 'metric', align: 'left' },
    { title: 'value', align: 'right' },
    { title: '95 % interval', align: 'right' },
  ];
  return rows.length === 0 ? [] : ['', ...textTable(titles, rows)];
}

/** Names come from files and servers: an escape sequence in one must not move the cursor of whoever reads it. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, '?');
}
