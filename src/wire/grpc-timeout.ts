/** The `grpc-timeout` header: at most eight digits and a unit (grpc/doc/PROTOCOL-HTTP2.md, "TimeoutValue"). */

const msByUnit: ReadonlyMap<string, number> = new Map([
  ['H', 3_600_000],
  ['M', 60_000],
  ['S', 1_000],
  ['m', 1],
  ['u', 1e-3],
  ['n', 1e-6],
]);
const valueMax = 99_999_999;

/** Milliseconds, or NaN when the text is malformed. */
export function parseTimeout(text: string): number {
  const unitMs = msByUnit.get(text.slice(-1));
  return unitMs === undefined || !/^\d{1,8}.$/.test(text) ? NaN : Number(text.slice(0, -1)) * unitMs;
}

/** The finest unit that fits into eight digits, rounded up: a peer never gives up before we do. */
export function formatTimeout(ms: number): string {
  if (ms < 1) return `${Math.max(1, Math.ceil(ms * 1e3))}u`;
  if (ms <= valueMax) return `${Math.ceil(ms)}m`;
  if (ms <= valueMax * 1e3) return `${Math.ceil(ms / 1e3)}S`;
  return `${Math.min(valueMax, Math.ceil(ms / 3_600_000))}H`;
}
