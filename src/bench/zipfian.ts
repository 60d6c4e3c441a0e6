/**
 * Zipfian choice among `count` keys: key of rank r is asked for in proportion to 1 / r^theta.
 * The method is that of Gray et al., "Quickly Generating Billion-Record Synthetic Databases" (SIGMOD 1994), which YCSB
 * uses too: one power per draw instead of a table. Ranks are then scattered over the key space by a permutation, so that
 * popular keys are not neighbours.
 */

/** Keys whose numbers may be permuted without leaving 53 bits: the product of two numbers below it is exact. */
export const zipfianCountMax = 2 ** 26;

/** Terms of zeta that are summed one by one; beyond, Euler and Maclaurin's formula is exact to 12 digits. */
const zetaTermsMax = 10_000;

export interface Zipfian {
  /** The key of a uniform draw in [0, 1). */
  keyOf(uniform: number): number;
  /** Its rank, 0 the most popular: before the scattering. */
  rankOf(uniform: number): number;
}

/** `theta` is between 0 and 1, both excluded. */
export function createZipfian(count: number, theta: number): Zipfian {
  return new GrayZipfian(count, theta);
}

class GrayZipfian implements Zipfian {
  readonly #count: number;
  readonly #alpha: number;
  readonly #zeta: number;
  readonly #secondBelow: number;
  readonly #eta: number;
  readonly #step: number;

  constructor(count: number, theta: number) {
    this.#count = count;
    this.#alpha = 1 / (1 - theta);
    this.#zeta = zeta(count, theta);
    this.#secondBelow = 1 + 0.5 ** theta;
    this.#eta = (1 - (2 / count) ** (1 - theta)) / (1 - zeta(2, theta) / this.#zeta);
    this.#step = stepOf(count);
  }

  keyOf(uniform: number): number {
    return (this.rankOf(uniform) * this.#step) % this.#count;
  }

  rankOf(uniform: number): number {
    const scaled = uniform * this.#zeta;
    if (scaled < 1 || this.#count === 1) return 0;
    if (scaled < this.#secondBelow || this.#count === 2) return 1;
    const rank = Math.floor(this.#count * (this.#eta * uniform - this.#eta + 1) ** this.#alpha);
    return Math.min(rank, this.#count - 1);
  }
}

/** The sum of 1 / r^theta for r from 1 to count. */
function zeta(count: number, theta: number): number {
  const exact = Math.min(count, zetaTermsMax);
  let sum = 0;
  for (let rank = 1; rank <= exact; rank++) sum += rank ** -theta;
  if (count === exact) return sum;
  const integral = (count ** (1 - theta) - exact ** (1 - theta)) / (1 - theta);
  const ends = (count ** -theta - exact ** -theta) / 2;
  const slopes = (-theta * (count ** (-theta - 1) - exact ** (-theta - 1))) / 12;
  return sum + integral + ends + slopes;
}

/** A number near the golden section of `count` that shares no factor with it: multiplying by it permutes 0..count-1. */
function stepOf(count: number): number {
  let step = Math.max(1, Math.floor(count * 0.618));
  while (commonDivisor(step, count) !== 1) step++;
  return step;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
