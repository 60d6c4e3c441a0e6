/**
 * Our .proto files as data, read from the files themselves and not from generated code, so that tests of that code have
 * something else to hold it against. Reads the part of the language that we use.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ProtoField {
  readonly name: string;
  readonly number: number;
  /** A scalar's name, or the full name of a message or enum. */
  readonly type: string;
  readonly repeated: boolean;
  readonly oneof: string | null;
  /** Marked JS_NUMBER: only its order matters. */
  readonly asNumber: boolean;
}

export interface ProtoMessage {
  readonly name: string;
  readonly fields: readonly ProtoField[];
}

export interface ProtoSchema {
  readonly messages: ReadonlyMap<string, ProtoMessage>;
  /** Full name -> value name -> number. */
  readonly enums: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Paths of methods. */
  readonly methods: readonly string[];
}

/** This file runs from its source, or compiled from dist-test/test/tools. */
const protoDirectory = ['../../proto', '../../../proto']
  .map((path) => join(import.meta.dirname, path))
  .find(existsSync)!;

/** Paths below proto/, sorted. */
export function protoPaths(): string[] {
  return readdirSync(protoDirectory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.proto'))
    .sort();
}

export function readProtoSchema(): ProtoSchema {
  const messages = new Map<string, ProtoMessage>();
  const enums = new Map<string, Map<string, number>>();
  const methods: string[] = [];
  for (const path of protoPaths())
    readFile(readFileSync(join(protoDirectory, path), 'utf8'), { messages, enums, methods });
  for (const [name, message] of messages) {
    const fields = message.fields.map((field) => ({ ...field, type: resolve(field.type, name, { messages, enums }) }));
    messages.set(name, { name, fields });
  }
  return { messages, enums, methods };
}

interface Target {
  readonly messages: Map<string, ProtoMessage>;
  readonly enums: Map<string, Map<string, number>>;
  readonly methods: string[];
}

const fieldLine = /^(repeated )?([\w.]+) (\w+) = (\d+)( \[jstype = JS_NUMBER\])?;$/;

/** Line by line: `{` opens a scope, `}` closes it. */
function readFile(text: string, target: Target): void {
  const scopes: { kind: string; name: string }[] = [];
  const full = (name: string) =>
    [...scopes.filter(({ kind }) => kind !== 'oneof').map((scope) => scope.name), name].join('.');
  for (const raw of text.split('\n')) {
    const line = raw.replace(/\/\/.*$/, '').trim();
    const open = /^(message|enum|oneof|service) (\w+) \{(\})?$/.exec(line);
    const packageName = /^package ([\w.]+);$/.exec(line);
    if (packageName !== null) scopes.push({ kind: 'package', name: packageName[1]! });
    else if (open !== null) {
      const [, kind, name, closed] = open;
      if (kind === 'message') target.messages.set(full(name!), { name: full(name!), fields: [] });
      if (kind === 'enum') target.enums.set(full(name!), new Map());
      if (closed === undefined) scopes.push({ kind: kind!, name: name! });
    } else if (line === '}') scopes.pop();
    else if (line !== '' && !/^(syntax|import) /.test(line)) readMember(line, scopes, target);
  }
}

function readMember(line: string, scopes: readonly { kind: string; name: string }[], target: Target): void {
  const scope = scopes.at(-1)!;
  const named = scopes.filter(({ kind }) => kind !== 'oneof').map(({ name }) => name);
  const rpc = /^rpc (\w+)\(/.exec(line);
  if (rpc !== null) return void target.methods.push(`/${named.join('.')}/${rpc[1]}`);
  if (scope.kind === 'enum') {
    const [, name, number] = /^(\w+) = (\d+);$/.exec(line) ?? fail(line);
    target.enums.get(named.join('.'))!.set(name!, Number(number));
    return;
  }
  const [, repeated, type, name, number, asNumber] = fieldLine.exec(line) ?? fail(line);
  const message = target.messages.get(named.join('.'))!;
  const field: ProtoField = {
    name: name!,
    number: Number(number),
    type: type!,
    repeated: repeated !== undefined,
    oneof: scope.kind === 'oneof' ? scope.name : null,
    asNumber: asNumber !== undefined,
  };
  target.messages.set(message.name, { ...message, fields: [...message.fields, field] });
}

const scalars = new Set(['int64', 'uint64', 'uint32', 'bool', 'string', 'bytes']);

/** A type's full name: looked for from the inside out, as protoc does. */
function resolve(type: string, from: string, { messages, enums }: Pick<Target, 'messages' | 'enums'>): string {
  if (scalars.has(type)) return type;
  for (let scope = from; ; scope = scope.slice(0, Math.max(0, scope.lastIndexOf('.')))) {
    const candidate = scope === '' ? type : `${scope}.${type}`;
    if (messages.has(candidate) || enums.has(candidate)) return candidate;
    if (scope === '') return fail(`${type} in ${from}`);
  }
}

function fail(what: string): never {
  throw new Error(`cannot read: ${what}`);
}
