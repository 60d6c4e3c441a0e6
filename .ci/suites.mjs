// Runs every suite, shows its output as it comes, and ends with one line: `N passed, N failed` over all of them.
// A suite that reports no test counts as failed: silence is not success.
import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

/** `tests`: the suite prints how many tests ran. `check`: it passes or fails as a whole. */
const suites = [
  { name: 'format', kind: 'check', command: ['npm', 'run', '-s', 'format:check'] },
  { name: 'lint', kind: 'check', command: ['npm', 'run', '-s', 'lint'] },
  { name: 'types', kind: 'check', command: ['npm', 'run', '-s', 'typecheck'] },
  { name: 'architecture', kind: 'check', command: ['npm', 'run', '-s', 'arch'] },
  { name: 'unit', kind: 'tests', command: ['npm', 'test'] },
  { name: 'fuzz', kind: 'tests', command: ['npm', 'run', 'test:fuzz'] },
  { name: 'mutations', kind: 'tests', command: ['npm', 'run', 'test:mutations'] },
  { name: 'peers', kind: 'tests', command: ['npm', 'run', 'test:peers'] },
];

function run([program, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const [stream, sink] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      stream.on('data', (chunk) => {
        sink.write(chunk);
        output += chunk;
      });
    }
    child.on('close', (code) => resolve({ code, output: stripVTControlCharacters(output) }));
  });
}

/** What a failed test is called and how it failed: a log is often kept by its end alone, so it is said once more there. */
function failures(output) {
  const named = output.matchAll(/^ *FAIL .*(?:\n(?! *(?:FAIL|❯|Hint)).+){0,6}/gm);
  return new Set(Array.from(named, ([lines]) => lines.replaceAll(/^(.{400}).+$/gm, '$1…')));
}

/** Sums vitest's closing lines (`Tests  1 failed | 2 passed (3)`) and our own (`2 passed, 1 failed`). */
function count(output) {
  const totals = { passed: 0, failed: 0 };
  for (const [line] of output.matchAll(/^ *(Tests +.*\(\d+\)|\d+ passed, \d+ failed.*)$/gm)) {
    totals.passed += Number(/(\d+) passed/.exec(line)?.[1] ?? 0);
    totals.failed += Number(/(\d+) failed/.exec(line)?.[1] ?? 0);
  }
  return totals;
}

function judge(suite, { code, output }) {
  if (suite.kind === 'check') return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  const totals = count(output);
  if (totals.passed + totals.failed === 0) console.error(`${suite.name}: ran nothing`);
  const broken = code !== 0 || totals.passed === 0;
  return { passed: totals.passed, failed: Math.max(totals.failed, broken ? 1 : 0) };
}

const sum = { passed: 0, failed: 0 };
const rows = [];
const failed = [];
for (const suite of suites) {
  console.log(`\n== ${suite.name}`);
  const startedMs = performance.now();
  const result = await run(suite.command);
  const totals = judge(suite, result);
  failed.push(...failures(result.output));
  sum.passed += totals.passed;
  sum.failed += totals.failed;
  rows.push(
    `${suite.name}: ${totals.passed} ok, ${totals.failed} not ok, ${((performance.now() - startedMs) / 1e3).toFixed(0)} s`,
  );
}
console.log(`\n${[...failed, ...rows].join('\n')}\n`);
console.log(`${sum.passed} passed, ${sum.failed} failed`);
process.exitCode = sum.failed === 0 ? 0 : 1;
