/**
 * CRC-32C (Castagnoli), with a running value as the WAL chains it: crc(ab) = crc(b, crc(a)). The native one where its
 * binary is, the table otherwise; tests hold the two against each other.
 */
import { createRequire } from 'node:module';

/** Continues `running` over `bytes`. */
export type Crc32c = (bytes: Uint8Array, running: number) => number;

/** A call into native code costs as much as the table does for about this many bytes. */
const tableBytesMax = 48;

/** The polynomial 0x1edc6f41, bits reversed (RFC 3720, appendix B.4). */
const polynomial = 0x82f63b78;

const table = new Int32Array(256);
for (let i = 0; i < 256; i++) {
  let value = i;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ polynomial;
  table[i] = value;
}

/** Over `bytes[from, to)`, without a view of it. */
export function crc32cByTable(bytes: Uint8Array, from: number, to: number, running: number): number {
  let crc = ~running;
  for (let i = from; i < to; i++) crc = table[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Null on a machine for which the package has no binary. */
export function nativeCrc32c(load: (name: string) => unknown = createRequire(import.meta.url)): Crc32c | null {
  try {
    return (load('@node-rs/crc32') as { crc32c: Crc32c }).crc32c;
  } catch {
    return null;
  }
}

const long: Crc32c = nativeCrc32c() ?? ((bytes, running) => crc32cByTable(bytes, 0, bytes.length, running));

/** Continues `running` (0 at the beginning) over `bytes`. */
export function crc32c(bytes: Uint8Array, running = 0): number {
  return bytes.length <= tableBytesMax ? crc32cByTable(bytes, 0, bytes.length, running) : long(bytes, running);
}

/** The same over `bytes[from, to)`. */
export function crc32cOfRange(bytes: Uint8Array, from: number, to: number, running: number): number {
  if (to - from <= tableBytesMax) return crc32cByTable(bytes, from, to, running);
  return long(bytes.subarray(from, to), running);
}
