/**
 * One phase on one lane: releases requests when they are due, sends them as clients come free, records the replies.
 *
 *   plan --due--> released --a client is free--> sent --reply--> recorded, and the client is free again
 *                    |  (waiting here is the server's time: it counts in the latency, never in the slip)
 *
 * Unless the lane itself has no time left (`exhausted`): replies may then lie unread, so nobody can say whose time it is.
 * Such a lane releases a request only when a client is free, and the wait is slip: the generator was asked for too much.
 *
 * Promises: at most `clients` requests in flight; no allocation per request of its own; request i of the plan is sent by
 * lane i mod lanes; what is released is recorded once, as an answer or as an error, but for what a stop leaves waiting;
 * ends by itself, whatever the server does: after its schedule it releases for half a second what is due, sends for two
 * seconds what waits, and then waits for replies for the request time-out and a second. A client whose connection failed
 * rests before its next try, so that a dead server is never met with a busy loop.
 * Relies on `wake` being called when a request is due (the pacer), and `tick` every few milliseconds. Times are µs on the
 * monotonic clock.
 *
 * Longer than most files here: it is one state machine, from a request's release to its end.
 */
import { assert } from '../base/assert.ts';
import type { Channel } from '../client/channel.ts';
import type { CallOptions, ReplySink } from '../wire/contract.ts';
import { Code } from '../wire/status.ts';
import type { Schedule } from './arrival.ts';
import { ClientQueue } from './client-queue.ts';
import type { LaneCounters } from './lane-counters.ts';
import { PhaseRecorder, type RecorderReport } from './recorder.ts';
import { ReleaseLog } from './release-log.ts';
import type { RequestEncoder } from './request-encoder.ts';
import type { OperationKind } from './workload.ts';

/** How long a client rests after its connection failed. */
const restUs = 100_000;
/** What is due but was not released this long after the end of the schedule was never released: the lane is overrun. */
const releaseGraceUs = 500_000;
/** How long after the end of its schedule a phase still sends what waits for a client. */
const drainUs = 2_000_000;
/** Beyond the request time-out, which the channel enforces: then the lane stops believing in the channel. */
const replyGraceUs = 1_000_000;
/** How often `tick` has to be called. */
export const tickUs = 10_000;
/** A lane that saw nothing for so long was not running. */
const standstillUsMin = 2 * tickUs;
/** A turn of the event loop sends no more than this before it reads replies. */
const sendsPerTurnMax = 4_096;

export interface LanePhase {
  readonly encoder: RequestEncoder;
  /** Null: a closed loop. Two of the same, as one is asked about what is due and one about what is sent. */
  readonly schedules: { readonly due: Schedule; readonly sent: Schedule } | null;
  readonly kinds: readonly OperationKind[];
  /** When a closed loop stops, µs into the phase; null when its count does. */
  readonly durationUs: number | null;
  readonly count: number | null;
  readonly startUs: number;
}

export interface LaneSetup {
  readonly index: number;
  readonly lanes: number;
  readonly clients: number;
  readonly channels: readonly Channel[];
  readonly callOptions: CallOptions;
  readonly counters: LaneCounters;
  /** What one put counts as, and how much of it this lane may send in this phase. */
  readonly plannedBytesPerPut: number;
  readonly plannedBytesMax: number;
  readonly nowUs: () => number;
}

/** Why a phase ended before its plan did. */
export type LaneStop = 'bytes' | 'stopped';

export interface LaneReport extends RecorderReport {
  readonly planned: number;
  readonly released: number;
  readonly sent: number;
  readonly requestBytes: number;
  /** By the planned-bytes rule. */
  readonly plannedBytes: number;
  /** µs into the phase: the last answer (errors aside, which may come a time-out later), and the end of sending. */
  readonly lastReplyUs: number;
  readonly endUs: number;
  readonly lastIntendedUs: number;
  /** For how long in all the lane was kept from running. */
  readonly stoodStillUs: number;
  /** How long the plan of this phase is, null when only its last request tells. */
  readonly scheduleUs: number | null;
  /** When sending was stopped early, µs into the phase, and why. */
  readonly stop: { readonly why: LaneStop; readonly atUs: number } | null;
}

export class LaneRun implements ReplySink {
  /** Set by the lane's host: the event loop had no idle time of late. */
  exhausted = false;
  readonly #setup: LaneSetup;
  readonly #phase: LanePhase;
  readonly #recorder: PhaseRecorder;
  readonly #counters: LaneCounters;
  readonly #nowUs: () => number;
  readonly #onEnd: (report: LaneReport) => void;

