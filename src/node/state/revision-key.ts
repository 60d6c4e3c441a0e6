/**
 * The keys of table `key`: main revision (8 bytes, big endian), `_`, sub revision (likewise), and `t` for a tombstone
 * (docs/etcd-facts.md, backend buckets). Their byte order is the order of the writes.
 */
import { assert } from '../../base/assert.ts';

const twoTo32 = 0x1_0000_0000;
const underscore = 0x5f;
const tombstoneMark = 0x74;
const plainBytes = 17;

/** Writes keys into one place and reads them into its fields: no object per key. */
export class RevisionKey {
  main = 0;
  sub = 0;
  isTombstone = false;
  readonly #plain = new Uint8Array(plainBytes);
  readonly #marked = new Uint8Array(plainBytes + 1);

  constructor() {
    this.#plain[8] = underscore;
    this.#marked[8] = underscore;
    this.#marked[plainBytes] = tombstoneMark;
  }

  /** Valid until the next call. */
  write(main: number, sub: number, isTombstone: boolean): Uint8Array {
    const into = isTombstone ? this.#marked : this.#plain;
    writeBigEndian64(into, 0, main);
    writeBigEndian64(into, 9, sub);
    return into;
  }

  /** Fills the fields. False: it is no key of this table. */
  read(key: Uint8Array): boolean {
    this.isTombstone = key.length === plainBytes + 1 && key[plainBytes] === tombstoneMark;
    if (key[8] !== underscore || (key.length !== plainBytes && !this.isTombstone)) return false;
    this.main = readBigEndian64(key, 0);
    this.sub = readBigEndian64(key, 9);
    return true;
  }
}

/** `value` is an integer in [0, 2^53). */
export function writeBigEndian64(into: Uint8Array, at: number, value: number): void {
  const high = value < twoTo32 ? 0 : Math.floor(value / twoTo32);
  const low = high === 0 ? value : value - high * twoTo32;
  into[at] = high >>> 24;
  into[at + 1] = high >>> 16;
  into[at + 2] = high >>> 8;
  into[at + 3] = high;
  into[at + 4] = low >>> 24;
  into[at + 5] = low >>> 16;
  into[at + 6] = low >>> 8;
  into[at + 7] = low;
}

/** Of what `writeBigEndian64` wrote. */
export function readBigEndian64(bytes: Uint8Array, at: number): number {
  const value = bigEndian32(bytes, at) * twoTo32 + bigEndian32(bytes, at + 4);
  assert(value <= Number.MAX_SAFE_INTEGER, 'a stored count is below 2^53');
  return value;
}

function bigEndian32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
