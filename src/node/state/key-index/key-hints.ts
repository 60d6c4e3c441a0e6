/**
 * Where a key may be: a hash table beside the tree, so that an existing key is found with three or four cache misses
 * instead of ten. It may forget and it may be wrong; what it says is compared with the key, and what it does not say is
 * asked of the tree. So keys that were made to collide cost what the tree costs, and need no secret to be kept from it.
 *
 * One bucket is one cache line of eight (hash, slot + 1) pairs. Buckets stand in segments of 16 KiB that split one at a time
 * (extendible hashing: R. Fagin and others, 1979), so that growing never stops the world:
 *
 *   directory[top bits of the hash] -> segment; bucket = lowest bits
 */
import { assert } from '../../../base/assert.ts';
import type { KeyArena } from './key-arena.ts';
import type { Probe } from './probe.ts';

const bucketEntries = 8;
const bucketWords = bucketEntries * 2;
const segmentBuckets = 256;
const segmentWords = segmentBuckets * bucketWords;
/** At five of eight entries on average, one in forty has found its bucket full. */
const segmentEntriesMax = (segmentBuckets * bucketEntries * 5) / 8;
/** 2^20 segments hold 1.3e9 keys. */
const directoryBitsMax = 20;
/** A directory larger than this for each segment means that hashes cluster: further splits would not part them. */
const directoryPerSegmentMax = 8;

export class KeyHints {
  readonly #arena: KeyArena;
  readonly #segments: Int32Array[] = [];
  /** Per segment: entries in use, and how many top bits all its hashes share. */
  readonly #used: number[] = [];
  readonly #bits: number[] = [];
  #directory = new Int32Array(1);
  #directoryBits = 0;

  constructor(arena: KeyArena) {
    this.#arena = arena;
    this.#addSegment(0);
  }

  get heldBytes(): number {
    return this.#segments.length * segmentWords * 4 + this.#directory.length * 4;
  }

  /** The slot of the probed key, -1 when it is not known here. */
  find(probe: Probe, source: Uint8Array, start: number): number {
    const hash = probe.hash;
    const words = this.#segments[this.#segmentOf(hash)]!;
    const bucket = bucketOf(hash);
    for (let at = bucket; at < bucket + bucketWords; at += 2) {
      if (words[at] !== hash) continue;
      const slot = words[at + 1]! - 1;
      if (slot >= 0 && this.#arena.equals(slot, probe, source, start)) return slot;
    }
    return -1;
  }

  put(hash: number, slot: number): void {
    let segment = this.#segmentOf(hash);
    if (this.#used[segment]! >= segmentEntriesMax && this.#split(segment)) segment = this.#segmentOf(hash);
    if (place(this.#segments[segment]!, hash, slot + 1)) this.#used[segment]!++;
  }

  /** Forgets a slot, before it is another key's. */
  remove(hash: number, slot: number): void {
    const segment = this.#segmentOf(hash);
    const words = this.#segments[segment]!;
    const bucket = bucketOf(hash);
    for (let at = bucket; at < bucket + bucketWords; at += 2) {
      if (words[at + 1] !== slot + 1) continue;
      words[at + 1] = 0;
      this.#used[segment]!--;
    }
  }

  #segmentOf(hash: number): number {
    // A shift by 32 would be one by 0.
    return this.#directoryBits === 0 ? 0 : this.#directory[hash >>> (32 - this.#directoryBits)]!;
  }

  #addSegment(bits: number): number {
    this.#segments.push(new Int32Array(segmentWords));
    this.#used.push(0);
    this.#bits.push(bits);
    return this.#segments.length - 1;
  }

  /** Moves half of the hashes to a new segment; false when there is nothing to gain. */
  #split(segment: number): boolean {
    const bits = this.#bits[segment]!;
    if (bits === this.#directoryBits && !this.#doubleDirectory()) return false;
    const other = this.#addSegment(bits + 1);
    this.#bits[segment] = bits + 1;
    this.#moveUpperHalf(segment, other, 31 - bits);
    this.#redirect(segment, other, this.#directoryBits - bits - 1);
    return true;
  }

  #doubleDirectory(): boolean {
    const old = this.#directory;
    if (this.#directoryBits === directoryBitsMax) return false;
    if (old.length * 2 > this.#segments.length * directoryPerSegmentMax) return false;
    this.#directory = new Int32Array(old.length * 2);
    for (let i = 0; i < old.length; i++) this.#directory.fill(old[i]!, i * 2, i * 2 + 2);
    this.#directoryBits++;
    return true;
  }

  #moveUpperHalf(segment: number, other: number, bit: number): void {
    const words = this.#segments[segment]!;
    const target = this.#segments[other]!;
    for (let at = 0; at < segmentWords; at += 2) {
      if (words[at + 1] === 0 || ((words[at]! >>> bit) & 1) === 0) continue;
      place(target, words[at]!, words[at + 1]!);
      words[at + 1] = 0;
      this.#used[segment]!--;
      this.#used[other]!++;
    }
  }

  /** Directory entries whose next bit is set lead to the new segment. */
  #redirect(segment: number, other: number, bit: number): void {
    const directory = this.#directory;
    let redirected = 0;
    for (let i = 0; i < directory.length; i++) {
      if (directory[i] !== segment || ((i >>> bit) & 1) === 0) continue;
      directory[i] = other;
      redirected++;
    }
    assert(redirected > 0, 'a new segment can be reached');
  }
}

function bucketOf(hash: number): number {
  return (hash & (segmentBuckets - 1)) * bucketWords;
}

/** Puts a pair into its bucket, over another one when that is full; true when one more is in use. */
function place(words: Int32Array, hash: number, slotPlusOne: number): boolean {
  const bucket = bucketOf(hash);
  for (let at = bucket; at < bucket + bucketWords; at += 2) {
    if (words[at + 1] !== 0) continue;
    words[at] = hash;
    words[at + 1] = slotPlusOne;
    return true;
  }
  const victim = bucket + ((hash >>> 8) & (bucketEntries - 1)) * 2;
  words[victim] = hash;
  words[victim + 1] = slotPlusOne;
  return false;
}
