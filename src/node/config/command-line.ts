/**
 * Arguments as Go's flag package takes them: `-name x`, `--name=x`, booleans without a value unless it follows `=`, the last
 * of several counts, `--` and the first word that is no flag end them.
 */
import { nearestWords } from '../../base/nearest-words.ts';
import { etcdFlags, type EtcdFlag } from './flag-table.ts';
import type { FlagValues } from './flag-values.ts';
import { goQuote } from './go-values.ts';
import { StartFailure } from './start-failure.ts';

/** Sets `values`; answers the words that follow the flags, or 'help'. Throws a StartFailure for what Go would refuse. */
export function readCommandLine(words: readonly string[], values: FlagValues): readonly string[] | 'help' {
  let at = 0;
  while (at < words.length) {
    const word = words[at]!;
    if (!word.startsWith('-') || word === '-') break;
    at++;
    if (word === '--') break;
    const { name, given } = flagWord(word);
    const flag = etcdFlags.get(name);
    if (flag === undefined) {
      if (name === 'help' || name === 'h') return 'help';
      throw usageFailure(`flag provided but not defined: -${name}${suggestion(name)}`);
    }
    if (given !== null || takesNoWord(flag)) setFlag(flag, given, values);
    else if (at < words.length) setFlag(flag, words[at++]!, values);
    else throw usageFailure(`flag needs an argument: -${name}`);
  }
  return words.slice(at);
}

function takesNoWord(flag: EtcdFlag): boolean {
  return flag.kind === 'bool' || flag.kind === 'ignored';
}

function flagWord(word: string): { readonly name: string; readonly given: string | null } {
  const body = word.slice(word.startsWith('--') ? 2 : 1);
  if (body === '' || body.startsWith('-') || body.startsWith('=')) throw usageFailure(`bad flag syntax: ${word}`);
  const equals = body.indexOf('=');
  return equals < 0 ? { name: body, given: null } : { name: body.slice(0, equals), given: body.slice(equals + 1) };
}

function setFlag(flag: EtcdFlag, given: string | null, values: FlagValues): void {
  const text = given ?? 'true';
  const fault = values.assign(flag, text);
  if (fault === null) return;
  const what = flag.kind === 'bool' ? `boolean value ${goQuote(text)} for` : `value ${goQuote(text)} for flag`;
  throw usageFailure(`invalid ${what} -${flag.name}: ${fault}`);
}

function usageFailure(message: string): StartFailure {
  return new StartFailure('usage', message);
}

/** On a line of its own: the first is etcd's to the byte. */
function suggestion(name: string): string {
  const [meant] = nearestWords(name, [...etcdFlags.keys()], 1);
  return meant === undefined ? '' : `\ndid you mean --${meant}?`;
}
