/** Durations as etcd's flags and our workload files write them: Go's syntax, `1m30s`, `500ms`, `1.5s`. */

const unitMs: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6 };
const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/y;

/** Milliseconds of a Go duration string, or null when it is not one. "0" is allowed without a unit; a sign is not. */
export function parseDurationMs(text: string): number | null {
  if (text === '0') return 0;
  if (text === '') return null;
  let totalMs = 0;
  part.lastIndex = 0;
  while (part.lastIndex < text.length) {
    const match = part.exec(text);
    if (match === null) return null;
    totalMs += Number(match[1]) * unitMs[match[2]!]!;
  }
  return totalMs;
}

/** A short form for people: 850 µs, 12.3 ms, 1.25 s, 2m 5s. */
export function formatDurationMs(ms: number): string {
  if (ms < 1) return `${trim(ms * 1e3, 0)} µs`;
  if (ms < 1e3) return `${trim(ms, ms < 10 ? 2 : 1)} ms`;
  if (ms < 6e4) return `${trim(ms / 1e3, 2)} s`;
  const seconds = Math.round(ms / 1e3);
  return `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
}

function trim(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}
