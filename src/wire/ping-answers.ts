/**
 * Answers to PING that may wait. grpc-go's servers (etcd) measure the way to a client with PINGs: after a read that brought
 * data one leaves, with a WINDOW_UPDATE for what was read, unless the last one is still unanswered (bdp_estimator.go). So
 * answering at once means a PING per request, and waking up once more for each; answering late costs nothing but that the
 * peer's windows grow later, and therefore the first ones, in which they find their size, are answered at once.
 *
 * Promises: one answer waits at a time, so a peer that has sent several PINGs, or waits for each, is served.
 */
import type { FrameWriter } from './frame-writer.ts';

/** From 64 KiB, doubled by each answer, to grpc-go's largest window (16 MiB), and as many again. */
const promptAnswers = 16;

export class PingAnswers {
  readonly #waitMs: number;
  readonly #opaque = new Uint8Array(8);
  #promptLeft = promptAnswers;
  /** When the PING came whose answer waits; Infinity is none. */
  #sinceMs = Infinity;

  /** An answer leaves in company after `waitMs`, alone after twice that; 0 is at once. */
  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  /** A PING has come, its 8 bytes at `start`. */
  answer(bytes: Uint8Array, start: number, nowMs: number, out: FrameWriter): void {
    if (this.#waitMs === 0 || this.#promptLeft > 0 || this.#sinceMs !== Infinity) {
      this.#promptLeft--;
      out.ping(bytes, start, true);
      return;
    }
    this.#sinceMs = nowMs;
    for (let i = 0; i < 8; i++) this.#opaque[i] = bytes[start + i]!;
  }

  /** Writes the answer that waits, if it is time; call it when output leaves, and now and then. */
  write(nowMs: number, out: FrameWriter): void {
    const waitMs = out.pendingBytes > 0 ? this.#waitMs : 2 * this.#waitMs;
    if (nowMs - this.#sinceMs < waitMs) return; // also without one: then this is -Infinity
    this.#sinceMs = Infinity;
    out.ping(this.#opaque, 0, true);
  }
}
