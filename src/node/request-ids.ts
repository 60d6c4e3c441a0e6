/**
 * Ids of requests, unique over all members and restarts, in two unsigned halves so that a put makes no bigint. etcd's layout
 * (docs/etcd-facts.md, request ids):
 *
 *   high half                                | low half
 *   16 bits of the member id | 16 bits time  | 24 bits time | 8 bits counter
 *
 * The 40 bits of time are the milliseconds of the start; counting carries into them, far slower than the clock runs.
 */
const twoTo32 = 0x1_0000_0000;

export class RequestIds {
  low: number;
  high: number;

  constructor(memberId: bigint, startUnixMs: number) {
    const suffix = (startUnixMs % 2 ** 40) * 256; // below 2^48
    this.low = suffix % twoTo32;
    this.high = (Number(memberId & 0xffffn) * 0x1_0000 + Math.floor(suffix / twoTo32)) >>> 0;
  }

  /** Moves on to the next id. */
  advance(): void {
    this.low = (this.low + 1) >>> 0;
    if (this.low === 0) this.high = ((this.high & 0xffff_0000) | ((this.high + 1) & 0xffff)) >>> 0;
  }
}
