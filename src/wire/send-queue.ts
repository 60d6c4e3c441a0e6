/**
 * Bytes of one stream that flow control or a full socket holds back: owned copies, taken from the front in frames of any
 * size, so that many small messages share a frame and a large one spans many.
 */
import { assert } from '../base/assert.ts';
import { writeUint32 } from './frame.ts';
import { prefixBytes } from './message-reader.ts';

export class SendQueue {
  bytes = 0;
  /** Nothing more will be put in: the last byte carries END_STREAM, or trailers follow it. */
  closed = false;
  #chunks: Uint8Array[] = [];
  #head = 0;
  /** Of the head chunk, how much is gone. */
  #offset = 0;

  /** Copies a gRPC message, with its prefix. */
  putMessage(payload: Uint8Array): void {
    const chunk = Buffer.allocUnsafe(prefixBytes + payload.length);
    chunk[0] = 0;
    writeUint32(chunk, 1, payload.length);
    chunk.set(payload, prefixBytes);
    this.#push(chunk);
  }

  /** Copies plain bytes, at least one. */
  put(payload: Uint8Array): void {
    assert(payload.length > 0, 'nothing cannot wait in a queue');
    this.#push(Buffer.from(payload));
  }

  /** Moves the first `count` bytes into `target` at `at`. */
  take(count: number, target: Uint8Array, at: number): void {
    let left = count;
    while (left > 0) {
      const chunk = this.#chunks[this.#head]!;
      const part = Math.min(left, chunk.length - this.#offset);
      target.set(chunk.subarray(this.#offset, this.#offset + part), at + count - left);
      this.#advance(chunk, part);
      left -= part;
    }
    this.bytes -= count;
  }

  #push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.bytes += chunk.length;
  }

  #advance(chunk: Uint8Array, count: number): void {
    this.#offset += count;
    if (this.#offset < chunk.length) return;
    this.#offset = 0;
    this.#chunks[this.#head++] = emptyChunk;
    if (this.#head < this.#chunks.length && this.#head < 64) return;
    this.#chunks.splice(0, this.#head);
    this.#head = 0;
  }
}

const emptyChunk = new Uint8Array(0);