  /** Per client, what it has in flight. */
  readonly #intendedUs: Float64Array;
  readonly #releasedUs: Float64Array;
  readonly #sentUs: Float64Array;
  /** `#stoodStillUs` as of the send. */
  readonly #stoodStillAtUs: Float64Array;
  readonly #kind: Uint8Array;
  readonly #busy: Uint8Array;
  readonly #handle: Float64Array;
  readonly #free: ClientQueue;
  readonly #resting: ClientQueue;
  readonly #restUntilUs: Float64Array;

  readonly #releases = new ReleaseLog();
  /** The next of the plan's requests to release, and to send. */
  #dueIndex: number;
  #dueUs = Infinity;
  #sendIndex: number;
  /** On the clock: behind it no request is due. */
  readonly #latestEndUs: number;
  /** Both are set when nothing more leaves: `#endUs` is when, on the clock. */
  #releasing = true;
  #endUs = Infinity;
  #waiting = 0;
  #inFlight = 0;
  #sending = false;
  /** On the clock: when replies that have not come are given up. */
  #patienceEndUs = Infinity;
  #ended = false;

  /** When this thread last looked at the clock, and for how long in all it was kept from running. */
  #seenUs: number;
  #stoodStillUs = 0;
  #planned = 0;
  #released = 0;
  #sent = 0;
  #requestBytes = 0;
  #plannedBytes = 0;
  #lastReplyUs = 0;
  #lastIntendedUs = 0;
  #stop: { why: LaneStop; atUs: number } | null = null;

  constructor(setup: LaneSetup, phase: LanePhase, onEnd: (report: LaneReport) => void) {
    assert(setup.channels.length > 0 && setup.clients > 0, 'a lane has connections and clients');
    this.#setup = setup;
    this.#phase = phase;
    this.#counters = setup.counters;
    this.#nowUs = setup.nowUs;
    this.#onEnd = onEnd;
    this.#recorder = new PhaseRecorder(phase.schedules === null, phase.kinds);
    this.#intendedUs = new Float64Array(setup.clients);
    this.#releasedUs = new Float64Array(setup.clients);
    this.#sentUs = new Float64Array(setup.clients);
    this.#stoodStillAtUs = new Float64Array(setup.clients);
    this.#kind = new Uint8Array(setup.clients);
    this.#busy = new Uint8Array(setup.clients);
    this.#handle = new Float64Array(setup.clients);
    this.#free = new ClientQueue(setup.clients);
    this.#resting = new ClientQueue(setup.clients);
    this.#restUntilUs = new Float64Array(setup.clients);
    for (let client = 0; client < setup.clients; client++) this.#free.push(client);
    this.#dueIndex = setup.index;
    this.#sendIndex = setup.index;
    this.#seenUs = phase.startUs;
    this.#latestEndUs = phase.startUs + (phase.schedules?.due.latestUs ?? Infinity);
    if (phase.schedules !== null) this.#dueUs = phase.startUs + phase.schedules.due.timeUs(setup.index);
  }

