/**
 * Put, Range, DeleteRange and Txn requests, written straight into a caller's buffer: sizes first, then heads, between
 * which the caller writes its own key and value bytes where they belong, so that nothing is built, copied twice or
 * allocated. All functions that write return the offset after what they wrote.
 *
 *   put     | writeKeyHead | key | writeValueHead | value |
 *   range   | writeKeyHead | key | (writeRangeEndHead | range end |) fixed
 *   delete  | writeKeyHead | key | (writeRangeEndHead | range end |)
 *   txn     | writeCompareHead | key | … | writeTxnPutHead | key | writeValueHead | value | …
 *
 * `fixed` is what does not change from request to request: fields in any order make a message (protobuf encoding guide,
 * "Field Order"), so they are encoded once, by the generated code, and copied. E.g. `KV.Range.request.encode({ limit })`.
 */

/** Field number x 8 + 2 (length-delimited). Field 1 is the key in all three requests, field 2 the value or range end. */
const field1 = 0x0a;
const field2 = 0x12;
/** In Compare the key is field 3. */
const field3 = 0x1a;

/** Bytes of a non-negative integer below 2^32 as a varint. */
export function varintBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}

/** Writes a non-negative integer below 2^32. */
export function writeVarint(target: Uint8Array, at: number, value: number): number {
  let rest = value;
  while (rest >= 0x80) {
    target[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[at] = rest;
  return at + 1;
}

/** A byte field with its tag and length; empty ones are left out, as protobuf's defaults are. */
function fieldBytes(length: number): number {
  return length === 0 ? 0 : wholeFieldBytes(length);
}

/** A field that is there even when it is empty: a message. */
function wholeFieldBytes(length: number): number {
  return 1 + varintBytes(length) + length;
}

function writeHead(target: Uint8Array, at: number, tag: number, length: number): number {
  target[at] = tag;
  return writeVarint(target, at + 1, length);
}

export function putRequestBytes(keyBytes: number, valueBytes: number): number {
  return fieldBytes(keyBytes) + fieldBytes(valueBytes);
}

/** `rangeEndBytes` is 0 for a single key, `fixedBytes` the length of the fixed part. */
export function rangeRequestBytes(keyBytes: number, rangeEndBytes: number, fixedBytes: number): number {
  return fieldBytes(keyBytes) + fieldBytes(rangeEndBytes) + fixedBytes;
}

export function deleteRequestBytes(keyBytes: number, rangeEndBytes: number): number {
  return fieldBytes(keyBytes) + fieldBytes(rangeEndBytes);
}

/** One comparison of a transaction. `condition` is a Compare without its key, encoded once. */
export function compareBytes(keyBytes: number, condition: Uint8Array): number {
  return wholeFieldBytes(condition.length + fieldBytes(keyBytes));
}

/** One put of a transaction's success branch. */
export function txnPutBytes(keyBytes: number, valueBytes: number): number {
  return wholeFieldBytes(wholeFieldBytes(putRequestBytes(keyBytes, valueBytes)));
}

/** The key of a put, range or delete comes next. Keys are not empty: etcd refuses such requests. */
export function writeKeyHead(target: Uint8Array, at: number, keyBytes: number): number {
  return writeHead(target, at, field1, keyBytes);
}

/** The value of a put comes next, unless it is empty. */
export function writeValueHead(target: Uint8Array, at: number, valueBytes: number): number {
  return valueBytes === 0 ? at : writeHead(target, at, field2, valueBytes);
}

/** The range end of a range or delete comes next, unless it is empty. */
export function writeRangeEndHead(target: Uint8Array, at: number, rangeEndBytes: number): number {
  return rangeEndBytes === 0 ? at : writeHead(target, at, field2, rangeEndBytes);
}

/** A comparison (field 1 of a transaction) up to its key, which comes next. */
export function writeCompareHead(target: Uint8Array, at: number, keyBytes: number, condition: Uint8Array): number {
  at = writeHead(target, at, field1, condition.length + fieldBytes(keyBytes));
  at = writeFixed(target, at, condition);
  return writeHead(target, at, field3, keyBytes);
}

/** A put in the success branch (field 2 of a transaction, field 2 of its RequestOp) up to its key, which comes next. */
export function writeTxnPutHead(target: Uint8Array, at: number, keyBytes: number, valueBytes: number): number {
  const putBytes = putRequestBytes(keyBytes, valueBytes);
  at = writeHead(target, at, field2, wholeFieldBytes(putBytes));
  at = writeHead(target, at, field2, putBytes);
  return writeHead(target, at, field1, keyBytes);
}

/** Copies a few bytes; a loop, as `set` of so few costs more. */
export function writeFixed(target: Uint8Array, at: number, fixed: Uint8Array): number {
  for (let i = 0; i < fixed.length; i++) target[at + i] = fixed[i]!;
  return at + fixed.length;
}
