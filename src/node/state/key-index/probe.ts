/**
 * A key that is looked for, read once: its hash, and its bytes as words to compare with. Of keys longer than that pays off,
 * only both ends are hashed and no words are kept.
 */

/** Keys up to here are hashed whole. */
export const probeBytesMax = 256;
const endBytes = probeBytesMax / 2;

/** Odd constants of MurmurHash3; any that mix well would do, as nothing relies on collisions being hard to find. */
const mixA = 0xcc9e2d51;
const mixB = 0x1b873593;

export class Probe {
  /** Of a key of at most `probeBytesMax`: its bytes, four to a word in little-endian order; the last word is filled up with zeros. */
  readonly words = new Int32Array(probeBytesMax / 4);
  hash = 0;
  length = 0;

  read(source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.length = length;
    let hash = length;
    if (length <= probeBytesMax) hash = this.#take(source, start, end, hash);
    else {
      hash = this.#take(source, start, start + endBytes, hash);
      hash = this.#take(source, end - endBytes, end, hash);
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    this.hash = hash ^ (hash >>> 16);
  }

  #take(source: Uint8Array, start: number, end: number, seed: number): number {
    const words = this.words;
    const whole = start + ((end - start) & ~3);
    let hash = seed;
    let index = 0;
    for (let i = start; i < whole; i += 4) {
      const word = source[i]! | (source[i + 1]! << 8) | (source[i + 2]! << 16) | (source[i + 3]! << 24);
      words[index++] = word;
      hash = mixed(hash, word);
    }
    if (whole === end) return hash;
    let word = 0;
    for (let i = end - 1; i >= whole; i--) word = (word << 8) | source[i]!;
    words[index] = word;
    return mixed(hash, word);
  }
}

function mixed(hash: number, word: number): number {
  const mixedWord = Math.imul(word, mixA);
  return Math.imul(hash ^ ((mixedWord << 15) | (mixedWord >>> 17)), mixB) + 0x6b64e654;
}
