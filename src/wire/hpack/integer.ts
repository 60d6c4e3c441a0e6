/**
 * Integers with a prefix of N bits (RFC 7541 5.1), in both directions.
 * A decoded value stays below 2^28 and its form within five octets, so no sum of them leaves the small integers.
 */
import { HpackError } from './hpack-error.ts';

/** Where a decoder stands in a block. One object per decoder, moved along, so that reading allocates nothing. */
export interface Cursor {
  bytes: Uint8Array;
  at: number;
  end: number;
}

/** No index, length or table size that we accept comes near it. */
export const integerMax = 0x0fffffff;

/** Octets of the longest integer that `writeInteger` makes of a value up to 2^32-1. */
export const integerBytesMax = 6;

/** Reads the integer whose prefix is the low `prefixBits` bits of the octet at the cursor. */
export function readInteger(cursor: Cursor, prefixBits: number): number {
  if (cursor.at >= cursor.end) throw new HpackError('integer is cut off');
  const prefixMax = (1 << prefixBits) - 1;
  const value = cursor.bytes[cursor.at++]! & prefixMax;
  return value < prefixMax ? value : readContinuation(cursor, value);
}

/** Four continuation octets carry 28 bits; a fifth, or a sum beyond them, is refused (RFC 7541 5.1, last paragraph). */
function readContinuation(cursor: Cursor, prefix: number): number {
  let value = prefix;
  for (let shift = 0; shift < 28; shift += 7) {
    if (cursor.at >= cursor.end) throw new HpackError('integer is cut off');
    const octet = cursor.bytes[cursor.at++]!;
    value += (octet & 0x7f) * 2 ** shift;
    if (octet < 0x80) {
      if (value > integerMax) break;
      return value;
    }
  }
  throw new HpackError('integer is too large');
}

/** Writes `value` at `offset` under the pattern bits of `firstOctet`; returns the offset behind it. */
export function writeInteger(
  out: Uint8Array,
  offset: number,
  field: { readonly pattern: number; readonly prefixBits: number },
  value: number,
): number {
  const prefixMax = (1 << field.prefixBits) - 1;
  if (value < prefixMax) {
    out[offset] = field.pattern | value;
    return offset + 1;
  }
  out[offset] = field.pattern | prefixMax;
  let at = offset + 1;
  let rest = value - prefixMax;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out[at++] = (rest % 0x80) | 0x80;
  out[at] = rest;
  return at + 1;
}
