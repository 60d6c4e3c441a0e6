/**
 * Where log lines go: a file descriptor that is written to behind the caller's back. The lines of one turn of the event loop
 * leave together; one write is in flight; what arrives meanwhile waits, up to a bound; beyond it lines are dropped, and a
 * line says how many.
 *
 * Promises: `write` never blocks and never throws; `writeNow` has handed everything to the system when it returns, or says
 * that it could not: the disk is full, or the reader takes nothing for `patienceMs`. It may overtake lines of an earlier turn
 * that are in flight.
 */
import { closeSync, openSync, write as writeFile, writeSync } from 'node:fs';
import { systemCodeOf } from '../base/failure.ts';

/** What a reader may fall behind by: some thousand lines. */
const pendingBytesMax = 1 << 20;
/** A pipe that nobody empties must not keep a dying process alive. */
const patienceMs = 200;
const retryMs = 1;

export class LogSink {
  readonly #file: number;
  readonly #owned: boolean;
  /** Makes the line that stands where lines were dropped. */
  readonly #dropLine: (count: number) => string;
  #pending: string[] = [];
  #pendingBytes = 0;
  #dropped = 0;
  #writing = false;
  #scheduled = false;
  #closed = false;
  #idle: (() => void) | null = null;
  readonly #onTurnEnd = (): void => {
    this.#scheduled = false;
    if (!this.#closed) this.#writePending();
  };

  /** `file` is a descriptor that stays open, or the path of a file that is appended to; throws node's error for the latter. */
  constructor(file: number | string, dropLine: (count: number) => string) {
    this.#owned = typeof file === 'string';
    this.#file = typeof file === 'string' ? openSync(file, 'a', 0o600) : file;
    this.#dropLine = dropLine;
  }

  write(line: string): void {
    if (this.#closed) return;
    if (this.#pendingBytes + line.length > pendingBytesMax) {
      this.#dropped++;
      return;
    }
    this.#pending.push(line);
    this.#pendingBytes += line.length;
    if (this.#writing || this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#onTurnEnd);
  }

  /** False: not all of it is where it should be. */
  writeNow(line: string): boolean {
    return !this.#closed && this.#write(Buffer.from(this.#takePending() + line));
  }

  /** Resolves when what was written has left, or after `patienceMs`; nothing is written any more. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#writing) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
        setTimeout(resolve, patienceMs).unref();
      });
    }
    this.#write(Buffer.from(this.#takePending()));
    // A write that is still in flight may use the descriptor: then the process's end closes it.
    if (this.#owned && !this.#writing) closeSync(this.#file);
  }

  #takePending(): string {
    const dropped = this.#dropped === 0 ? '' : this.#dropLine(this.#dropped);
    const text = this.#pending.join('') + dropped;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#dropped = 0;
    return text;
  }

  #writePending(): void {
    const bytes = Buffer.from(this.#takePending());
    if (bytes.length === 0) return;
    this.#writing = true;
    this.#writeFrom(bytes, 0);
  }

  #writeFrom(bytes: Buffer, at: number): void {
    writeFile(this.#file, bytes, at, bytes.length - at, null, (error, written) => {
      const next = at + (error === null ? written : 0);
      if (error !== null && systemCodeOf(error) === 'EAGAIN') {
        setTimeout(() => this.#writeFrom(bytes, next), retryMs).unref();
      } else if (error === null && next < bytes.length) this.#writeFrom(bytes, next);
      else {
        // Any other error loses these lines: there is nowhere to tell.
        this.#writing = false;
        if (this.#closed) this.#idle?.();
        else this.#writePending();
      }
    });
  }

  #write(bytes: Buffer): boolean {
    let at = 0;
    for (let waitedMs = 0; at < bytes.length && waitedMs < patienceMs;) {
      try {
        at += writeSync(this.#file, bytes, at);
      } catch (thrown) {
        if (systemCodeOf(thrown) !== 'EAGAIN') return false;
        Atomics.wait(sleeper, 0, 0, retryMs);
        waitedMs += retryMs;
      }
    }
    return at === bytes.length;
  }
}

/** Nobody notifies it: it is there to wait on. */
const sleeper = new Int32Array(new SharedArrayBuffer(4));
