/** Flag texts -> values, each with the one line that says what is allowed. */
import { Failure } from '../base/failure.ts';

const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/** `500MB`, `1.5GiB`, `1000000`: at least one byte. */
export function byteSize(flag: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = units[match?.[2]?.toLowerCase() ?? '?'];
  const bytes = match === null || unit === undefined ? NaN : Math.floor(Number(match[1]) * unit);
  if (!Number.isSafeInteger(bytes) || bytes < 1) throw badValue(flag, text, 'a size such as 500MB or 2GiB');
  return bytes;
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** A whole number in decimal digits. */
export function wholeNumber(flag: string, text: string, { min, max }: Bounds): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) throw badValue(flag, text, `a whole number from ${min} to ${max}`);
  return value;
}

export function oneOf<T extends string>(flag: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === text);
  if (found === undefined) throw badValue(flag, text, allowed.join(' or '));
  return found;
}

export function badValue(flag: string, text: string, wanted: string): Failure {
  return new Failure('FLAG_VALUE', `${flag} "${text}" is not ${wanted}`);
}
