/**
 * `--config-file`: YAML, or JSON, which is YAML too. When there is one it is the only source; keys that are unknown are
 * ignored, durations are whole nanoseconds. Complaints are worded as Go's decoders word them.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { parseDocument, type YAMLError } from 'yaml';
import { etcdFlags, type EtcdFlag, type FlagKind } from './flag-table.ts';
import type { FlagValue, FlagValues } from './flag-values.ts';
import { goSystemText } from './go-system-text.ts';
import { StartFailure, verifyFailure } from './start-failure.ts';

/** A configuration is a page of text; whatever is larger was not meant. */
const fileBytesMax = 1 << 20;

/** Reads the file at `path` into `values`. Throws a StartFailure. */
export function readConfigFile(path: string, values: FlagValues): void {
  const root = parseYaml(textOf(path));
  if (root === null) return;
  if (!isMap(root)) throw typeFailure(root, 'Go value of type embed.configYAML');
  for (const flag of flagsByKey) {
    const value = valueAt(root, flag.key.split('.'));
    if (value !== null && value !== undefined) setFromFile(flag, value, values);
  }
}

type KeyedFlag = EtcdFlag & { readonly key: string };

/** In the order of the keys, as Go's decoder meets them: of several mistakes the first is told. */
const flagsByKey: readonly KeyedFlag[] = [...etcdFlags.values()]
  .filter((flag): flag is KeyedFlag => flag.key !== null)
  .sort((a, b) => (a.key < b.key ? -1 : 1));

function textOf(path: string): string {
  const buffer = Buffer.allocUnsafe(fileBytesMax + 1);
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (thrown) {
    throw verifyFailure(`open ${path}: ${goSystemText(thrown)}`);
  }
  try {
    let length = 0;
    for (let read = 1; read > 0 && length < buffer.length; length += read)
      read = readSync(file, buffer, length, buffer.length - length, null);
    if (length > fileBytesMax) throw verifyFailure(`read ${path}: larger than ${fileBytesMax} bytes`);
    return buffer.toString('utf8', 0, length);
  } catch (thrown) {
    if (thrown instanceof StartFailure) throw thrown;
    throw verifyFailure(`read ${path}: ${goSystemText(thrown)}`);
  } finally {
    closeSync(file);
  }
}

function parseYaml(text: string): unknown {
  const document = parseDocument(text, { version: '1.1', uniqueKeys: false, prettyErrors: true, logLevel: 'silent' });
  const [error] = document.errors;
  if (error !== undefined) throw verifyFailure(`error converting YAML to JSON: ${yamlComplaint(error)}`);
  try {
    return document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch (thrown) {
    throw verifyFailure(`error converting YAML to JSON: yaml: ${String(thrown)}`);
  }
}

/** The reason is the parser's own; the form is go-yaml's. */
function yamlComplaint(error: YAMLError): string {
  const line = error.linePos?.[0].line ?? 1;
  const reason = error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '');
  return `yaml: line ${line}: ${reason}`;
}

type YamlMap = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is YamlMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands under a path; null when nothing does. */
function valueAt(root: YamlMap, path: readonly string[]): unknown {
  let parent = root;
  for (const part of path.slice(0, -1)) {
    const next = parent[part];
    if (next === null || next === undefined) return null;
    if (!isMap(next))
      throw typeFailure(next, `Go struct field configYAML.configJSON.${part} of type embed.securityConfig`);
    parent = next;
  }
  return parent[path.at(-1)!];
}

/** Go's names of the fields' types, as its complaints show them. */
const goTypes: Readonly<Record<FlagKind, string>> = {
  string: 'string',
  choice: 'string',
  gates: 'string',
  urls: 'string',
  list: '[]string',
  ignored: 'string',
  bool: 'bool',
  int: 'int',
  int64: 'int64',
  uint: 'uint',
  uint32: 'uint32',
  uint64: 'uint64',
  duration: 'time.Duration',
};
/** Lists on the command line, one comma-separated text in the file. */
const textLists = new Set(['cors', 'host-whitelist']);

function setFromFile(flag: KeyedFlag, found: unknown, values: FlagValues): void {
  const asText = goTypes[flag.kind] === 'string' || textLists.has(flag.name);
  const type = asText ? 'string' : goTypes[flag.kind];
  const nested = flag.key.includes('.');
  const value = asText && nested ? scalarText(found) : found;
  if (!fits(value, type)) throw typeFailure(found, `Go struct field ${fieldName(flag, nested)} of type ${type}`);
  if (typeof value === 'string') setText(flag, value, values);
  else values.accept(flag, flag.kind === 'duration' ? Number(value) / 1e6 : (value as FlagValue));
}

/** Go's YAML layer turns scalars into texts only where it can see the field's type, which is below the top. */
function scalarText(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

function fieldName(flag: KeyedFlag, nested: boolean): string {
  if (nested) return `securityConfig.${flag.key}`;
  return `configYAML.${inJson(flag) ? 'configJSON' : 'Config'}.${flag.key}`;
}

/** Of the struct that etcd reads beside its configuration: what is a text in the file and something else in memory. */
function inJson(flag: EtcdFlag): boolean {
  return flag.kind === 'urls' || flag.kind === 'gates' || textLists.has(flag.name);
}

function fits(value: unknown, type: string): boolean {
  if (type === 'string') return typeof value === 'string';
  if (type === 'bool') return typeof value === 'boolean';
  if (type === '[]string') return Array.isArray(value) && value.every((each) => typeof each === 'string');
  if (typeof value !== 'number' || !Number.isInteger(value)) return false;
  const max = type === 'uint32' ? 2 ** 32 - 1 : type === 'uint' || type === 'uint64' ? 2 ** 64 : 2 ** 63;
  return value <= max && value >= (type.startsWith('uint') ? 0 : -max);
}

function setText(flag: EtcdFlag, text: string, values: FlagValues): void {
  if (text === '' && flag.kind !== 'string') return;
  if (flag.kind === 'choice') return values.accept(flag, text); // a bad one is told when the whole is checked
  const fault = values.assign(flag, text);
  if (fault === null) return;
  if (flag.kind === 'urls') throw new StartFailure('plain', `unexpected error setting up ${flag.name}: ${fault}`);
  throw verifyFailure(fault);
}

function typeFailure(value: unknown, where: string): StartFailure {
  const what = typeof value === 'number' && / of type u?int|Duration/.test(where) ? `number ${value}` : jsonKind(value);
  return verifyFailure(`error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${what} into ${where}`);
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
