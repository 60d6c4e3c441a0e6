/**
 * What one lane saw of one phase: histograms per operation, errors by code, the timeline.
 *
 * Promises: a time-out enters the latency at its value; any other failure is counted, as its time tells nothing about how
 * long the server takes. Memory does not depend on how many requests there are. Total latency and service time are the
 * sums of the operations' histograms, so nothing is recorded twice.
 */
import { Code, codeName } from '../wire/status.ts';
import { LatencyRecorder } from './histogram.ts';
import { operationKinds } from './operation-mix.ts';
import type { EncodedHistogram, OperationResult } from './result.ts';
import { TimelineRecorder, type TimelineData } from './timeline.ts';
import type { OperationKind } from './workload.ts';

/** gRPC's codes are 0 to 16; what it does not define counts as Unknown, as its own clients have it. */
const codes = 17;

/** What a lane hands over at the end of a phase; plain data. */
export interface RecorderReport {
  readonly completed: number;
  /** Status name -> count. */
  readonly errors: Readonly<Record<string, number>>;
  readonly operations: readonly OperationResult[];
  readonly fromRelease: EncodedHistogram;
  readonly slip: EncodedHistogram | null;
  readonly timeline: TimelineData;
}

/** `closed`: without intended times, latency is the service time. */
export class PhaseRecorder {
  readonly timeline: TimelineRecorder = new TimelineRecorder();
  readonly #closed: boolean;
  readonly #operations: (OperationRecorder | null)[];
  readonly #fromRelease = new LatencyRecorder();
  readonly #slip = new LatencyRecorder();
  readonly #codes = new Float64Array(codes);

  constructor(closed: boolean, kinds: readonly OperationKind[]) {
    this.#closed = closed;
    this.#operations = operationKinds.map((op) => (kinds.includes(op) ? new OperationRecorder(op) : null));
  }

  /** A request of an open loop was released `slipUs` after its intended time, which was `atUs` into the phase. */
  released(atUs: number, slipUs: number): void {
    this.#slip.record(slipUs > 1 ? slipUs : 1); // less than the unit is no slip, not a clamped value
    this.timeline.offered(atUs);
  }

  /** A request ended with `code`, `atUs` into the phase. `fromReleaseUs` is without the lane's own stalls. */
  ended(kind: number, code: number, atUs: number, latencyUs: number, fromReleaseUs: number, serviceUs: number): void {
    const operation = this.#operations[kind]!;
    this.#codes[code >= 0 && code < codes ? code : Code.Unknown]!++;
    if (code === Code.OK) {
      operation.completed++;
      this.timeline.completed(atUs, latencyUs);
    } else {
      operation.errors++;
      this.timeline.failed(atUs, code === Code.DeadlineExceeded ? latencyUs : null);
      if (code !== Code.DeadlineExceeded) return;
    }
    operation.service.record(serviceUs);
    this.#fromRelease.record(fromReleaseUs);
    if (!this.#closed) operation.latency.record(latencyUs);
  }

  /** A released request that found no free client was given up `atUs` into the phase: a time-out that was never sent. */
  unsent(kind: number, atUs: number, waited: { readonly latencyUs: number; readonly fromReleaseUs: number }): void {
    const operation = this.#operations[kind]!;
    operation.errors++;
    this.#codes[Code.DeadlineExceeded]!++;
    this.timeline.failed(atUs, waited.latencyUs);
    operation.latency.record(waited.latencyUs);
    this.#fromRelease.record(waited.fromReleaseUs);
  }

  /** The recorder must not be used afterwards: its memory is given back. */
  report(): RecorderReport {
    const recorders = this.#operations.filter((operation) => operation !== null);
    const operations = recorders.map((operation) => operation.result(this.#closed));
    const report: RecorderReport = {
      completed: this.#codes[Code.OK]!,
      errors: this.#errors(),
      operations,
      fromRelease: this.#fromRelease.encode(),
      slip: this.#closed ? null : this.#slip.encode(),
      timeline: this.timeline.data(),
    };
    this.#fromRelease.free();
    this.#slip.free();
    return report;
  }

  #errors(): Record<string, number> {
    const errors: Record<string, number> = {};
    this.#codes.forEach((count, code) => {
      if (code !== Code.OK && count > 0) errors[codeName(code)] = count;
    });
    return errors;
  }
}

class OperationRecorder {
  completed = 0;
  errors = 0;
  readonly op: OperationKind;
  readonly latency = new LatencyRecorder();
  readonly service = new LatencyRecorder();

  constructor(op: OperationKind) {
    this.op = op;
  }

  result(closed: boolean): OperationResult {
    const service = this.service.encode();
    const latency = closed ? service : this.latency.encode();
    this.latency.free();
    this.service.free();
    return { op: this.op, completed: this.completed, errors: this.errors, latency, service };
  }
}
