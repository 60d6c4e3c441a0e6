/** What every command is to the dispatcher and to the help. */
import type { Flag, TypedWords } from './flags.ts';
import type { Interrupts } from './interrupts.ts';

/** What a command was given. */
export interface Typed extends TypedWords {
  /** All arguments as typed, the command's name first. */
  readonly words: readonly string[];
}

export interface Command {
  readonly name: string;
  /** With its positional, for help. */
  readonly usage: string;
  readonly help: string;
  readonly flags: readonly Flag[];
  /** It has a parser and a help of its own, and is given nothing but `words`. */
  readonly parsesItself?: true;
  readonly examples: readonly (readonly [command: string, what: string])[];
  /** Answers the exit code. */
  run(typed: Typed, interrupts: Interrupts): Promise<number>;
}
