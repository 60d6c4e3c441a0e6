/**
 * A server that we start, watch and stop: one process in a session of its own (a Ctrl-C at the terminal is for us, who
 * then stop it in order), its output in a log file. Should we die without a word, it sees its stdin end, or on Linux the
 * kernel sends it a SIGKILL.
 *
 * Promises: it is stopped by its pid alone, SIGTERM first; `stop` is bounded and idempotent.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { messageOf } from '../../base/failure.ts';
import { nowMs, sleep } from '../../base/clock.ts';
import { findProgram } from './program.ts';

/** Between SIGTERM and SIGKILL. etcd leaves within 1 s unless its disk hangs. */
const graceMs = 5_000;
/** A process cannot refuse SIGKILL, but one in uninterruptible sleep is gone only when its disk answers. */
const killMs = 5_000;
const pollMs = 20;
const logTailBytes = 16_384;

export interface ChildCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly logPath: string;
  /** It holds a stdin that ends when we do, for a server that takes that as the word to leave, in its own way. */
  readonly endsWithStdin: boolean;
}

export class ChildServer {
  readonly #child: ChildProcess;
  readonly #logPath: string;
  readonly #end = new AbortController();

  /** Starts it; whether it lives is for `waitUntil` to say. */
  static async start(command: ChildCommand): Promise<ChildServer> {
    const byKernel = process.platform === 'linux' && !command.endsWithStdin;
    const setpriv = byKernel ? await findProgram('setpriv') : null;
    return new ChildServer(command, setpriv);
  }

  private constructor(command: ChildCommand, setpriv: string | null) {
    this.#logPath = command.logPath;
    const log = openSync(command.logPath, 'w', 0o644);
    // setpriv executes the program in its own place, so the pid stays; the signal comes when this process ends (prctl(2)).
    const [program, args] =
      setpriv === null
        ? [command.program, command.args]
        : [setpriv, ['--pdeathsig', 'KILL', '--', command.program, ...command.args]];
    this.#child = spawn(program, args, {
      stdio: [command.endsWithStdin ? 'pipe' : 'ignore', log, log],
      env: command.environment,
      detached: true,
    });
    closeSync(log);
    this.#child.once('error', (error) => this.#end.abort(messageOf(error)));
    this.#child.once('exit', (code, signal) =>
      this.#end.abort(code === null ? `signal ${String(signal)}` : `exit code ${code}`),
    );
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  /** How it ended (`exit code 1`, `signal SIGKILL`), or null while it runs. */
  get ended(): string | null {
    return this.end.aborted ? String(this.end.reason) : null;
  }

  /** Aborts when it ends, with how as its reason: the first that was told stays. */
  get end(): AbortSignal {
    return this.#end.signal;
  }

  /** Polls `ready` until it is true. Answers false when the process ended, time ran out or `signal` aborted. */
  async waitUntil(ready: () => Promise<boolean>, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    const until = nowMs() + timeoutMs;
    while (nowMs() < until && !signal.aborted && !this.end.aborted) {
      if (await ready()) return true;
      await sleep(pollMs, signal);
    }
    return false;
  }

  /** SIGTERM, and SIGKILL if that was not enough. Never rejects. */
  async stop(): Promise<void> {
    if (this.end.aborted) return;
    this.#child.kill('SIGTERM');
    if (await this.#endsWithin(graceMs)) return;
    this.#child.kill('SIGKILL');
    await this.#endsWithin(killMs);
  }

  /** The last lines of the log, for the message that says why it did not start. */
  async logTail(lines: number): Promise<string[]> {
    try {
      const file = await open(this.#logPath, 'r');
      try {
        const { size } = await file.stat();
        const buffer = Buffer.alloc(Math.min(size, logTailBytes));
        await file.read(buffer, 0, buffer.length, size - buffer.length);
        const all = buffer.toString('utf8').split('\n');
        return all.filter((line) => line.trim() !== '').slice(-lines);
      } finally {
        await file.close();
      }
    } catch {
      return [];
    }
  }

  async #endsWithin(ms: number): Promise<boolean> {
    await sleep(ms, this.end);
    return this.end.aborted;
  }
}
