/** What every saved latency histogram covers, in µs: what is below or above is recorded at the ends. */
export const lowestUs = 1;
export const highestUs = 3_600_000_000;

/** The smallest latency in ms that the histograms do not tell from this one, which HDR answers rounded up. */
export function lowestEquivalentMs(ms: number): number {
  const us = Math.round(ms * 1e3);
  const unitUs = us < 2048 ? 1 : 2 ** (Math.floor(Math.log2(us)) - 10); // 3 significant digits: 1024 steps per power of two
  return (Math.floor(us / unitUs) * unitUs) / 1e3;
}
