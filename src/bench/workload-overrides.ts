/**
 * `--set path=value` and its short forms, applied to the document before it is checked: what they make of it is checked as
 * if it had been written in the file, and an error names the flag.
 */
import { parseDocument } from 'yaml';
import { Failure, messageOf } from '../base/failure.ts';

/** The flags as typed; null or none where they were not given. */
export interface OverrideTexts {
  readonly duration: string | null;
  readonly rate: string | null;
  readonly clients: string | null;
  readonly connections: string | null;
  readonly seed: string | null;
  /** Of `--set`, in order: `values.size=100`, `phases[0].arrival.rate=500`. */
  readonly set: readonly string[];
}

export const noOverrides: OverrideTexts = {
  duration: null,
  rate: null,
  clients: null,
  connections: null,
  seed: null,
  set: [],
};

export type FieldPath = readonly (string | number)[];

/** One field that a flag has set. */
export interface AppliedOverride {
  /** As typed: `--rate 500`, `--set values.size=100`. */
  readonly flag: string;
  readonly path: FieldPath;
}

/** Plain YAML data. */
type Data = Record<string, unknown> | unknown[];

/**
 * Changes `document` in place. `--duration` and `--rate` apply to every phase that is no warm-up and, for the rate, has
 * one; `--clients` below the connections takes those down with it.
 */
export function applyOverrides(document: unknown, overrides: OverrideTexts): AppliedOverride[] {
  if (!isData(document)) return []; // the schema will say what it must be
  const applied: AppliedOverride[] = [];
  const set = (flag: string, path: FieldPath, value: unknown): void => {
    setAt(document, path, value, flag);
    applied.push({ flag, path });
  };
  for (const field of ['clients', 'connections', 'seed'] as const) {
    const text = overrides[field];
    if (text !== null) set(`--${field} ${text}`, [field], scalar(text, `--${field} ${text}`));
  }
  if (overrides.clients !== null && overrides.connections === null) lowerConnections(document, overrides.clients, set);
  if (overrides.duration !== null) setDuration(document, overrides.duration, set);
  if (overrides.rate !== null) setRate(document, overrides.rate, set);
  for (const text of overrides.set) setField(text, set);
  return applied;
}

type Set = (flag: string, path: FieldPath, value: unknown) => void;

function lowerConnections(document: Data, text: string, set: Set): void {
  const { clients, connections } = document as { clients?: unknown; connections?: unknown };
  if (typeof clients === 'number' && typeof connections === 'number' && connections > clients) {
    set(`--clients ${text}`, ['connections'], clients);
  }
}

function setDuration(document: Data, text: string, set: Set): void {
  for (const { index } of measuredPhases(document)) set(`--duration ${text}`, ['phases', index, 'duration'], text);
}

function setRate(document: Data, text: string, set: Set): void {
  const open = measuredPhases(document).filter(({ phase }) => phase['arrival'] !== undefined && !isClosed(phase));
  if (open.length === 0) {
    throw failure(
      `--rate ${text}: no phase of this workload has a rate`,
      'a closed loop goes as fast as it can: leave --rate out',
    );
  }
  for (const { index } of open)
    set(`--rate ${text}`, ['phases', index, 'arrival', 'rate'], scalar(text, `--rate ${text}`));
}

function isClosed(phase: Record<string, unknown>): boolean {
  const arrival = phase['arrival'];
  return typeof arrival === 'object' && arrival !== null && 'model' in arrival && arrival.model === 'closed';
}

function measuredPhases(document: Data): { index: number; phase: Record<string, unknown> }[] {
  const phases: unknown = Array.isArray(document) ? null : document['phases'];
  if (!Array.isArray(phases)) return [];
  return phases.flatMap((phase: unknown, index) =>
    isData(phase) && !Array.isArray(phase) && phase['warmUp'] !== true ? [{ index, phase }] : [],
  );
}

function setField(text: string, set: Set): void {
  const equals = text.indexOf('=');
  const path = equals < 1 ? null : parsePath(text.slice(0, equals));
  if (path === null) throw failure(`--set ${text} is not PATH=VALUE`, 'write --set phases[0].arrival.rate=500');
  set(`--set ${text}`, path, scalar(text.slice(equals + 1), `--set ${text}`));
}

/** `phases[0].arrival.rate` or `phases.0.arrival.rate`; null when it is not a path. */
function parsePath(text: string): FieldPath | null {
  if (!/^[A-Za-z]\w*(\.\w+|\[\d+\])*$/.test(text)) return null;
  return text
    .split(/[.[\]]+/)
    .filter((part) => part !== '')
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** A value as the file would have it: numbers, texts, {…} and […]. */
function scalar(text: string, flag: string): unknown {
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
  const [error] = document.errors;
  if (error !== undefined) throw failure(`${flag} is not YAML: ${error.message}`, 'quote it for the shell');
  try {
    return document.toJS({ maxAliasCount: 0 }) as unknown;
  } catch (thrown) {
    throw failure(`${flag} cannot be read: ${messageOf(thrown)}`, 'write the value out');
  }
}

function setAt(document: Data, path: FieldPath, value: unknown, flag: string): void {
  let at: Data = document;
  path.slice(0, -1).forEach((name, depth) => {
    const next = childOf(at, name, path[depth + 1]!);
    if (next === null) {
      const here = formatPath(path.slice(0, depth + 1));
      throw failure(`${flag}: ${here} has no fields or items to set`, 'see the workload file for its fields');
    }
    at = next;
  });
  const last = path[path.length - 1]!;
  if (Array.isArray(at) && (typeof last !== 'number' || last > at.length)) {
    throw failure(`${flag}: ${formatPath(path)} is not there`, `the list has ${at.length} items, counted from 0`);
  }
  define(at, last, value);
}

/**
 * The field or item `name`, put there anew: what a YAML anchor names is one object in all its places, and only this one is
 * meant. A group that is missing is made, an item of a list is not. Null: it is a plain value.
 */
function childOf(at: Data, name: string | number, nextName: string | number): Data | null {
  const child: unknown = Object.hasOwn(at, name) ? (at as Record<string | number, unknown>)[name] : undefined;
  if (isData(child)) return define(at, name, Array.isArray(child) ? [...child] : { ...child });
  if (child !== undefined && child !== null) return null;
  if (Array.isArray(at) || typeof nextName === 'number') return null;
  return define(at, name, {});
}

/** Even where a setter has that name. */
function define<Value>(at: Data, name: string | number, value: Value): Value {
  Object.defineProperty(at, name, { value, writable: true, enumerable: true, configurable: true });
  return value;
}

/** As messages write it: phases[0].arrival.rate. */
export function formatPath(path: FieldPath): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('');
}

function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null;
}

function failure(message: string, remedy: string): Failure {
  return new Failure('OVERRIDE', message, { remedy });
}
