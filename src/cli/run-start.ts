/** `bench run`, first of all: the threads of its load are started, so that they load beside the command itself. */
import { ThreadStock } from '../bench/thread-stock.ts';
import type { Typed } from './command.ts';
import type { Interrupts } from './interrupts.ts';

/** Answers the exit code. */
export async function startRun(typed: Typed, interrupts: Interrupts): Promise<number> {
  const stock = new ThreadStock();
  stock.warm();
  const { runCommand } = await import('./run-command.ts');
  return runCommand(typed, interrupts, stock);
}
