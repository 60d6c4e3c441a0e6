/**
 * What request `i` of a phase is: its operation, key and value, a pure function of (seed, phase, i). Every lane holds the
 * same plan and asks it about its own share, i = lane mod lanes; nothing is handed around and nothing is remembered.
 */
import { assert } from '../base/assert.ts';
import { mixSeed } from '../base/random.ts';
import { KeySource } from './key-space.ts';
import { OperationMix } from './operation-mix.ts';
import { ValueSource } from './values.ts';
import type { Phase, Workload } from './workload.ts';

/** Which of a phase's hashes a number is drawn from: one stream per decision, so that none tells about another. */
const Stream = { keys: 1, operation: 2, value: 3, valueSize: 4, arrival: 5 } as const;

/** Of what is the same in all phases: the bytes of numbered keys, the pool of values. */
const sharedSeedIndex = 0xffff_fffe;

export class Plan {
  readonly keys: KeySource;
  readonly values: ValueSource;
  readonly mix: OperationMix;
  readonly #operationSeed: number;
  readonly #valueSeed: number;
  readonly #valueSizeSeed: number;

  /** `phaseIndex` counts from 0; -1 is the preload. `prefix` stands before every key. */
  constructor(workload: Workload, phase: Phase, phaseIndex: number, prefix: Uint8Array) {
    const shared = mixSeed(workload.seed, sharedSeedIndex);
    const seed = mixSeed(workload.seed, phaseIndex + 1);
    this.keys = new KeySource(workload.keys, prefix, { seed: mixSeed(seed, Stream.keys), spaceSeed: shared });
    this.values = new ValueSource(workload.values, shared);
    this.mix = new OperationMix(phase.mix);
    this.#operationSeed = mixSeed(seed, Stream.operation);
    this.#valueSeed = mixSeed(seed, Stream.value);
    this.#valueSizeSeed = mixSeed(seed, Stream.valueSize);
  }

  /** Which entry of the mix; index into `mix.entries`. */
  entry(index: number): number {
    return this.mix.pick(mixSeed(this.#operationSeed, index));
  }

  /** The number of the key; see KeySource.numberOf about `sub`. */
  keyNumber(index: number, sub: number): number {
    return this.keys.numberOf(index, sub);
  }

  valueBytes(index: number, sub: number): number {
    return this.values.bytesOf(mixSeed(this.#valueSizeSeed ^ sub, index));
  }

  /** Writes the value to `target` at `at`; returns its length. */
  writeValue(target: Uint8Array, at: number, index: number, sub: number): number {
    const bytes = this.valueBytes(index, sub);
    this.values.copy(target, at, bytes, mixSeed(this.#valueSeed ^ sub, index));
    return bytes;
  }
}

/** The seed of the arrivals of a phase: what the pacer needs of a plan. */
export function arrivalSeed(workload: Workload, phaseIndex: number): number {
  return mixSeed(mixSeed(workload.seed, phaseIndex + 1), Stream.arrival);
}

/** A phase of the workload, or its preload (-1), with the workload as that phase sees it. */
export function phaseAt(workload: Workload, index: number): { readonly workload: Workload; readonly phase: Phase } {
  if (index === -1) return preloadOf(workload);
  const phase = workload.phases[index];
  assert(phase !== undefined, 'the workload has this phase');
  return { workload, phase };
}

/** The preload as a phase: every key from 0 on put once, in order, as fast as the clients get replies. */
function preloadOf(workload: Workload): { readonly workload: Workload; readonly phase: Phase } {
  return {
    workload: { ...workload, keys: { ...workload.keys, order: 'sequential' } },
    phase: {
      name: 'preload',
      warmUp: true,
      arrival: { model: 'closed' },
      durationMs: null,
      count: workload.preload,
      mix: [{ op: 'put', weight: 1 }],
    },
  };
}
