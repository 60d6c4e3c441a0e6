/** Mutations that know nothing of the format: bits, bytes, lengths, pieces of other inputs. */
import type { Random } from '../../src/base/random.ts';

const interestingOctets = [0, 1, 0x7f, 0x80, 0xff, 0x20, 0x0a, 0x3f, 0x40];

export interface MutationSources {
  readonly pool: readonly Uint8Array[];
  readonly dictionary: readonly Uint8Array[];
  readonly bytesMax: number;
}

type Edit = (input: Uint8Array, random: Random, sources: MutationSources) => Uint8Array;

/** One to four edits, chosen at random. */
export function mutateBytes(input: Uint8Array, random: Random, sources: MutationSources): Uint8Array {
  let result = input;
  for (let left = 1 + random.below(4); left > 0; left--) result = pick(edits, random)(result, random, sources);
  return result.length > sources.bytesMax ? result.slice(0, sources.bytesMax) : result;
}

export function pick<T>(items: readonly T[], random: Random): T {
  return items[random.below(items.length)]!;
}

/** `input` with [start, end) replaced. */
export function splice(input: Uint8Array, start: number, end: number, insert: Uint8Array): Uint8Array {
  const result = new Uint8Array(input.length - (end - start) + insert.length);
  result.set(input.subarray(0, start));
  result.set(insert, start);
  result.set(input.subarray(end), start + insert.length);
  return result;
}

function changed(input: Uint8Array, at: number, octet: number): Uint8Array {
  const result = input.slice();
  if (result.length > 0) result[at] = octet;
  return result;
}

/** A stretch of the input, both ends at random. */
function stretch(input: Uint8Array, random: Random): [start: number, end: number] {
  const start = random.below(input.length + 1);
  return [start, start + random.below(Math.min(input.length - start, 32) + 1)];
}

const edits: readonly Edit[] = [
  (input, random) => {
    const at = random.below(Math.max(input.length, 1));
    return changed(input, at, (input[at] ?? 0) ^ (1 << random.below(8)));
  },
  (input, random) => changed(input, random.below(Math.max(input.length, 1)), random.below(256)),
  (input, random) => changed(input, random.below(Math.max(input.length, 1)), pick(interestingOctets, random)),
  (input, random) => {
    const at = random.below(Math.max(input.length, 1));
    return changed(input, at, (input[at] ?? 0) + random.below(9) - 4);
  },
  (input, random) => splice(input, ...stretch(input, random), new Uint8Array(0)),
  (input, random) => {
    const [start, end] = stretch(input, random);
    return splice(input, end, end, input.slice(start, end));
  },
  (input, random) => {
    const noise = new Uint8Array(1 + random.below(8));
    random.fill(noise);
    const at = random.below(input.length + 1);
    return splice(input, at, at, noise);
  },
  (input, random, { pool }) => {
    const other = pick(pool, random);
    return splice(input, ...stretch(input, random), other.slice(...stretch(other, random)));
  },
  (input, random, { dictionary }) => {
    if (dictionary.length === 0) return input;
    const at = random.below(input.length + 1);
    return splice(input, at, at, pick(dictionary, random));
  },
  (input, random) => input.slice(0, random.below(input.length + 1)),
];
