/**
 * The threads of a load, seen from the main thread: lanes and their pacer, started, told and stopped together.
 * A thread that dies of a bug rejects whatever is being waited for.
 */
import { Worker } from 'node:worker_threads';
import { ExitCode, Failure } from '../base/failure.ts';
import { builtFile } from './built-file.ts';
import { LaneCounters } from './lane-counters.ts';
import type { LanePhaseReport } from './lane-host.ts';
import type { LoadSpec } from './load-spec.ts';
import type { FromLane, LaneData, PacerData, PacerPhase, ToLane } from './thread-messages.ts';

/** What of a phase all lanes share. */
export interface PhaseOrder {
  readonly index: number;
  readonly startUs: number;
  /** For all lanes together. */
  readonly plannedBytesMax: number;
}

export class LoadThreads {
  readonly counters: readonly LaneCounters[];
  readonly #lanes: LaneThread[];
  readonly #pacer: Worker;
  readonly #stopped = new SharedArrayBuffer(4);
  #phaseNumber = 0;

  constructor(spec: LoadSpec, lanes: number) {
    this.counters = Array.from({ length: lanes }, () => new LaneCounters());
    this.#lanes = this.counters.map(
      ({ buffer }, index) => new LaneThread({ spec, place: { index, lanes }, counters: buffer }),
    );
    const pacerData: PacerData = {
      workload: spec.workload,
      lanes: this.counters.map(({ buffer }) => buffer),
      stopped: this.#stopped,
    };
    this.#pacer = new Worker(builtFile('bench/pacer-thread.js'), { workerData: pacerData });
  }

  /** Rejects with a Failure UNREACHABLE that carries the first connection's reason. */
  async connected(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.connected()));
  }

  /** Runs one phase on all lanes; when one stops early, the others do. */
  async runPhase({ index, startUs, plannedBytesMax }: PhaseOrder, stopGraceMs: number): Promise<LanePhaseReport[]> {
    const phase: PacerPhase = { number: ++this.#phaseNumber, index, startUs };
    const start = { index, startUs, plannedBytesMax: plannedBytesMax / this.#lanes.length };
    const reports = this.#lanes.map(async (lane) => {
      const report = await lane.runPhase(start);
      if (report.load.stop !== null) this.stop(stopGraceMs);
      return report;
    });
    this.#pacer.postMessage(phase);
    const ended = await Promise.all(reports);
    this.#stopPacer();
    return ended;
  }

  /** Ends the phase that is running; replies that are due still get `graceMs`. */
  stop(graceMs: number): void {
    this.#stopPacer();
    for (const lane of this.#lanes) lane.post({ kind: 'stop', graceMs });
  }

  /** Closes all connections and ends all threads. */
  async close(): Promise<void> {
    this.#stopPacer();
    await Promise.all([...this.#lanes.map((lane) => lane.close()), this.#pacer.terminate()]);
  }

  #stopPacer(): void {
    const word = new Int32Array(this.#stopped);
    Atomics.store(word, 0, this.#phaseNumber);
    Atomics.notify(word, 0);
  }
}

/** How long a lane may take to close its connections before its thread is ended without it. */
const closePatienceMs = 1_000;

class LaneThread {
  readonly #worker: Worker;
  /** Of whatever is being waited for: one thing at a time. */
  #settle: { resolve(message: FromLane): void; reject(error: Error): void } | null = null;
  /** What came before anybody waited. */
  #early: FromLane | Error | null = null;

  constructor(workerData: LaneData) {
    this.#worker = new Worker(builtFile('bench/lane-thread.js'), { workerData });
    this.#worker.on('message', (message: FromLane) => this.#arrived(message));
    this.#worker.on('error', (error) => this.#arrived(error));
    this.#worker.on('exit', (code) => this.#arrived(new Error(`a lane's thread ended with code ${code}`)));
  }

  post(message: ToLane): void {
    this.#worker.postMessage(message);
  }

  async connected(): Promise<void> {
    const message = await this.#next();
    if (message.kind === 'connectFailed') {
      throw new Failure('UNREACHABLE', message.message, { exitCode: ExitCode.unreachable });
    }
  }

  async runPhase(start: Extract<ToLane, { kind: 'phase' }>['start']): Promise<LanePhaseReport> {
    this.post({ kind: 'phase', start });
    const message = await this.#next();
    if (message.kind !== 'phaseEnd') throw new Error(`a lane answered ${message.kind} to a phase`);
    return message.report;
  }

  async close(): Promise<void> {
    this.post({ kind: 'close' });
    const timer = setTimeout(() => void this.#worker.terminate(), closePatienceMs);
    await this.#next().catch(() => {}); // it is being ended either way
    clearTimeout(timer);
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
