/**
 * Which line of the sources called the log, as zap's short caller: `folder/file.ts:line`. What runs is a bundle: its build
 * writes down which of its lines call the log, and where those come from (test/tools/log-callers.mjs).
 */
import { readFileSync } from 'node:fs';
import type { NodeLog } from './config.ts';

/** By the frame's text. As many as the code has calls. */
const callers = new Map<string, string>();
/** Places in the bundle to places in the sources. Read when first asked. */
let sources: Readonly<Record<string, string>> | null = null;

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
  const match = /(?:\(|at )([^()]+?)(?:\?[^:]*)?:(\d+):\d+\)?$/.exec(frame);
  if (match === null) return '';
  const [, file, line] = match;
  const place = `${file!.split(/[/\\]/).slice(-2).join('/')}:${line}`;
  sources ??= readSources();
  return sources[place] ?? place;
}

function readSources(): Readonly<Record<string, string>> {
  try {
    const url = new URL('../log-callers.json', import.meta.url); // from a folder of the bundle
    return JSON.parse(readFileSync(url, 'utf8')) as Record<string, string>;
  } catch {
    return {}; // what runs are the sources, or modules
  }
}
