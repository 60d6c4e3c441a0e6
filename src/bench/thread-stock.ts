/**
 * Threads of a load, started before there is a load: a thread needs a fifth of a second to load its modules, which it can
 * do while the main thread reads the workload and asks the target.
 *
 *   new ThreadStock() --warm(), as soon as it is known that a load will come--> take(), once per load
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Failure } from '../base/failure.ts';
import { builtFile } from '../base/built-file.ts';
import type { LanePhaseReport, PhaseStart } from './lane-host.ts';
import type { FromLane, ToLane } from './thread-messages.ts';

/** More do not send more than one server can take. */
const lanesMaxOfAny = 8;

/** One per two cores, as the server and the pacer want some too. */
function lanesMaxHere(): number {
  return Math.max(1, Math.min(Math.floor(availableParallelism() / 2), lanesMaxOfAny));
}

export interface TakenThreads {
  readonly lanes: readonly LaneThread[];
  /** Takes messages of type ToPacer. */
  readonly pacer: Worker;
}

export class ThreadStock {
  readonly #lanesMax: number;
  #warm: TakenThreads | null = null;

  /** `lanesMax` is for tests; by default as many as this machine has room for. */
  constructor(lanesMax: number = lanesMaxHere()) {
    this.#lanesMax = lanesMax;
  }

  /** Starts the threads of the next load. Throws a Failure NOT_BUILT. */
  warm(): void {
    this.#warm ??= startThreads(this.#lanesMax);
  }

  /** Threads that nobody else has, warm ones if there are; none is a lane without a connection. Throws a Failure NOT_BUILT. */
  take(connections: number): TakenThreads {
    const count = Math.min(this.#lanesMax, connections);
    const { lanes, pacer } = this.#warm ?? startThreads(count);
    this.#warm = null;
    for (const spare of lanes.slice(count)) void spare.end();
    return { lanes: lanes.slice(0, count), pacer };
  }
}

function startThreads(lanes: number): TakenThreads {
  return {
    lanes: Array.from({ length: lanes }, () => new LaneThread()),
    pacer: new Worker(builtFile('bench/pacer-thread.js')),
  };
}

/** How long a lane may take to close its connections before its thread is ended without it. */
const closePatienceMs = 1_000;

/** A lane's thread: loads at once, works from its `begin` on. */
export class LaneThread {
  readonly #worker: Worker;
  /** Of whatever is being waited for: one thing at a time. */
  #settle: { resolve(message: FromLane): void; reject(error: Error): void } | null = null;
  /** What came before anybody waited. */
  #early: FromLane | Error | null = null;

  constructor() {
    this.#worker = new Worker(builtFile('bench/lane-thread.js'));
    this.#worker.on('message', (message: FromLane) => this.#arrived(message));
    this.#worker.on('error', (error) => this.#arrived(error));
    this.#worker.on('exit', (code) => this.#arrived(new Error(`a lane's thread ended with code ${code}`)));
  }

  post(message: ToLane): void {
    this.#worker.postMessage(message);
  }

  /** Its connections are there. Rejects with a Failure UNREACHABLE or OWN_LIMIT. */
  async connected(): Promise<void> {
    const message = await this.#next();
    if (message.kind === 'connectFailed') throw new Failure(message.code, message.message, message.details);
  }

  /** Runs one phase to its end. */
  async runPhase(start: PhaseStart): Promise<LanePhaseReport> {
    this.post({ kind: 'phase', start });
    const message = await this.#next();
    if (message.kind !== 'phaseEnd') throw new Error(`a lane answered ${message.kind} to a phase`);
    return message.report;
  }

  /** Closes its connections, then ends it. */
  async close(): Promise<void> {
    this.post({ kind: 'close' });
    const timer = setTimeout(() => void this.#worker.terminate(), closePatienceMs);
    await this.#next().catch(() => {}); // it is being ended either way
    clearTimeout(timer);
    await this.end();
  }

  /** Ends it as it is. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #next(): Promise<FromLane> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      const early = this.#early;
      this.#early = null;
      if (early !== null) this.#arrived(early);
    });
  }

  #arrived(what: FromLane | Error): void {
    const settle = this.#settle;
    if (settle === null) {
      this.#early ??= what;
      return;
    }
    this.#settle = null;
    if (what instanceof Error) settle.reject(what);
    else settle.resolve(what);
  }
}
