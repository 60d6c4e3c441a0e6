/**
 * stdout and stderr of a command. A reader that went away (`bench … | head`, a terminal that was closed, an npx that was
 * killed) must not end us before our keys are removed, so broken pipes are ignored.
 */
import type { Log } from '../base/log.ts';

/** Makes writes to a closed stdout or stderr fail silently. Call once, first. */
export function ignoreBrokenPipes(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** Resolves when what was written to stdout and stderr has left the process, or cannot leave it. */
export async function flushOutput(): Promise<void> {
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || !stream.writable) return resolve();
    stream.write('', () => resolve());
  });
}

/** How wide the terminal is. One that nobody has told its size (`script`, `docker exec -t`) says 0, and a file nothing. */
export function columnsOf(stream: NodeJS.WriteStream, otherwise: number): number {
  return stream.columns > 0 ? stream.columns : otherwise; // undefined too, whatever the type says
}

/** The line of a failure or a warning: `bench: …`. */
export function printLine(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

/** `--json` keeps stderr for what went wrong. */
export const quietLog: Log = { info: () => {}, warn: (line) => printLine(`warning: ${line}`) };
