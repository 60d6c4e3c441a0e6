/**
 * What etcd counts of each gRPC method (docs/etcd-facts.md, grpc metrics), in typed arrays: a call costs four
 * increments. Counted is what reaches a service; what the transport refuses (an unknown method, a message that is too
 * large or malformed) is not, as in etcd, whose counters sit behind the same checks.
 */
import type { Method } from '../../api/methods.ts';
import { HistogramMeter } from '../../metrics/meters.ts';
import { Code } from '../../wire/status.ts';

/** Codes are 0 to 16. */
export const codeCount: number = Code.Unauthenticated + 1;

/** grpc-prometheus' default buckets, in seconds (docs/etcd-facts.md, grpc metrics). */
const handlingBounds: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export type MethodType = 'unary' | 'server_stream' | 'client_stream' | 'bidi_stream';

/** The labels of one method. */
export interface MethodLabels {
  readonly type: MethodType;
  readonly service: string;
  readonly method: string;
}

type AnyMethod = Pick<Method<unknown, unknown>, 'path' | 'service' | 'name' | 'clientStreaming' | 'serverStreaming'>;

/** One object for the process. Rows are methods, in the order they were given. */
export class MethodCounters {
  readonly rows: readonly MethodLabels[];
  readonly started: Float64Array;
  readonly messagesReceived: Float64Array;
  readonly messagesSent: Float64Array;
  /** By row and code: `row * codeCount + code`. */
  readonly handled: Float64Array;
  /** By row; null unless latencies are wanted (`--metrics extensive`), as they cost two looks at the clock. */
  readonly handlingSeconds: readonly HistogramMeter[] | null;
  readonly #rowByPath: ReadonlyMap<string, number>;
  readonly #nowMs: () => number;

  /** `nowMs` is the monotonic clock. */
  constructor(methods: readonly AnyMethod[], nowMs: () => number, withLatencies: boolean) {
    this.rows = methods.map((method) => ({ type: typeOf(method), service: method.service, method: method.name }));
    this.started = new Float64Array(methods.length);
    this.messagesReceived = new Float64Array(methods.length);
    this.messagesSent = new Float64Array(methods.length);
    this.handled = new Float64Array(methods.length * codeCount);
    this.handlingSeconds = withLatencies ? methods.map(() => new HistogramMeter(handlingBounds)) : null;
    this.#rowByPath = new Map(methods.map((method, row) => [method.path, row]));
    this.#nowMs = nowMs;
  }

  /** -1 when the method is not counted. */
  rowOf(path: string): number {
    return this.#rowByPath.get(path) ?? -1;
  }

  /** A unary call begins; answers what `unaryEnded` wants back. */
  unaryStarted(row: number): number {
    this.started[row]!++;
    this.messagesReceived[row]!++;
    return this.handlingSeconds === null ? 0 : this.#nowMs();
  }

  unaryEnded(row: number, code: number, startedMs: number): void {
    this.handled[row * codeCount + code]!++;
    if (code === Code.OK) this.messagesSent[row]!++;
    if (this.handlingSeconds !== null) this.handlingSeconds[row]!.observe((this.#nowMs() - startedMs) / 1000);
  }
}

function typeOf(method: AnyMethod): MethodType {
  if (method.clientStreaming) return method.serverStreaming ? 'bidi_stream' : 'client_stream';
  return method.serverStreaming ? 'server_stream' : 'unary';
}
