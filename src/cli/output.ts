/**
 * stdout and stderr of a command. Whatever happens to them must not end us before our keys are removed: a reader that went
 * away (`bench … | head`, a terminal that was closed, an npx that was killed) is ignored, a full disk is told at the end.
 */
import { closeSync } from 'node:fs';
import { systemCodeOf } from '../base/failure.ts';
import type { Log } from '../base/log.ts';
import { systemReason } from '../base/system-reason.ts';

/** Why stdout could not be written, when that was not its reader's wish. */
let stdoutFailure: string | null = null;

/** Makes failed writes to stdout or stderr end nothing. Call once, first. */
export function surviveFailedWrites(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error) => {
    const readerLeft = process.stdout.isTTY || systemCodeOf(error) === 'EPIPE';
    if (!readerLeft) stdoutFailure ??= systemReason(error);
  });
}

/** Null when all of stdout was written, or nobody wanted it. Ask after `flushOutput`. */
export function whyOutputFailed(): string | null {
  return stdoutFailure;
}

/** Resolves when what was written to stdout and stderr has left the process, or cannot leave it. */
export async function flushOutput(): Promise<void> {
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    // Not even an empty write where nothing waits: on a full device that fails too. Errors are told in the next turn.
    if (stream.destroyed || !stream.writable || stream.writableLength === 0) return void setImmediate(resolve);
    stream.write('', () => resolve());
  });
}

/**
 * The last thing before `process.exit`: node then sets every terminal back to the modes that it found, and aborts where it
 * cannot, as on a terminal that was closed. Descriptors that are closed it passes over; the modes we never change.
 */
export function closeStandardStreams(): void {
  for (const descriptor of [0, 1, 2]) {
    try {
      closeSync(descriptor);
    } catch {
      // whoever started us had closed it
    }
  }
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
