/** Figures of which some could not be found out (null): what is known about the rest. Null when nothing is. */
import { median } from './statistics.ts';

/** Those that are not null. */
export function known(values: readonly (number | null)[]): readonly number[] {
  return values.filter((value) => value !== null);
}

/** The median of what is known. */
export function medianKnown(values: readonly (number | null)[]): number | null {
  return median(known(values));
}

/** The largest of what is known. */
export function largestKnown(values: readonly (number | null)[]): number | null {
  return known(values).reduce<number | null>((most, value) => (most === null || value > most ? value : most), null);
}

/** The sum of what is known. */
export function totalKnown(values: readonly (number | null)[]): number | null {
  return known(values).reduce<number | null>((sum, value) => (sum ?? 0) + value, null);
}
