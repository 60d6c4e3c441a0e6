/** `bench run`: options -> checks that cost nothing -> experiment -> result, verdict and report -> what to print. */
import { nowMs } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { checkGuards } from '../bench/preflight.ts';
import { runExperiment, type ExperimentEvents, type ExperimentOutcome } from '../bench/experiment.ts';
import { dropIfEmpty, makeRunDirectory } from '../bench/run-directory.ts';
import { chooseTargets } from '../bench/targets/target-choice.ts';
import type { Target } from '../bench/targets/target.ts';
import type { ThreadStock } from '../bench/thread-stock.ts';
import { readWorkload } from '../bench/workload-file.ts';
import type { Workload } from '../bench/workload.ts';
import type { Typed } from './command.ts';
import type { Interrupts } from './interrupts.ts';
import { leftoverLine } from './leftovers.ts';
import { columnsOf, printLine, quietLog } from './output.ts';
import { Progress, type ProgressSink } from './progress.ts';
import { readRunOptions, type RunOptions } from './run-options.ts';

/** A load that connects in longer than this has other problems. */
const connectTimeoutMs = 5_000;
const keepAliveMs = 30_000;
const replyBytesMax = 64 * 1024 * 1024;

/** `stock` holds the load's threads. Answers the exit code. */
export async function runCommand(
  { positional, flags, words }: Typed,
  interrupts: Interrupts,
  stock: ThreadStock,
): Promise<number> {
  // Nothing to take back yet, and a file may be a pipe that nobody writes to: until here a signal ends us by itself.
  const options = await readRunOptions(positional, flags);
  const workload = await readWorkload(options.workloadFile, options.overrides);
  interrupts.watch();
  try {
    const targets = chooseTargets({ ...options, random: Math.random });
    await checkBeforehand(options, workload, targets);
    const startedAt = new Date();
    const directory = await makeRunDirectory(options.out, workload.name, startedAt);
    const run = { options, workload, targets, startedAt, directory, words, stock };
    try {
      return await driveRun(run, interrupts);
    } finally {
      await dropIfEmpty(directory);
    }
  } finally {
    interrupts.release();
  }
}

/** Everything that is settled before the first request. */
export interface Run {
  readonly options: RunOptions;
  readonly workload: Workload;
  readonly targets: readonly Target[];
  readonly startedAt: Date;
  readonly directory: string;
  /** As typed, for the command that repeats it. */
  readonly words: readonly string[];
  readonly stock: ThreadStock;
}

async function driveRun(run: Run, interrupts: Interrupts): Promise<number> {
  const terminal = new Progress(stderrSink(), nowMs);
  const events = experimentEvents(terminal, run.options.json);
  interrupts.stop.addEventListener('abort', () => {
    events.log.info(`${interrupts.reason}: ending the load and removing its keys; once more to leave them`);
  });
  try {
    const outcome = await experiment(run, events, interrupts);
    terminal.clear();
    tellLeftovers(outcome, run.words);
    // Only now: judging and rendering take longer to load than a cluster takes to answer.
    const { finishRun } = await import('./run-finish.ts');
    const exitCode = await finishRun(run, outcome, interrupts.reason);
    if (outcome.failure !== null) printLine(outcome.failure.cause.line);
    return exitCode;
  } finally {
    terminal.clear();
  }
}

async function experiment(run: Run, events: ExperimentEvents, interrupts: Interrupts): Promise<ExperimentOutcome> {
  const { options, workload, targets, directory } = run;
  const loading = import('../bench/load.ts'); // while the target is asked
  return runExperiment(
    {
      workload,
      targets,
      rounds: options.rounds,
      channel: {
        transport: options.transport,
        tls: options.tls,
        connectTimeoutMs,
        keepAliveMs,
        maxReceiveBytes: replyBytesMax,
      },
      user: options.user,
      parent: options.prefix,
      maxBytes: options.maxBytes,
      directory,
      load: async (spec, loadEvents, signal) => (await loading).runLoad(spec, loadEvents, signal, run.stock),
    },
    events,
    interrupts,
  );
}

/** What is wrong without asking anybody is said before a folder is made. */
async function checkBeforehand(options: RunOptions, workload: Workload, targets: readonly Target[]): Promise<void> {
  const disposable = options.endpoints === null;
  checkGuards({ workload, parent: options.prefix, maxBytes: options.maxBytes, disposable });
  for (const target of targets) await target.check();
}

/** Each round that may have left keys of ours gets its line. */
function tellLeftovers({ rounds, targets }: ExperimentOutcome, words: readonly string[]): void {
  for (const round of rounds) {
    const target = targets.find((each) => each.name === round.target);
    const line = target === undefined ? null : leftoverLine(round, target, words);
    if (line !== null) printLine(line);
  }
}

function experimentEvents(progress: Progress, quiet: boolean): ExperimentEvents {
  if (quiet) return { log: quietLog, onProgress: () => {}, onCleanup: () => {} };
  const log: Log = {
    info: (line) => progress.line(line),
    warn: (line) => progress.line(`warning: ${line}`),
  };
  return {
    log,
    onProgress: (title, load) => progress.update(title, load),
    onCleanup: (title, keys) => progress.status(`${title}  removing keys: ${keys} gone`),
  };
}

function stderrSink(): ProgressSink {
  const { TERM = 'dumb' } = process.env; // terminfo(5): without a name nothing is known of it
  return {
    redraws: process.stderr.isTTY === true && TERM !== 'dumb',
    get columns() {
      return columnsOf(process.stderr, 80);
    },
    write: (text) => void process.stderr.write(text),
  };
}
