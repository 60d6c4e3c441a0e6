/**
 * How long to wait before the next attempt to connect (grpc/doc/connection-backoff.md): exponential from `baseMs` up to
 * `maxMs`, with jitter so that the clients of a server that comes back do not arrive together.
 */
export interface BackoffSettings {
  /** Before the second attempt. gRPC's is 1,000; load, which knows its server, takes less. */
  readonly baseMs: number;
  /** gRPC's is 120,000. */
  readonly maxMs: number;
}

export const grpcBackoff: BackoffSettings = { baseMs: 1_000, maxMs: 120_000 };

const multiplier = 1.6;
const jitter = 0.2;

export class Backoff {
  readonly #settings: BackoffSettings;
  readonly #random: () => number;
  #currentMs: number;

  /** `random` is uniform in [0, 1). */
  constructor(settings: BackoffSettings, random: () => number) {
    this.#settings = settings;
    this.#random = random;
    this.#currentMs = settings.baseMs;
  }

  get baseMs(): number {
    return this.#settings.baseMs;
  }

  /** The wait before the next attempt; longer each time. */
  nextMs(): number {
    const waitMs = this.#currentMs;
    this.#currentMs = Math.min(this.#currentMs * multiplier, this.#settings.maxMs);
    return waitMs * (1 + jitter * (2 * this.#random() - 1));
  }

  /** The connection came about: start over. */
  reset(): void {
    this.#currentMs = this.#settings.baseMs;
  }
}
