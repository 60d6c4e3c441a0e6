/** Starts victim.mjs and asks it what it holds. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { WireLimits } from '../../../src/wire/limits.ts';

export interface Report {
  /** Heap and buffers in use, after a collection. */
  readonly heldBytes: number;
  readonly rssBytes: number;
  readonly budgetBytes: number;
  /** The highest since the last report. */
  readonly peak: { readonly budgetBytes: number; readonly rssBytes: number };
  readonly connectionsOpen: number;
}

export class Victim {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(limits: Partial<WireLimits>): Promise<Victim> {
    const execArgv = ['--expose-gc', '--max-old-space-size=512'];
    const child = fork(join(import.meta.dirname, 'victim.mjs'), [JSON.stringify(limits)], { execArgv });
    const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the victim ended with code ${code}`)));
    const [first] = (await Promise.race([once(child, 'message'), ended])) as [{ port: number }];
    ended.catch(() => {}); // from here on its exit code tells
    return new Victim(child, first.port);
  }

  async report(): Promise<Report> {
    const answer = once(this.#child, 'message');
    this.#child.send('report');
    return ((await answer) as [Report])[0];
  }

  /** Null while it lives. */
  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.disconnect();
    await gone;
  }
}
