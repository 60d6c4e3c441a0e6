/**
 * Branch coverage from V8's own block counters (node:inspector), over the files whose path matches.
 *
 * V8 reports ranges with counts but not how many branches there are, so the branches are taken from the syntax tree of
 * the loaded JavaScript (TypeScript's parser) and each is looked up: it is covered when the innermost range around it
 * ran. Branches: both ways of `if` and `?:`, the right side of `&&` `||` `??`, every `case`, every loop body, every
 * function.
 */
import { Session } from 'node:inspector';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export interface FileCoverage {
  readonly path: string;
  readonly branches: number;
  readonly covered: number;
  /** Lines (of the JavaScript) whose branches were not taken. */
  readonly missedLines: readonly number[];
}

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

export class BranchCoverage {
  readonly #session = new Session();
  readonly #wanted: RegExp;

  /** Starts counting. Code that is already loaded and compiled counts too. */
  constructor(wanted: RegExp) {
    this.#wanted = wanted;
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Reads the counters and stops. */
  finish(): FileCoverage[] {
    let files: FileCoverage[] = [];
    // The inspector answers in the same turn when the session is in this thread.
    this.#session.post('Profiler.takePreciseCoverage', (error, report) => {
      if (error !== null) throw error;
      files = report.result
        .filter((script) => script.url.startsWith('file:') && this.#wanted.test(script.url))
        .map((script) =>
          fileCoverage(
            fileURLToPath(script.url),
            script.functions.flatMap((each) => each.ranges),
          ),
        );
    });
    this.#session.disconnect();
    return files.sort((a, b) => (a.path < b.path ? -1 : 1));
  }
}

function fileCoverage(path: string, ranges: readonly Range[]): FileCoverage {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2023, true);
  const branches = branchesOf(source);
  const missed = branches.filter((offset) => countAt(ranges, offset) === 0);
  const missedLines = missed.map((offset) => source.getLineAndCharacterOfPosition(offset).line + 1);
  return { path, branches: branches.length, covered: branches.length - missed.length, missedLines };
}

/** Offsets that run exactly when their branch is taken. */
function branchesOf(source: ts.SourceFile): number[] {
  const offsets: number[] = [];
  const add = (node: ts.Node | undefined) => node !== undefined && offsets.push(node.getStart(source));
  const visit = (node: ts.Node): void => {
    if (ts.isIfStatement(node)) {
      add(node.thenStatement);
      add(node.elseStatement);
    } else if (ts.isConditionalExpression(node)) {
      add(node.whenTrue);
      add(node.whenFalse);
    } else if (ts.isBinaryExpression(node) && isShortCut(node.operatorToken.kind)) add(node.right);
    else if (ts.isCaseOrDefaultClause(node)) add(node.statements[0]);
    else if (ts.isIterationStatement(node, false)) add(node.statement);
    else if (ts.isFunctionLike(node) && 'body' in node) add(node.body);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return offsets;
}

function isShortCut(kind: ts.SyntaxKind): boolean {
  return (
    kind === ts.SyntaxKind.AmpersandAmpersandToken ||
    kind === ts.SyntaxKind.BarBarToken ||
    kind === ts.SyntaxKind.QuestionQuestionToken
  );
}

/** The count of the smallest range around `offset`; V8 nests them. 0 when nothing around it was ever entered. */
function countAt(ranges: readonly Range[], offset: number): number {
  let count = 0;
  let smallest = Infinity;
  for (const range of ranges) {
    const length = range.endOffset - range.startOffset;
    if (range.startOffset > offset || range.endOffset <= offset || length > smallest) continue;
    smallest = length;
    count = range.count;
  }
  return count;
}
