/** What every latency histogram covers, in µs: what is below or above is recorded at the ends. */
export const lowestUs = 1;
export const highestUs = 60_000_000;
