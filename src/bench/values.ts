/**
 * Values and sizes: random bytes drawn from one pool, so that a value costs a copy and never a generator, and does not
 * compress to nothing on a server or a disk that tries.
 */
import { createRandom } from '../base/random.ts';
import { largestBytes } from './planned-bytes.ts';
import type { SizeSpec } from './workload.ts';

/** How far into the pool a value may start: 64 Ki different values of each size. */
const poolOffsets = 65_536;

export class ValueSource {
  readonly #size: SizeSpec;
  readonly #pool: Buffer;

  constructor(size: SizeSpec, seed: number) {
    this.#size = size;
    this.#pool = Buffer.alloc(poolOffsets + largestBytes(size));
    createRandom(seed).fill(this.#pool);
  }

  /** Length in bytes of the value that belongs to this hash. */
  bytesOf(hash: number): number {
    return pickBytes(this.#size, hash);
  }

  /** Copies `bytes` bytes to `target` at `at`; the same hash gives the same bytes. */
  copy(target: Uint8Array, at: number, bytes: number, hash: number): void {
    const start = hash % poolOffsets;
    this.#pool.copy(target, at, start, start + bytes);
  }
}

/** One size, the same for the same 32-bit hash; uniform over the range for uniform hashes. */
export function pickBytes(size: SizeSpec, hash: number): number {
  if (size.kind === 'fixed') return size.bytes;
  return size.minBytes + Math.floor((hash / 2 ** 32) * (size.maxBytes - size.minBytes + 1));
}
