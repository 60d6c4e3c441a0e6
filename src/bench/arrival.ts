/**
 * When requests are meant to leave: the intended time of request `i`, fixed before the run starts.
 *
 * Promises: equal arguments give equal times in every thread; times never decrease; with constant spacing the number of
 * requests before time t is the integral of the rate from 0 to t, rounded up, as request 0 leaves at 0.
 * A Poisson schedule has the same integral as its mean: unit-rate exponential gaps are bent through the same curve.
 */
import { assert } from '../base/assert.ts';
import { mixSeed } from '../base/random.ts';
import type { Arrival } from './workload.ts';

export type OpenArrival = Extract<Arrival, { model: 'open' }>;

export interface Schedule {
  /**
   * µs from the start of the phase to request `index`, Infinity when the phase has no such request.
   * A Poisson schedule must be asked in ascending order, as its times are a running sum.
   */
  timeUs(index: number): number;
  /**
   * µs from the start to the end of the schedule, whichever of duration and count comes first; null while, and when, only
   * its last request tells (Poisson with a count: before it was asked past its duration).
   */
  readonly lengthUs: number | null;
  /** No request lies behind it, µs; equals `lengthUs` when that is known from the start. */
  readonly latestUs: number;
}

export interface ScheduleBounds {
  readonly durationMs: number | null;
  readonly count: number | null;
  /** Of the gaps of a Poisson schedule. */
  readonly seed: number;
}

/** The schedule of one open phase. At least one bound is set; a ramp needs the duration. */
export function createSchedule(arrival: OpenArrival, bounds: ScheduleBounds): Schedule {
  assert(bounds.durationMs !== null || bounds.count !== null, 'a phase has an end');
  const curve = new RateCurve(arrival, bounds.durationMs);
  const durationUs = bounds.durationMs === null ? Infinity : bounds.durationMs * 1e3;
  if (arrival.spacing === 'poisson') return new PoissonSchedule(curve, durationUs, bounds);
  return new ConstantSchedule(curve, durationUs, bounds.count ?? Infinity);
}

/** N(t) = f t + a t²/2, the requests due by t, for a rate that goes from f to f + a T in a straight line; and its inverse. */
class RateCurve {
  readonly #fromPerUs: number;
  readonly #slope: number;

  constructor(arrival: OpenArrival, durationMs: number | null) {
    const changePerUs = (arrival.toPerSec - arrival.fromPerSec) / 1e6;
    assert(changePerUs === 0 || durationMs !== null, 'a ramp has a duration');
    this.#fromPerUs = arrival.fromPerSec / 1e6;
    this.#slope = durationMs === null ? 0 : changePerUs / (durationMs * 1e3);
  }

  /** The time at which `amount` requests are due; Infinity when a falling rate never gets there. */
  timeOf(amount: number): number {
    if (amount <= 0) return 0;
    if (amount === Infinity) return Infinity;
    if (this.#slope === 0) return amount / this.#fromPerUs;
    const square = this.#fromPerUs * this.#fromPerUs + 2 * this.#slope * amount;
    // Of the two forms of the root the one that divides: it does not cancel when the slope is small, nor fail at f = 0.
    return square < 0 ? Infinity : (2 * amount) / (this.#fromPerUs + Math.sqrt(square));
  }
}

class ConstantSchedule implements Schedule {
  readonly lengthUs: number;
  readonly latestUs: number;
  readonly #curve: RateCurve;
  readonly #durationUs: number;
  readonly #count: number;

  constructor(curve: RateCurve, durationUs: number, count: number) {
    this.#curve = curve;
    this.#durationUs = durationUs;
    this.#count = count;
    this.lengthUs = this.latestUs = Math.min(durationUs, curve.timeOf(count));
  }

  timeUs(index: number): number {
    if (index >= this.#count) return Infinity;
    const timeUs = this.#curve.timeOf(index);
    // A nanosecond: the request that falls on the very end by arithmetic must not slip in by rounding.
    return timeUs < this.#durationUs - 1e-3 ? timeUs : Infinity;
  }
}

class PoissonSchedule implements Schedule {
  lengthUs: number | null;
  readonly latestUs: number;
  readonly #curve: RateCurve;
  readonly #durationUs: number;
  readonly #count: number;
  readonly #seed: number;
  #index = -1;
  #amount = 0;

  constructor(curve: RateCurve, durationUs: number, bounds: ScheduleBounds) {
    this.#curve = curve;
    this.#durationUs = durationUs;
    this.#count = bounds.count ?? Infinity;
    this.#seed = bounds.seed;
    this.lengthUs = bounds.count === null ? durationUs : null;
    // As many mean gaps as there are requests, with a deviation of their root, and 30 as a few gaps have a longer tail.
    this.latestUs = Math.min(durationUs, curve.timeOf(this.#count + 6 * Math.sqrt(this.#count) + 30));
  }

  timeUs(index: number): number {
    if (index >= this.#count) return Infinity;
    assert(index >= this.#index, 'a Poisson schedule is asked in ascending order');
    while (this.#index < index) this.#advance();
    const timeUs = this.#curve.timeOf(this.#amount);
    if (timeUs < this.#durationUs) return timeUs;
    this.lengthUs = this.#durationUs;
    return Infinity;
  }

  #advance(): void {
    this.#index++;
    // Half a step away from 0, so that the logarithm is finite.
    const uniform = (mixSeed(this.#seed, this.#index) + 0.5) / 2 ** 32;
    this.#amount -= Math.log(uniform);
  }
}
