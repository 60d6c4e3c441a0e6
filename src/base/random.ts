/**
 * A seeded generator: the same seed gives the same numbers on every machine, so that a plan can be repeated.
 * xoshiro128** 1.1 (Blackman and Vigna, 2018), seeded through splitmix32.
 */
export interface Random {
  /** The next 32 bits, as an unsigned integer. */
  uint32(): number;
  /** Uniform in [0, 1), 53 bits. */
  float(): number;
  /** Uniform in [0, bound); `bound` is a positive integer up to 2^32. */
  below(bound: number): number;
  /** Fills `target` with random bytes. */
  fill(target: Uint8Array): void;
}

export function createRandom(seed: number): Random {
  return new Xoshiro128(seed);
}

/** A 32-bit mix of two 32-bit numbers (the finalizer of MurmurHash3): turns (seed, index) into an independent seed. */
export function mixSeed(seed: number, index: number): number {
  let h = (seed ^ Math.imul(index + 1, 0x9e3779b9)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

class Xoshiro128 implements Random {
  readonly #s = new Uint32Array(4);

  constructor(seed: number) {
    let state = seed | 0;
    for (let i = 0; i < 4; i++) {
      state = (state + 0x9e3779b9) | 0;
      this.#s[i] = mixSeed(state, i);
    }
    if (this.#s.every((word) => word === 0)) this.#s[0] = 1; // the all-zero state is a fixed point
  }

  uint32(): number {
    const s = this.#s;
    const s1 = s[1]!;
    const x = Math.imul(s1, 5);
    const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0;
    s[2]! ^= s[0]!;
    s[3]! ^= s1;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= s1 << 9;
    const s3 = s[3]!;
    s[3] = (s3 << 11) | (s3 >>> 21);
    return result;
  }

  float(): number {
    return ((this.uint32() >>> 5) * 0x4000000 + (this.uint32() >>> 6)) / 0x20000000000000;
  }

  below(bound: number): number {
    return Math.floor(this.float() * bound);
  }

  fill(target: Uint8Array): void {
    let word = 0;
    for (let i = 0; i < target.length; i++) {
      word = i % 4 === 0 ? this.uint32() : word >>> 8;
      target[i] = word & 0xff;
    }
  }
}
