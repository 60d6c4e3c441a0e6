/** A lane on a test's own clock, over channels that answer when the test says so. */
import { utf8 } from '../../src/base/bytes.ts';
import { createSchedule, type OpenArrival } from '../../src/bench/arrival.ts';
import { LaneCounters } from '../../src/bench/lane-counters.ts';
import { LaneRun, type LaneReport, type LaneSetup } from '../../src/bench/lane.ts';
import { Plan } from '../../src/bench/plan.ts';
import { RequestEncoder } from '../../src/bench/request-encoder.ts';
import type { Phase, Workload } from '../../src/bench/workload.ts';
import type { Channel } from '../../src/client/channel.ts';
import { parseEndpoint } from '../../src/client/endpoint.ts';
import type { ReplySink } from '../../src/wire/contract.ts';
import { Code } from '../../src/wire/status.ts';

const ms = 1000;
/** When its phases start, on that clock. */
export const startUs = 1_000_000;

interface Call {
  readonly channel: number;
  readonly token: number;
  readonly sink: ReplySink;
  readonly sentUs: number;
}

/** One lane in one phase, with two clients on one connection unless `setup` says otherwise. */
export class LaneBed {
  nowUs = startUs;
  readonly calls: Call[] = [];
  readonly cancelled: number[] = [];
  /** Set: every call fails at once, inside the call. */
  failing: number | null = null;
  report: LaneReport | null = null;
  readonly run: LaneRun;

  constructor(phase: Partial<Phase>, setup: Partial<LaneSetup> = {}) {
    const whole: Phase = {
      name: 'p',
      warmUp: false,
      arrival: { model: 'closed' },
      durationMs: null,
      count: null,
      mix: [{ op: 'put', weight: 1 }],
      ...phase,
    };
    const workload: Workload = {
      name: 't',
      description: '',
      clients: 2,
      connections: 1,
      spread: 'all',
      requestTimeoutMs: 1000,
      seed: 1,
      keys: { sizeBytes: { kind: 'fixed', bytes: 8 }, count: null, order: 'uniform', zipfTheta: 0.9 },
      values: { kind: 'fixed', bytes: 10 },
      preload: 0,
      phases: [whole],
      thresholds: {},
    };
    const prefix = utf8('/p/');
    const lane: LaneSetup = {
      index: 0,
      lanes: 1,
      clients: 2,
      channels: [this.#channel(0)],
      callOptions: { timeoutMs: 1000, metadata: [] },
      counters: new LaneCounters(),
      plannedBytesPerPut: 100,
      plannedBytesMax: Infinity,
      nowUs: () => this.nowUs,
      ...setup,
    };
    const schedule = () =>
      createSchedule(whole.arrival as OpenArrival, { durationMs: whole.durationMs, count: whole.count, seed: 1 });
    this.run = new LaneRun(
      lane,
      {
        encoder: new RequestEncoder(workload, new Plan(workload, whole, 0, prefix), prefix),
        schedules: whole.arrival.model === 'closed' ? null : { due: schedule(), sent: schedule() },
        kinds: ['put'],
        durationUs: whole.durationMs === null ? null : whole.durationMs * ms,
        count: whole.count,
        startUs,
      },
      (report) => (this.report = report),
    );
  }

  /** ms into the phase; wakes and ticks the lane. */
  at(timeMs: number): this {
    this.nowUs = startUs + timeMs * ms;
    this.run.wake();
    this.run.tick();
    return this;
  }

  reply(call: number, code: number = Code.OK): this {
    const { token, sink } = this.calls[call]!;
    sink.onReply(token, code, '', new Uint8Array(0));
    return this;
  }

  get done(): LaneReport {
    if (this.report === null) throw new Error('the phase is not over');
    return this.report;
  }

  #channel(index: number): Channel {
    return {
      endpoint: parseEndpoint('127.0.0.1:1'),
      ready: true,
      connect: async () => {},
      unary: (_method, _request, _options, token, sink) => {
        this.calls.push({ channel: index, token, sink, sentUs: this.nowUs - startUs });
        if (this.failing !== null) sink.onReply(token, this.failing, 'failing', new Uint8Array(0));
        return this.calls.length - 1;
      },
      cancel: (handle) => void this.cancelled.push(handle),
      openStream: () => {
        throw new Error('no streams here');
      },
      close: async () => {},
    };
  }
}

/** What has ended, in whichever way it is counted: in total, per operation, over time. */
export function ended({ completed, errors, operations, timeline }: LaneReport): readonly number[] {
  const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
  return [
    completed + sum(Object.values(errors)),
    sum(operations.map((operation) => operation.completed + operation.errors)),
    sum(timeline.completed) + sum(timeline.errors),
  ];
}