  /** A request may be due: the pacer has knocked. */
  wake(): void {
    if (this.#ended) return;
    const nowUs = this.#nowUs();
    if (nowUs < this.#phase.startUs) return;
    this.#see(nowUs);
    if (this.#phase.schedules === null) this.#sendClosed(nowUs);
    else if (this.#dueUs <= nowUs) this.#release(nowUs);
    this.#sendWaiting();
  }

  /** Ends of schedules, rests and time-outs; call it every few milliseconds. */
  tick(): void {
    if (this.#ended) return;
    const nowUs = this.#nowUs();
    while (this.#resting.count > 0 && this.#restUntilUs[this.#resting.first]! <= nowUs) {
      this.#free.push(this.#resting.shift());
    }
    this.wake();
    if (this.#releasing && nowUs >= this.#scheduleEndUs()) this.#endSchedule(nowUs);
    if (!this.#releasing) this.#drain(nowUs);
  }

  /** Stops sending; what is in flight still gets `graceUs` for its reply. */
  stop(graceUs: number): void {
    if (this.#ended) return;
    this.#stopEarly('stopped');
    this.#patienceEndUs = Math.min(this.#patienceEndUs, this.#nowUs() + graceUs);
    this.tick();
  }

  /** ReplySink: the token is the client. */
  onReply(client: number, code: number): void {
    if (this.#ended || this.#busy[client] === 0) return;
    const nowUs = this.#nowUs();
    this.#see(nowUs);
    this.#busy[client] = 0;
    this.#inFlight--;
    this.#record(client, code, nowUs);
    if (code !== Code.OK && (code === Code.Unavailable || this.#sending)) this.#rest(client, nowUs);
    else this.#free.push(client);
    if (this.#sending) return; // it failed inside the call: whoever sends goes on by itself
    if (this.#phase.schedules === null) this.#sendClosed(nowUs);
    else {
      if (this.#dueUs <= nowUs) this.#release(nowUs);
      this.#sendWaiting();
    }
  }

  /** A gap in what this thread saw is time in which replies lay unread: the generator's lateness, not the server's. */
  #see(nowUs: number): void {
    const gapUs = nowUs - this.#seenUs;
    if (gapUs > standstillUsMin) this.#stoodStillUs += gapUs - tickUs;
    this.#seenUs = nowUs;
  }

  #record(client: number, code: number, nowUs: number): void {
    const latencyUs = nowUs - this.#intendedUs[client]!;
    const atUs = nowUs - this.#phase.startUs;
    const stoodStillUs = this.#stoodStillUs - this.#stoodStillAtUs[client]!;
    const fromReleaseUs = Math.max(1, nowUs - this.#releasedUs[client]! - stoodStillUs);
    if (code === Code.OK) this.#lastReplyUs = atUs;
    this.#recorder.ended(this.#kind[client]!, code, atUs, latencyUs, fromReleaseUs, nowUs - this.#sentUs[client]!);
    this.#counters.ended(latencyUs, code === Code.OK);
  }

  #rest(client: number, nowUs: number): void {
    this.#restUntilUs[client] = nowUs + restUs;
    this.#resting.push(client);
  }

  /** Takes all that is due from the plan: open loops only. */
  #release(nowUs: number): void {
    const { schedules, startUs } = this.#phase;
    if (!this.#releasing || schedules === null) return;
    if (nowUs >= this.#latestEndUs + releaseGraceUs) return this.#endSchedule(nowUs);
    const most = this.exhausted ? this.#free.count - this.#waiting : Infinity;
    let released = 0;
    while (this.#dueUs <= nowUs && released < most) {
      const atUs = this.#dueUs - startUs;
      this.#recorder.released(atUs, nowUs - this.#dueUs);
      this.#lastIntendedUs = atUs;
      released++;
      this.#dueIndex += this.#setup.lanes;
      this.#dueUs = startUs + schedules.due.timeUs(this.#dueIndex);
    }
    this.#released += released;
    this.#waiting += released;
    this.#releases.add(nowUs, released);
  }

  #sendWaiting(): void {
    const schedules = this.#phase.schedules;
    if (schedules === null) return;
    let budget = sendsPerTurnMax;
    while (this.#waiting > 0 && this.#free.count > 0 && budget-- > 0) {
      const intendedUs = this.#phase.startUs + schedules.sent.timeUs(this.#sendIndex);
      // What was released in one go with an earlier request may have been due only later (see ReleaseLog).
      const releasedUs = Math.max(intendedUs, this.#releases.take());
      this.#waiting--;
      if (!this.#send(this.#free.shift(), intendedUs, releasedUs)) return;
    }
  }

  #sendClosed(nowUs: number): void {
    let budget = sendsPerTurnMax;
    while (this.#releasing && this.#free.count > 0 && budget-- > 0) {
      if (nowUs >= this.#scheduleEndUs() || this.#sendIndex >= (this.#phase.count ?? Infinity)) {
        return this.#endSchedule(nowUs);
      }
      if (!this.#send(this.#free.shift(), nowUs, nowUs)) return;
      this.#recorder.timeline.offered(nowUs - this.#phase.startUs);
      this.#released++;
      this.#lastIntendedUs = nowUs - this.#phase.startUs;
    }
  }

  /** False when the bytes that this lane may send are used up. */
  #send(client: number, intendedUs: number, releasedUs: number): boolean {
    const { encoder } = this.#phase;
    const setup = this.#setup;
    const request = encoder.encode(this.#sendIndex);
    const plannedBytes = encoder.puts * setup.plannedBytesPerPut;
    if (this.#plannedBytes + plannedBytes > setup.plannedBytesMax) {
      this.#free.push(client);
      this.#sendIndex += setup.lanes;
      this.#stopEarly('bytes');
      return false;
    }
    this.#plannedBytes += plannedBytes;
    this.#sendIndex += setup.lanes;
    this.#sent++;
    this.#requestBytes += request.length;
    this.#intendedUs[client] = intendedUs;
    this.#releasedUs[client] = releasedUs;
    this.#kind[client] = encoder.kind;
    this.#busy[client] = 1;
    this.#inFlight++;
    this.#stoodStillAtUs[client] = this.#stoodStillUs;
    this.#sentUs[client] = this.#nowUs();
    if (this.#phase.schedules === null) this.#intendedUs[client] = this.#releasedUs[client] = this.#sentUs[client];
    const channel = setup.channels[client % setup.channels.length]!;
    this.#sending = true;
    this.#handle[client] = channel.unary(encoder.method, request, setup.callOptions, client, this);
    this.#sending = false;
    return true;
  }

  /** On the clock: when the plan has nothing more, or Infinity when only its count tells. */
  #scheduleEndUs(): number {
    const { startUs, durationUs, schedules } = this.#phase;
    if (schedules === null) return durationUs === null ? Infinity : startUs + durationUs;
    if (this.#dueUs !== Infinity) return this.#latestEndUs + releaseGraceUs;
    return startUs + (schedules.due.lengthUs ?? 0);
  }

  #endSchedule(nowUs: number): void {
    this.#planned = this.#released + this.#overdue(nowUs);
    this.#releasing = false;
    this.#endUs = nowUs;
    this.#patienceEndUs = nowUs + drainUs + this.#setup.callOptions.timeoutMs * 1e3 + replyGraceUs;
  }

  /** How many requests of the plan are due and were not released. */
  #overdue(nowUs: number): number {
    const { schedules, startUs } = this.#phase;
    let count = 0;
    while (schedules !== null && this.#dueUs <= nowUs) {
      count++;
      this.#dueIndex += this.#setup.lanes;
      this.#dueUs = startUs + schedules.due.timeUs(this.#dueIndex);
    }
    return count;
  }

  #stopEarly(why: LaneStop): void {
    const nowUs = this.#nowUs();
    if (this.#releasing) this.#endSchedule(nowUs);
    this.#stop ??= { why, atUs: Math.max(0, nowUs - this.#phase.startUs) };
    this.#giveUpWaiting(nowUs);
  }

  /** After the schedule: waits for clients, then for replies, then for nothing. */
  #drain(nowUs: number): void {
    if (this.#waiting > 0 && nowUs > this.#endUs + drainUs) this.#giveUpWaiting(nowUs);
    if (this.#waiting > 0) return;
    if (this.#inFlight > 0 && nowUs > this.#patienceEndUs) this.#giveUpReplies(nowUs);
    if (this.#inFlight === 0) this.#end();
  }

  /** What found no client in time has failed; how what a stop left less time would have ended, nobody knows. */
  #giveUpWaiting(nowUs: number): void {
    const { schedules, startUs, encoder } = this.#phase;
    const patienceUs = this.#stop === null ? 0 : this.#setup.callOptions.timeoutMs * 1e3;
    for (; schedules !== null && this.#waiting > 0; this.#waiting--) {
      const intendedUs = startUs + schedules.sent.timeUs(this.#sendIndex);
      const fromReleaseUs = nowUs - Math.max(intendedUs, this.#releases.take());
      const kind = encoder.kindOf(this.#sendIndex);
      if (fromReleaseUs >= patienceUs) this.#fail(kind, nowUs, { latencyUs: nowUs - intendedUs, fromReleaseUs });
      this.#sendIndex += this.#setup.lanes;
    }
  }

  #fail(kind: number, nowUs: number, waited: { readonly latencyUs: number; readonly fromReleaseUs: number }): void {
    this.#recorder.unsent(kind, nowUs - this.#phase.startUs, waited);
    this.#counters.ended(waited.latencyUs, false);
  }

  #giveUpReplies(nowUs: number): void {
    const { channels } = this.#setup;
    for (let client = 0; client < this.#busy.length; client++) {
      if (this.#busy[client] === 0) continue;
      this.#busy[client] = 0; // first: a channel may answer inside the call
      channels[client % channels.length]!.cancel(this.#handle[client]!);
      this.#record(client, Code.Canceled, nowUs);
    }
    this.#inFlight = 0;
  }

  #end(): void {
    this.#ended = true;
    this.#onEnd({
      ...this.#recorder.report(),
      planned: this.#planned,
      released: this.#released,
      sent: this.#sent,
      requestBytes: this.#requestBytes,
      plannedBytes: this.#plannedBytes,
      lastReplyUs: this.#lastReplyUs,
      endUs: Math.min(this.#endUs - this.#phase.startUs, this.#phase.durationUs ?? Infinity),
      lastIntendedUs: this.#lastIntendedUs,
      stoodStillUs: this.#stoodStillUs,
      scheduleUs: this.#phase.schedules === null ? this.#phase.durationUs : this.#phase.schedules.due.lengthUs,
      stop: this.#stop,
    });
  }
}
