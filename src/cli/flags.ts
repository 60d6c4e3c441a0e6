/**
 * Every flag of every command in one table: yargs is told about them here, help shows them in this order, and what is
 * typed is checked against it, so that a wrong flag gets one line with the flag that was probably meant.
 */
import type { Argv, Options } from 'yargs';
import { Failure } from '../base/failure.ts';
import { nearestWords } from '../base/nearest-words.ts';

export interface Flag {
  readonly name: string;
  /** What stands for the value in help; null for a flag without one. */
  readonly value: string | null;
  readonly help: string;
  readonly group: string;
  readonly repeatable?: true;
}

/** What was typed: a flag's texts in order, `true` for a flag without a value. */
export class TypedFlags {
  readonly #texts: ReadonlyMap<string, readonly string[]>;

  constructor(texts: ReadonlyMap<string, readonly string[]>) {
    this.#texts = texts;
  }

  text(name: string): string | null {
    return this.#texts.get(name)?.at(-1) ?? null;
  }

  all(name: string): readonly string[] {
    return this.#texts.get(name) ?? [];
  }

  has(name: string): boolean {
    return this.#texts.has(name);
  }
}

/** Declares `flags` to yargs. Values stay texts: each is checked where it is used, with a line of its own. */
export function declareFlags<T>(yargs: Argv<T>, flags: readonly Flag[]): Argv<T> {
  for (const flag of flags) {
    const options: Options = { describe: flag.help, group: `${flag.group}:` };
    if (flag.value === null) yargs.option(flag.name, { ...options, boolean: true });
    else yargs.option(flag.name, { ...options, string: true, requiresArg: true });
  }
  return yargs;
}

/** Checks what yargs has read. Throws a Failure FLAG for a flag that is unknown, doubled or without its value. */
export function typedFlags(argv: Readonly<Record<string, unknown>>, flags: readonly Flag[]): TypedFlags {
  const texts = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(argv)) {
    if (name === '_' || name === '$0' || name === 'help' || name === 'version') continue;
    const flag = flags.find((each) => each.name === name);
    if (flag === undefined) throw unknownFlag(name, flags);
    if (value === undefined || value === false) continue;
    const given = (Array.isArray(value) ? value : [value]).map(String);
    if (given.length > 1 && flag.repeatable !== true)
      throw new Failure('FLAG', `--${name} is given ${given.length} times`);
    if (flag.value !== null && given.some((text) => text === '')) {
      throw new Failure('FLAG', `--${name} needs a value: --${name} ${flag.value}`);
    }
    texts.set(name, given);
  }
  return new TypedFlags(texts);
}

/** The line for a flag that is none of these, nor --help or --version. */
export function unknownFlag(name: string, flags: readonly Flag[]): Failure {
  const dashed = name.length === 1 ? `-${name}` : `--${name}`;
  const [meant] = nearestWords(name, [...flags.map((flag) => flag.name), 'help', 'version'], 1);
  const remedy = meant === undefined ? 'see bench --help' : `did you mean --${meant}?`;
  return new Failure('FLAG', `unknown flag ${dashed}`, { remedy });
}
