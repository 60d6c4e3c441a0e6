/**
 * Which line of the sources called the log, as zap's short caller: `folder/file.ts:line`. What runs is a bundle, so its
 * source map is asked, once for each place; where there is none, the running file is named.
 */
import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { NodeLog } from './config.ts';

/** By the frame's text. As many as the code has calls. */
const callers = new Map<string, string>();
const maps = new Map<string, SourceMap | null>();

/** Whoever called that method of `log`, which is on the stack now. '' when it cannot be told. */
export function callerOf(log: NodeLog, method: keyof NodeLog): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 1;
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, Reflect.get(log, method)); // only to be found on the stack
  Error.stackTraceLimit = stackTraceLimit;
  const frame = holder.stack?.split('\n')[1] ?? '';
  const known = callers.get(frame);
  if (known !== undefined) return known;
  const caller = placeOf(frame);
  callers.set(frame, caller);
  return caller;
}

/** `at name (file:///folder/file.js:line:column)`, the name and its brackets only where there is one. */
function placeOf(frame: string): string {
  const match = /(?:\(|at )([^()]+?)(?:\?[^:]*)?:(\d+):(\d+)\)?$/.exec(frame);
  if (match === null) return '';
  const [, file, line, column] = match;
  const entry = mapOf(file!)?.findEntry(Number(line) - 1, Number(column) - 1);
  if (entry === undefined || !('originalSource' in entry)) return `${short(file!)}:${line}`;
  return `${short(entry.originalSource)}:${entry.originalLine + 1}`;
}

function short(path: string): string {
  return path.split(/[/\\]/).slice(-2).join('/');
}

function mapOf(file: string): SourceMap | null {
  let map = maps.get(file);
  if (map === undefined) maps.set(file, (map = readMap(file)));
  return map;
}

function readMap(file: string): SourceMap | null {
  try {
    const path = file.startsWith('file:') ? fileURLToPath(file) : file;
    return new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')) as SourceMapPayload);
  } catch {
    return null; // not a bundle, or one that was shipped without
  }
}
