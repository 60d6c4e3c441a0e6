/** What a running load looks like: read from the lanes' counters a few times a second, for people to watch. */
import type { LaneCounters } from './lane-counters.ts';
import type { LoadProgress } from './load-spec.ts';
import { logLinearQuantile, logLinearSize } from './log-linear.ts';
import { plannedRequests } from './planned-bytes.ts';
import { phaseAt } from './plan.ts';
import type { Phase, Workload } from './workload.ts';

/** What a phase without a duration is taken to last per request, until it has run: only the bar depends on it. */
const guessedMsPerRequest = 0.1;

export class LoadProgressMeter {
  readonly #workload: Workload;
  readonly #lanes: readonly LaneCounters[];
  /** Per lane, what its histogram held when it was last read. */
  readonly #seen: readonly Uint32Array[];
  #index = 0;
  #startMs = 0;
  #lastMs = 0;
  /** Counters at the start of the phase, and when they were last read; they wrap at 2^32. */
  #completedAtStart = 0;
  #errorsAtStart = 0;
  #completedLast = 0;

  constructor(workload: Workload, lanes: readonly LaneCounters[]) {
    this.#workload = workload;
    this.#lanes = lanes;
    this.#seen = lanes.map(() => new Uint32Array(logLinearSize));
  }

  /** A phase begins at `startMs` on the monotonic clock; -1 is the preload. */
  startPhase(index: number, startMs: number): void {
    this.#index = index;
    this.#startMs = startMs;
    this.#lastMs = startMs;
    this.#completedAtStart = this.#total((lane) => lane.completed);
    this.#errorsAtStart = this.#total((lane) => lane.errors);
    this.#completedLast = this.#completedAtStart;
  }

  /** `nowMs` is the monotonic clock; the rate and the percentile are of what came since the last call. */
  read(nowMs: number): LoadProgress {
    const { phase } = phaseAt(this.#workload, this.#index);
    const completedNow = this.#total((lane) => lane.completed);
    const completed = (completedNow - this.#completedAtStart) >>> 0;
    const errors = (this.#total((lane) => lane.errors) - this.#errorsAtStart) >>> 0;
    const sinceMs = nowMs - this.#lastMs;
    const ratePerSec = sinceMs > 0 ? ((completedNow - this.#completedLast) >>> 0) / (sinceMs / 1e3) : 0;
    this.#completedLast = completedNow;
    this.#lastMs = nowMs;
    return {
      phase: phase.name,
      warmUp: phase.warmUp,
      fraction: this.#fraction(phase, nowMs, completed + errors),
      completed,
      errors,
      ratePerSec,
      latencyP99Ms: this.#p99Ms(),
    };
  }

  #total(count: (lane: LaneCounters) => number): number {
    return this.#lanes.reduce((sum, lane) => sum + count(lane), 0) >>> 0;
  }

  #p99Ms(): number | null {
    const counts = new Uint32Array(logLinearSize);
    this.#lanes.forEach((lane, i) => lane.addLatencySince(this.#seen[i]!, counts));
    const us = logLinearQuantile(counts, 0.99);
    return us === null ? null : us / 1e3;
  }

  /** Phases count by the time that they are expected to take. */
  #fraction(phase: Phase, nowMs: number, ended: number): number {
    const byTime = phase.durationMs === null ? 0 : (nowMs - this.#startMs) / phase.durationMs;
    const requests = plannedRequests(phase);
    const byCount = requests === null ? 0 : ended / requests;
    const ofPhase = Math.min(1, Math.max(0, byTime, byCount));
    let before = 0;
    let all = 0;
    for (let index = this.#workload.preload > 0 ? -1 : 0; index < this.#workload.phases.length; index++) {
      const ms = expectedMs(phaseAt(this.#workload, index).phase);
      all += ms;
      if (index < this.#index) before += ms;
      if (index === this.#index) before += ms * ofPhase;
    }
    return all === 0 ? 1 : before / all;
  }
}

function expectedMs(phase: Phase): number {
  if (phase.durationMs !== null) return phase.durationMs;
  const count = phase.count ?? 0;
  return phase.arrival.model === 'open' ? (count / phase.arrival.fromPerSec) * 1e3 : count * guessedMsPerRequest;
}
