/**
 * The values of all flags while they are collected: defaults first, then whatever the command line, the variables or the
 * file say. Each value is read by its flag's kind when it is set, so that what comes out is never a text to be parsed again.
 */
import { assert } from '../../base/assert.ts';
import type { ListenUrl } from '../config.ts';
import { etcdFlags, type EtcdFlag, type FlagKind } from './flag-table.ts';
import { gatesFault } from './feature-gates.ts';
import { parseGoBool, parseGoDurationMs, parseGoInteger, type IntegerShape } from './go-values.ts';
import { parseUrls } from './go-url.ts';

export type FlagValue = string | boolean | number | readonly string[] | readonly ListenUrl[];

const integers: Readonly<Partial<Record<FlagKind, IntegerShape>>> = {
  int: { bits: 64, signed: true },
  int64: { bits: 64, signed: true },
  uint: { bits: 64, signed: false },
  uint64: { bits: 64, signed: false },
  uint32: { bits: 32, signed: false },
};

type Read = { readonly value: FlagValue } | { readonly fault: string };

/** What `text` means to a flag of this kind, or Go's word for what is wrong with it. */
function readValue(flag: EtcdFlag, text: string): Read {
  const integer = integers[flag.kind];
  if (integer !== undefined) return readInteger(flag, text, integer);
  switch (flag.kind) {
    case 'bool':
      return valueOr(parseGoBool(text), 'parse error');
    case 'duration':
      return valueOr(parseGoDurationMs(text), 'parse error');
    case 'choice':
      return flag.choices.includes(text) ? { value: text } : { fault: 'invalid value' };
    case 'urls':
      return readUrls(text);
    case 'list':
      return { value: [...new Set(text.split(','))].filter((part) => part !== '') };
    case 'gates':
      return valueOr(gatesFault(text) === null ? text : null, gatesFault(text) ?? '');
    default:
      return { value: text };
  }
}

function readInteger(flag: EtcdFlag, text: string, shape: IntegerShape): Read {
  const value = parseGoInteger(text, shape);
  if (typeof value === 'number') return { value };
  if (flag.kind !== 'uint32') return { fault: value };
  // etcd's own type, which passes on what strconv says.
  const reason = value === 'parse error' ? 'invalid syntax' : value;
  return { fault: `strconv.ParseUint: parsing ${JSON.stringify(text)}: ${reason}` };
}

function readUrls(text: string): Read {
  const urls = text === '' ? [] : parseUrls(text);
  return typeof urls === 'string' ? { fault: urls } : { value: urls };
}

function valueOr(value: FlagValue | null, fault: string): Read {
  return value === null ? { fault } : { value };
}

function defaultOf(flag: EtcdFlag): FlagValue {
  if (flag.defaultText === '' && flag.kind === 'ignored') return '';
  const read = readValue(flag, flag.defaultText);
  assert('value' in read, `the default of --${flag.name} can be read`);
  return read.value;
}

export class FlagValues {
  readonly #values = new Map<string, FlagValue>();

  /** Sets `flag` from a text. Null, or what is wrong with it; then nothing changes. */
  assign(flag: EtcdFlag, text: string): string | null {
    const read = readValue(flag, text);
    if ('fault' in read) return read.fault;
    // etcd keeps the URLs that it had when it is given none, and takes the flag for set.
    const keeps = flag.kind === 'urls' && text === '';
    this.#values.set(flag.name, keeps ? this.#value(flag.name) : read.value);
    return null;
  }

  /** Sets what was read elsewhere: the configuration file's numbers and lists. */
  accept(flag: EtcdFlag, value: FlagValue): void {
    this.#values.set(flag.name, value);
  }

  isSet(name: string): boolean {
    return this.#values.has(name);
  }

  /** Names of the flags that were set, in the order in which that happened. */
  get setNames(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** Whether it was set to something else than the newest release's default. */
  differs(flag: EtcdFlag): boolean {
    const value = this.#values.get(flag.name);
    return value !== undefined && JSON.stringify(value) !== JSON.stringify(defaultOf(flag));
  }

  text(name: string): string {
    const value = this.#value(name);
    assert(typeof value === 'string', `--${name} is a text`);
    return value;
  }

  bool(name: string): boolean {
    const value = this.#value(name);
    assert(typeof value === 'boolean', `--${name} is a boolean`);
    return value;
  }

  /** Milliseconds for a duration. */
  number(name: string): number {
    const value = this.#value(name);
    assert(typeof value === 'number', `--${name} is a number`);
    return value;
  }

  list(name: string): readonly string[] {
    return this.#parts(name).map((part) => (typeof part === 'string' ? part : part.text));
  }

  urls(name: string): readonly ListenUrl[] {
    return this.#parts(name).filter((part) => typeof part !== 'string');
  }

  #parts(name: string): readonly (string | ListenUrl)[] {
    const value = this.#value(name);
    assert(typeof value === 'object', `--${name} is a list`);
    return value;
  }

  #value(name: string): FlagValue {
    const flag = etcdFlags.get(name);
    assert(flag !== undefined, `--${name} is a flag`);
    return this.#values.get(name) ?? defaultOf(flag);
  }
}
