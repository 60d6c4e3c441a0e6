/**
 * Takes out one limit or check of src/wire at a time and demands that a named test fails: `npm run test:mutations`
 * (`-- --only TEXT` for those whose description holds TEXT). A snippet that is not in its file any more is a failure too:
 * the list follows the code. The last line counts mutations.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../../src/base/failure.ts';
import type { Mutation } from './mutation.ts';
import { mutations } from './mutations.ts';
import { Sandbox, type TestRun } from './sandbox.ts';

const { values: flags } = parseArgs({ options: { only: { type: 'string', default: '' }, jobs: { type: 'string' } } });
// The compiled runner lies in dist-test/test/mutations.
const root = join(import.meta.dirname, '../../..');
const chosen = mutations.filter((mutation) => mutation.then.includes(flags.only));
const jobs = Math.max(1, Number(flags.jobs ?? '2'));

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Why this run does not show that the tests notice; '' when it does. */
function objection(mutation: Mutation, run: TestRun): string {
  if (run.hung) return '';
  if (run.ran === 0) return `no test ran:\n${run.output.slice(-2_000)}`;
  if (run.failed.length === 0) return 'no test failed';
  if (run.failed.some((name) => name.includes(mutation.failing))) return '';
  return `"${mutation.failing}" is not among the tests that failed:\n    ${run.failed.join('\n    ')}`;
}

async function judge(sandbox: Sandbox, mutation: Mutation): Promise<boolean> {
  let why: string;
  try {
    why = objection(mutation, await sandbox.try(mutation));
  } catch (thrown) {
    why = messageOf(thrown);
  }
  print(`${why === '' ? 'noticed' : 'MISSED '} ${mutation.file}: then ${mutation.then}`);
  if (why !== '') print(`  ${why}`);
  return why === '';
}

/** All tests involved pass before anything is changed, or their failures would prove nothing. */
async function baseline(sandbox: Sandbox): Promise<boolean> {
  const run = await sandbox.run([...new Set(chosen.flatMap((mutation) => mutation.tests))]);
  if (run.ran > 0 && run.failed.length === 0 && !run.hung) return true;
  print(`without a mutation: ${run.ran} tests, failed: ${run.failed.join(', ')}\n${run.output.slice(-2_000)}`);
  return false;
}

const sandboxes = Array.from({ length: jobs }, () => new Sandbox(root));
const queue = [...chosen];
let passed = 0;
try {
  if (await baseline(sandboxes[0]!)) await Promise.all(sandboxes.map(work));
} finally {
  for (const sandbox of sandboxes) sandbox.remove();
}
print(`${passed} passed, ${chosen.length - passed} failed`);
process.exitCode = chosen.length > 0 && passed === chosen.length ? 0 : 1;

async function work(sandbox: Sandbox): Promise<void> {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (await judge(sandbox, next)) passed++;
  }
}
