/**
 * 64-bit integers as numbers, for fields whose order is all that matters (revisions, limits, filters, versions, sizes):
 * exact up to 2^53-1 and clamped beyond, so that a hostile value is merely "very large" and never an exception.
 * Identities (leases, members, clusters, watch ids) are bigints and do not come through here.
 */
const twoTo32 = 0x1_0000_0000;

/** The value of a signed 64-bit integer given as halves (any sign), clamped to ±(2^53-1). */
export function clampInt64(low: number, high: number): number {
  const value = (high | 0) * twoTo32 + (low >>> 0);
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value));
}

/** The value of an unsigned 64-bit integer given as halves (any sign), clamped to 2^53-1. */
export function clampUint64(low: number, high: number): number {
  return Math.min(Number.MAX_SAFE_INTEGER, (high >>> 0) * twoTo32 + (low >>> 0));
}
