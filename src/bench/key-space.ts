/**
 * Which key request `i` is about, and its bytes.
 *
 * Promises: equal arguments give equal keys in every thread; a key is printable ('0' to 'o'), starts with the prefix and
 * costs no allocation; a numbered key's size and bytes depend on its number alone, so that a range finds what a put wrote;
 * without a number of keys, every index has a key of its own.
 */
import { assert } from '../base/assert.ts';
import { mixSeed } from '../base/random.ts';
import { largestBytes } from './planned-bytes.ts';
import { pickBytes } from './values.ts';
import type { KeySpace } from './workload.ts';
import { createZipfian, type Zipfian } from './zipfian.ts';

/** Number of decimal digits that tell `count` keys apart, and so the least size of such a key. */
export function keyDigits(count: number): number {
  return String(count - 1).length;
}

export class KeySource {
  readonly prefixBytes: number;
  /** Of prefix and key together. */
  readonly bytesMax: number;
  readonly #keys: KeySpace;
  readonly #count: number;
  readonly #digits: number;
  readonly #zipfian: Zipfian | null;
  readonly #pickSeed: number;
  readonly #fillSeeds: readonly [number, number];
  readonly #prefix: Buffer;
  /** Random bytes are made a word at a time here, then copied to where they go. */
  readonly #words: Int32Array;
  readonly #bytes: Buffer;

  /** `seed` picks keys and, for new random keys, makes them; `spaceSeed` makes the bytes of numbered keys. */
  constructor(keys: KeySpace, prefix: Uint8Array, seeds: { readonly seed: number; readonly spaceSeed: number }) {
    this.#keys = keys;
    this.#count = keys.count ?? 0;
    this.#digits = keys.count === null ? 0 : keyDigits(keys.count);
    this.#zipfian = keys.count !== null && keys.order === 'zipfian' ? createZipfian(keys.count, keys.zipfTheta) : null;
    this.#pickSeed = mixSeed(seeds.seed, 0);
    const fillSeed = keys.count === null ? seeds.seed : seeds.spaceSeed;
    this.#fillSeeds = [mixSeed(fillSeed, 1), mixSeed(fillSeed, 2)];
    this.#prefix = Buffer.from(prefix);
    this.prefixBytes = prefix.length;
    const keyBytesMax = largestBytes(keys.sizeBytes);
    this.bytesMax = prefix.length + keyBytesMax;
    this.#words = new Int32Array(Math.ceil(keyBytesMax / 4));
    this.#bytes = Buffer.from(this.#words.buffer);
  }

  /**
   * The number of the key that request `index` is about; of its `sub`-th key, when it has several (they follow each
   * other, as a transaction must not name a key twice). Without a number of keys: a number of its own.
   */
  numberOf(index: number, sub: number): number {
    if (this.#count === 0) return index + sub * 2 ** 32;
    if (this.#keys.order === 'sequential') return (index + sub) % this.#count;
    const uniform = mixSeed(this.#pickSeed, index) / 2 ** 32;
    const first = this.#zipfian === null ? Math.floor(uniform * this.#count) : this.#zipfian.keyOf(uniform);
    return (first + sub) % this.#count;
  }

  /** Bytes of the key with this number, its prefix included. */
  bytesOf(number: number): number {
    const size = this.#keys.sizeBytes;
    if (size.kind === 'fixed') return this.prefixBytes + size.bytes;
    return this.prefixBytes + pickBytes(size, mixSeed(this.#fillSeeds[0], number));
  }

  /** Writes the key of this number, prefix first, to `target` at `at`; returns its length. */
  write(target: Uint8Array, at: number, number: number): number {
    const bytes = this.bytesOf(number);
    assert(at + bytes <= target.length, 'the key fits');
    const own = bytes - this.prefixBytes;
    this.#fill(own, number);
    if (this.#digits > 0) this.#writeDigits(number);
    this.#prefix.copy(target, at);
    this.#bytes.copy(target, at + this.prefixBytes, 0, own);
    return bytes;
  }

  /** xoroshiro64* (Blackman and Vigna, 2018), six bits of each byte, moved to '0'..'o' so that people can read a key. */
  #fill(bytes: number, number: number): void {
    const sub = Math.floor(number / 2 ** 32);
    let s0 = mixSeed(this.#fillSeeds[0] ^ sub, number | 0) | 1; // never both 0, the generator's fixed point
    let s1 = mixSeed(this.#fillSeeds[1], number | 0);
    const words = this.#words;
    const count = (bytes + 3) >>> 2;
    for (let i = 0; i < count; i++) {
      words[i] = (Math.imul(s0, 0x9e3779bb) & 0x3f3f3f3f) + 0x30303030;
      s1 ^= s0;
      s0 = ((s0 << 26) | (s0 >>> 6)) ^ s1 ^ (s1 << 9);
      s1 = (s1 << 13) | (s1 >>> 19);
    }
  }

  /** The number in front keeps keys apart and in the order of their numbers. */
  #writeDigits(number: number): void {
    let rest = number;
    for (let i = this.#digits - 1; i >= 0; i--) {
      this.#bytes[i] = 0x30 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
  }
}
