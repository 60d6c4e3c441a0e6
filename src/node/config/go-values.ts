/** Numbers, booleans and durations as Go's strconv and time packages read them, with their words for what is wrong. */
import { parseDurationMs } from '../../base/duration.ts';

/** Go's flag package says no more than these two. */
export type GoFault = 'parse error' | 'value out of range';

export interface IntegerShape {
  readonly bits: 32 | 64;
  readonly signed: boolean;
}

const prefixes: readonly (readonly [prefix: RegExp, digits: RegExp, bigintPrefix: string])[] = [
  [/^0x/i, /^[\da-f]+$/i, '0x'],
  [/^0b/i, /^[01]+$/, '0b'],
  [/^0o/i, /^[0-7]+$/, '0o'],
  [/^0(?=.)/, /^[0-7]+$/, '0o'],
  [/^/, /^\d+$/, ''],
];

/**
 * `strconv.ParseInt` and `ParseUint` with base 0: `0x10`, `0b1`, `0o17`, `017`, `1_000`; only signed ones take a sign. What
 * is larger than a number holds exactly comes out as the largest safe integer: flags are compared and added, never identities.
 */
export function parseGoInteger(text: string, { bits, signed }: IntegerShape): number | GoFault {
  const sign = signed ? (/^[+-]/.exec(text)?.[0] ?? '') : '';
  const magnitude = goMagnitude(text.slice(sign.length));
  if (magnitude === null) return 'parse error';
  const width = BigInt(signed ? bits - 1 : bits);
  const max = sign === '-' ? 1n << width : (1n << width) - 1n;
  if (magnitude > max) return 'value out of range';
  const value = Math.min(Number(magnitude), Number.MAX_SAFE_INTEGER);
  return sign === '-' && value !== 0 ? -value : value;
}

function goMagnitude(text: string): bigint | null {
  const plain = withoutUnderscores(text);
  if (plain === null) return null;
  for (const [prefix, digits, bigintPrefix] of prefixes) {
    if (!prefix.test(plain)) continue;
    const rest = plain.replace(prefix, '');
    return digits.test(rest) && rest.length <= digitsMax ? BigInt(bigintPrefix + rest) : null;
  }
  return null;
}

/** A longer one is out of range in every base; arithmetic on what a user may paste must stay bounded. */
const digitsMax = 4_096;

/** Go allows them between digits and after a prefix, once each; never in plain decimals without base 0, which this is. */
function withoutUnderscores(text: string): string | null {
  if (!text.includes('_')) return text;
  return /^(0[xbo]?_?)?[\da-f]+(_[\da-f]+)*$/i.test(text) ? text.replaceAll('_', '') : null;
}

const truths = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const lies = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** `strconv.ParseBool`; null when it is neither. */
export function parseGoBool(text: string): boolean | null {
  return truths.has(text) ? true : lies.has(text) ? false : null;
}

/** 2^63 - 1 ns. */
const durationMsMax = 9_223_372_036_854.775;

/** `time.ParseDuration` in milliseconds; null when it is none or longer than 292 years. */
export function parseGoDurationMs(text: string): number | null {
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  const ms = parseDurationMs(text.slice(sign.length).replaceAll('μs', 'µs'));
  if (ms === null || ms > durationMsMax) return null;
  return sign === '-' && ms !== 0 ? -ms : ms;
}

/** `time.Duration.String` of milliseconds: 100ms, 1m0s, 2h0m0s, 1.5s, 250µs, 0s. */
export function goDurationText(ms: number): string {
  if (ms === 0) return '0s';
  if (ms < 0) return `-${goDurationText(-ms)}`;
  if (ms < 1e-3) return `${decimal(ms * 1e6)}ns`;
  if (ms < 1) return `${decimal(ms * 1e3)}µs`;
  if (ms < 1_000) return `${decimal(ms)}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const seconds = `${decimal((ms % 60_000) / 1e3)}s`;
  return hours > 0 ? `${hours}h${minutes}m${seconds}` : minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

function decimal(value: number): string {
  return String(Number(value.toFixed(9)));
}

/** `%q`: Go's quotes differ from JSON's in control characters alone. */
export function goQuote(text: string): string {
  return JSON.stringify(text).replace(/\\u00([01][0-9a-f])/g, (_, hex: string) =>
    hex === '07' ? '\\a' : hex === '0b' ? '\\v' : `\\x${hex}`,
  );
}
