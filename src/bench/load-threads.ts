/**
 * The threads of a load, seen from the main thread: lanes and their pacer, started, told and stopped together.
 * A thread that dies of a bug rejects whatever is being waited for.
 */
import type { Worker } from 'node:worker_threads';
import { LaneCounters } from './lane-counters.ts';
import type { LanePhaseReport } from './lane-host.ts';
import type { LoadSpec } from './load-spec.ts';
import type { PacerPhase, ToPacer } from './thread-messages.ts';
import type { LaneThread, ThreadStock } from './thread-stock.ts';

/** What of a phase all lanes share. */
export interface PhaseOrder {
  readonly index: number;
  readonly startUs: number;
  /** For all lanes together. */
  readonly plannedBytesMax: number;
}

export class LoadThreads {
  readonly counters: readonly LaneCounters[];
  readonly #lanes: readonly LaneThread[];
  readonly #pacer: Worker;
  readonly #stopped = new SharedArrayBuffer(4);
  #phaseNumber = 0;

  constructor(spec: LoadSpec, stock: ThreadStock) {
    const { lanes, pacer } = stock.take(spec.workload.connections);
    this.#lanes = lanes;
    this.#pacer = pacer;
    this.counters = lanes.map(() => new LaneCounters());
    const buffers = this.counters.map(({ buffer }) => buffer);
    lanes.forEach((lane, index) => {
      const place = { index, lanes: lanes.length };
      lane.post({ kind: 'begin', data: { spec, place, counters: buffers[index]! } });
    });
    this.#tellPacer({ kind: 'begin', data: { workload: spec.workload, lanes: buffers, stopped: this.#stopped } });
  }

  /** Rejects with a Failure UNREACHABLE that carries the first connection's reason. */
  async connected(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.connected()));
  }

  /** Runs one phase on all lanes; when one has used up its bytes, the others send nothing more either. */
  async runPhase({ index, startUs, plannedBytesMax }: PhaseOrder): Promise<LanePhaseReport[]> {
    const phase: PacerPhase = { number: ++this.#phaseNumber, index, startUs };
    const start = { index, startUs, plannedBytesMax: plannedBytesMax / this.#lanes.length };
    const reports = this.#lanes.map(async (lane) => {
      const report = await lane.runPhase(start);
      // Their replies keep their time-out: a bound is a plan that has ended, and nobody is in a hurry.
      if (report.load.stop?.why === 'bytes') this.stop(Infinity);
      return report;
    });
    this.#tellPacer({ kind: 'phase', phase });
    const ended = await Promise.all(reports);
    this.#stopPacer();
    return ended;
  }

  /** Ends the phase that is running; replies that are due still get `graceMs`, or their time-out when that is less. */
  stop(graceMs: number): void {
    this.#stopPacer();
    for (const lane of this.#lanes) lane.post({ kind: 'stop', graceMs });
  }

  /** Closes all connections and ends all threads. */
  async close(): Promise<void> {
    this.#stopPacer();
    await Promise.all([...this.#lanes.map((lane) => lane.close()), this.#pacer.terminate()]);
  }

  #tellPacer(message: ToPacer): void {
    this.#pacer.postMessage(message);
  }

  #stopPacer(): void {
    const word = new Int32Array(this.#stopped);
    Atomics.store(word, 0, this.#phaseNumber);
    Atomics.notify(word, 0);
  }
}
