/** The one way out: what a command ended with becomes an exit code, and whatever it threw becomes one line on stderr. */
import { Failure, messageOf } from '../base/failure.ts';
import type { Interrupts } from './interrupts.ts';
import { closeStandardStreams, flushOutput, printLine, surviveFailedWrites, whyOutputFailed } from './output.ts';

/** sysexits' EX_SOFTWARE: a bug of ours. */
const bugExitCode = 70;
/** sysexits' EX_IOERR: all went well, and nobody can read it. */
const outputExitCode = 74;

/** Runs `command` and ends the process with the code it answers. */
export async function exitWith(command: () => Promise<number>, interrupts: Interrupts): Promise<never> {
  surviveFailedWrites();
  let bugCode: number | null = null;
  const onBug = (thrown: unknown): void => {
    bugCode = reportThrown(thrown);
    // A run first has to take its keys away; whatever else is under way can be left where it is.
    if (interrupts.watching) interrupts.note('an internal error');
    else void leave(bugCode);
  };
  process.on('uncaughtException', onBug);
  process.on('unhandledRejection', onBug);
  let code: number;
  try {
    code = await command();
  } catch (thrown) {
    code = reportThrown(thrown);
  }
  return leave(bugCode ?? code);
}

async function leave(code: number): Promise<never> {
  await flushOutput();
  const why = whyOutputFailed();
  if (why !== null) {
    printLine(`cannot write to stdout: ${why}`);
    await flushOutput();
  }
  closeStandardStreams();
  process.exit(why !== null && code === 0 ? outputExitCode : code);
}

/** A user's mistake gets its line; a bug gets one too, and its stack only for who asks with BENCH_DEBUG=1. */
function reportThrown(thrown: unknown): number {
  if (thrown instanceof Failure) {
    printLine(thrown.line);
    return thrown.exitCode;
  }
  printLine(
    `internal error: ${messageOf(thrown).replace(/\s*\n\s*/g, ' ')}; please report it (BENCH_DEBUG=1 shows where)`,
  );
  if (process.env['BENCH_DEBUG'] === '1' && thrown instanceof Error) process.stderr.write(`${thrown.stack}\n`);
  return bugExitCode;
}
