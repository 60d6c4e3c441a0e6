/** What every saved latency histogram covers, in µs: what is below or above is recorded at the ends. */
export const lowestUs = 1;
export const highestUs = 3_600_000_000;
