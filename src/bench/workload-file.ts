/**
 * From the text of a workload file to a Workload, or to one line that says where it is wrong and what is allowed.
 *
 * Promises: a Failure for any text whatever (size, depth and aliases are bounded), and never another exception.
 */
import { basename } from 'node:path';
import { isNode, isPair, isMap, LineCounter, parseDocument, type Document, type YAMLError } from 'yaml';
import { assert } from '../base/assert.ts';
import { Failure, messageOf } from '../base/failure.ts';
import { readStdin, readText } from '../base/read-text.ts';
import { systemReason } from '../base/system-reason.ts';
import { toWorkload } from './workload-values.ts';
import {
  applyOverrides,
  formatPath,
  noOverrides,
  type AppliedOverride,
  type FieldPath,
  type OverrideTexts,
} from './workload-overrides.ts';
import { brokenRules, type Problem } from './workload-rules.ts';
import { workloadSchema } from './workload-schema.ts';
import type { Workload } from './workload.ts';

const fileCharsMax = 64 * 1024;
/** UTF-8 takes at most 3 bytes for each of JavaScript's characters. */
const fileBytesMax = 3 * fileCharsMax;
const aliasesMax = 100;
/** What messages call standard input. */
const stdinName = '<stdin>';

/** Reads and checks a workload file; `-` is standard input. Throws a Failure WORKLOAD or OVERRIDE. */
export async function readWorkload(path: string, overrides: OverrideTexts = noOverrides): Promise<Workload> {
  const name = path === '-' ? stdinName : path;
  return parseWorkload(await textOf(path, name), name, overrides);
}

/** The same from its text; `path` is for messages and the name. */
export function parseWorkload(text: string, path: string, overrides: OverrideTexts = noOverrides): Workload {
  const source = new Source(text, path);
  const data = source.data();
  const applied = applyOverrides(data, overrides);
  const checked = workloadSchema.safeParse(data);
  const problems = checked.success ? brokenRules(checked.data) : checked.error.issues.sort(byIgnorance).map(problemOf);
  const [first, ...others] = problems;
  if (first !== undefined) throw source.failure(first, others, applied);
  assert(checked.data !== undefined, 'what breaks no rule has a value');
  return toWorkload(checked.data, path === stdinName ? 'stdin' : basename(path).replace(/\.ya?ml$/, ''));
}

async function textOf(path: string, name: string): Promise<string> {
  try {
    return await (path === '-' ? readStdin(fileBytesMax) : readText(path, fileBytesMax));
  } catch (thrown) {
    throw new Failure('WORKLOAD', `workload ${name} cannot be read: ${systemReason(thrown)}`, {
      remedy: 'give a workload file, such as workloads/s.yaml',
    });
  }
}

type Issue = NonNullable<ReturnType<typeof workloadSchema.safeParse>['error']>['issues'][number];

/** Unknown fields first: a field that is missing is often one that was mistyped. */
function byIgnorance(a: Issue, b: Issue): number {
  return Number(b.code === 'unrecognized_keys') - Number(a.code === 'unrecognized_keys');
}

/** Of a union that matched no branch: the branch whose kind of value it was, when its trouble lies deeper. */
function problemOf(issue: Issue): Problem {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.map((issues) => issues[0]).find((found) => (found?.path.length ?? 0) > 0);
    if (inner !== undefined) {
      const deeper = problemOf(inner);
      return { path: [...path, ...deeper.path], message: deeper.message };
    }
  }
  if (issue.code === 'unrecognized_keys') return { path: [...path, issue.keys[0] ?? ''], message: issue.message };
  return { path, message: issue.message };
}

/** A parsed text that can tell where each of its fields is. */
class Source {
  readonly #path: string;
  readonly #lines = new LineCounter();
  readonly #document: Document;

  constructor(text: string, path: string) {
    this.#path = path;
    if (text.length > fileCharsMax) throw this.#at(0, `is longer than ${fileCharsMax} characters`);
    try {
      this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, logLevel: 'error' });
    } catch (thrown) {
      throw this.#at(0, `is not YAML: ${firstLine(messageOf(thrown))}`); // nested beyond the stack
    }
    const [error] = this.#document.errors;
    if (error !== undefined) throw this.#at(error.pos[0], `is not YAML: ${yamlReason(error)}`);
  }

  data(): unknown {
    try {
      return this.#document.toJS({ maxAliasCount: aliasesMax }) as unknown;
    } catch (thrown) {
      throw this.#at(0, `cannot be read: ${firstLine(messageOf(thrown))}`);
    }
  }

  /** What one flag has set wrong in several places is one mistake. */
  failure(problem: Problem, others: readonly Problem[], applied: readonly AppliedOverride[]): Failure {
    const { path, message } = problem;
    const flag = flagOf(problem, applied);
    const unrelated = others.filter((other) => flag === undefined || flagOf(other, applied) !== flag);
    const more = unrelated.length === 0 ? '' : ` (and ${unrelated.length} more)`;
    const field = path.length === 0 ? 'the workload' : formatPath(path);
    if (flag !== undefined) return new Failure('WORKLOAD', `${flag}: ${field} ${message}${more}`);
    return this.#at(this.#offsetOf(path), `${field} ${message}${more}`);
  }

  #at(offset: number, message: string): Failure {
    const { line, col } = this.#lines.linePos(offset);
    // Before the first line was counted, the counter says line 0.
    return new Failure('WORKLOAD', `${this.#path}:${Math.max(1, line)}:${Math.max(1, col)}: ${message}`);
  }

  /** Of the field's value, of its name when the value is a group, or of the nearest group around it that is there. */
  #offsetOf(path: FieldPath): number {
    for (let depth = path.length; depth > 0; depth--) {
      const offset = this.#keyOffset(path.slice(0, depth));
      if (offset !== null) return offset;
    }
    return rangeStart(this.#document.contents) ?? 0;
  }

  #keyOffset(path: FieldPath): number | null {
    const parent: unknown = path.length === 1 ? this.#document.contents : this.#document.getIn(path.slice(0, -1), true);
    const name = path[path.length - 1]!;
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isPair(item) && keyText(item.key) === String(name));
      return pair === undefined ? null : rangeStart(pair.key);
    }
    return rangeStart(this.#document.getIn(path, true));
  }
}

/** The flag that made the problem, as typed; undefined when it was the file. */
function flagOf({ path }: Problem, applied: readonly AppliedOverride[]): string | undefined {
  return applied.findLast((override) => overlaps(override.path, path))?.flag;
}

function rangeStart(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}

function keyText(key: unknown): string {
  const value: unknown = typeof key === 'object' && key !== null && 'value' in key ? key.value : key;
  return String(value);
}

/** True when one path lies within the other: the flag made what is wrong, or the field that it is missing in. */
function overlaps(a: FieldPath, b: FieldPath): boolean {
  return a.slice(0, b.length).every((part, i) => part === b[i] || String(part) === String(b[i]));
}

/** The parser's words, but for the advice that is meant for a program. */
function yamlReason({ code, message }: YAMLError): string {
  return code === 'MULTIPLE_DOCS' ? 'a second document begins here; a workload is one' : firstLine(message);
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
