/**
 * How many PINGs a client may send, as grpc-go's keepalive enforcement decides and etcd configures it: a PING that comes
 * sooner than `minMs` after the one before is a strike, or sooner than two hours while no stream is open; whatever we send
 * the client in between wipes the strikes off.
 */
const strikesMax = 2;
/** grpc-go's defaultPingTimeout: without streams there is nothing to keep alive. */
const idleMinMs = 2 * 3600 * 1000;

export class PingPolicy {
  readonly #minMs: number;
  readonly #idleMinMs: number;
  #lastMs = -Infinity;
  #strikes = 0;
  #sentBefore = 0;

  /** `minMs` 0 permits everything. */
  constructor(minMs: number, permitWithoutStream: boolean) {
    this.#minMs = minMs;
    this.#idleMinMs = permitWithoutStream || minMs === 0 ? minMs : idleMinMs;
  }

  /** `framesSent` counts HEADERS and DATA of ours. False: one strike too many. */
  permits(nowMs: number, openStreams: number, framesSent: number): boolean {
    const sinceMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    if (framesSent !== this.#sentBefore) {
      this.#sentBefore = framesSent;
      this.#strikes = 0;
      return true;
    }
    if (sinceMs < (openStreams > 0 ? this.#minMs : this.#idleMinMs)) this.#strikes++;
    return this.#strikes <= strikesMax;
  }
}
