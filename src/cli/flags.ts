/**
 * Flags as they are typed: `--name VALUE`, `--name=VALUE`, `--name`, and `--` before words that are none. What a command
 * takes is a table (command-flags.ts); what is not in it gets one line with the flag that was probably meant.
 *
 * Values stay texts: each is checked where it is used, with a line of its own. yargs, which writes the help, is not asked
 * here: it takes longer to load than a cluster takes to answer, and it guesses (`--no-x`, dotted names, numbers).
 */
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

/** Every command has these two. */
export const commonFlags: readonly Flag[] = [
  { name: 'help', value: null, group: 'Options', help: 'show this' },
  { name: 'version', value: null, group: 'Options', help: 'show the version' },
];

/** What was typed: a flag's texts in order; a flag without a value has one empty text. */
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

export interface TypedWords {
  readonly positional: readonly string[];
  readonly flags: TypedFlags;
}

/** Throws a Failure FLAG for a flag that is unknown, doubled, or without its value. `command` is whose `flags` these are. */
export function parseWords(words: readonly string[], flags: readonly Flag[], command = 'bench'): TypedWords {
  const known = [...flags, ...commonFlags];
  const positional: string[] = [];
  const texts = new Map<string, string[]>();
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === '--') {
      positional.push(...words.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      positional.push(word);
      continue;
    }
    const [, name = '', equals, given = ''] = /^--?([^=]*)(=?)(.*)$/s.exec(word === '-h' ? '--help' : word)!;
    const flag = known.find((each) => each.name === name && word.startsWith(word === '-h' ? '-' : '--'));
    if (flag === undefined) throw unknownFlag(word, name, known, command);
    const typed = texts.get(name) ?? [];
    if (typed.length > 0 && flag.repeatable !== true) throw new Failure('FLAG', `--${name} is given twice`);
    texts.set(name, [...typed, equals === '=' ? givenValue(flag, given) : followingValue(flag, words[++i])]);
    if (equals !== '=' && flag.value === null) i--;
  }
  return { positional, flags: new TypedFlags(texts) };
}

function givenValue(flag: Flag, text: string): string {
  if (flag.value === null) throw new Failure('FLAG', `--${flag.name} takes no value`);
  if (text === '') throw missingValue(flag);
  return text;
}

/** The next word; one that looks like a flag is one, as a value that was forgotten is the likelier mistake. */
function followingValue(flag: Flag, next: string | undefined): string {
  if (flag.value === null) return '';
  if (next === undefined || next === '' || next.startsWith('--')) throw missingValue(flag);
  return next;
}

function missingValue(flag: Flag): Failure {
  return new Failure('FLAG', `--${flag.name} needs a value: --${flag.name} ${flag.value}`);
}

function unknownFlag(word: string, name: string, known: readonly Flag[], command: string): Failure {
  const [meant] = nearestWords(
    name,
    known.map((flag) => flag.name),
    1,
  );
  const remedy = meant === undefined ? `see ${command} --help` : `did you mean --${meant}?`;
  return new Failure('FLAG', `unknown flag ${word.replace(/=.*$/s, '')}`, { remedy });
}
