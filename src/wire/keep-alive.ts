/**
 * When to PING a silent peer, and when to give it up. Any byte counts as a sign of life, as in grpc-go; a client without
 * calls stays quiet, because etcd counts such PINGs as abuse.
 */
import type { FrameWriter } from './frame-writer.ts';

const opaque = Buffer.from('keepaliv', 'latin1');
const timeoutMsDefault = 20_000;

export interface KeepAliveOptions {
  /** Silence before a PING; 0 is never. */
  readonly keepAliveMs?: number;
  readonly keepAliveTimeoutMs?: number;
  /** Whether to PING while no stream is open. */
  readonly keepAliveWithoutCalls?: boolean;
}

export class KeepAlive {
  readonly #everyMs: number;
  readonly #timeoutMs: number;
  readonly #withoutCalls: boolean;
  #heardMs: number;
  /** When the PING left that nothing has answered yet; Infinity is none. */
  #askedMs = Infinity;

  constructor(options: KeepAliveOptions, nowMs: number) {
    this.#everyMs = options.keepAliveMs ?? 0;
    this.#timeoutMs = options.keepAliveTimeoutMs ?? timeoutMsDefault;
    this.#withoutCalls = options.keepAliveWithoutCalls ?? false;
    this.#heardMs = nowMs;
  }

  heard(nowMs: number): void {
    this.#heardMs = nowMs;
    this.#askedMs = Infinity;
  }

  check(nowMs: number, hasCalls: boolean): 'silent' | 'ping' | 'dead' {
    if (this.#everyMs === 0) return 'silent';
    if (this.#askedMs !== Infinity) return nowMs - this.#askedMs >= this.#timeoutMs ? 'dead' : 'silent';
    const due = nowMs - this.#heardMs >= this.#everyMs && (hasCalls || this.#withoutCalls);
    return due ? 'ping' : 'silent';
  }

  writePing(out: FrameWriter, nowMs: number): void {
    this.#askedMs = nowMs;
    out.ping(opaque, 0, false);
  }
}
