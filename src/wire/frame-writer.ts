/**
 * Frames written in place into the output that the pump will take.
 *
 *   slab  |taken ......|pending ......|room ......|
 *                      start          at          bytes.length
 *
 * Promises: what `take` returned is not written again before `recycle`, so it may sit in a socket's queue; nothing is copied
 * but what is pending when a slab runs out, which is rare and short, as slabs double up to `slabBytesMax`.
 */
import { Flag, FrameType, frameHeaderBytes, writeUint32 } from './frame.ts';

const slabBytesMin = 2 * 1024;
const slabBytesMax = 64 * 1024;
/** Below this a loop beats the call of `set`. */
const loopBytesMax = 24;

export class FrameWriter {
  /** The slab. Write only after `reserve`, from `at` on, and move `at`. */
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  #start = 0;
  #slabBytes = slabBytesMin;

  get pendingBytes(): number {
    return this.at - this.#start;
  }

  /** Makes room for `count` bytes behind `at`. */
  reserve(count: number): void {
    if (this.at + count > this.bytes.length) this.#newSlab(count);
  }

  /** All that is pending, or null. */
  take(): Uint8Array | null {
    if (this.at === this.#start) return null;
    const taken = this.bytes.subarray(this.#start, this.at);
    this.#start = this.at;
    return taken;
  }

  /** All that was taken has left the process: its memory is written again, so that a busy socket needs no new slab. */
  recycle(): void {
    if (this.at !== this.#start) return;
    this.at = 0;
    this.#start = 0;
  }

  /** Forgets what is pending, and the slab. */
  clear(): void {
    this.bytes = new Uint8Array(0);
    this.at = 0;
    this.#start = 0;
  }

  /** Copies into room that was reserved. */
  put(source: Uint8Array): void {
    const { bytes, at } = this;
    const length = source.length;
    if (length > loopBytesMax) bytes.set(source, at);
    else for (let i = 0; i < length; i++) bytes[at + i] = source[i]!;
    this.at = at + length;
  }

  /** A frame's nine bytes, into room that was reserved. */
  header(length: number, type: number, flags: number, streamId: number): void {
    const { bytes, at } = this;
    bytes[at] = length >>> 16;
    bytes[at + 1] = length >>> 8;
    bytes[at + 2] = length;
    bytes[at + 3] = type;
    bytes[at + 4] = flags;
    writeUint32(bytes, at + 5, streamId);
    this.at = at + frameHeaderBytes;
  }

  /** `settings` are pairs of id and value. */
  settings(settings: readonly (readonly [id: number, value: number])[]): void {
    this.reserve(frameHeaderBytes + 6 * settings.length);
    this.header(6 * settings.length, FrameType.Settings, 0, 0);
    for (const [id, value] of settings) {
      this.bytes[this.at++] = id >>> 8;
      this.bytes[this.at++] = id;
      this.#uint32(value);
    }
  }

  settingsAck(): void {
    this.reserve(frameHeaderBytes);
    this.header(0, FrameType.Settings, Flag.Ack, 0);
  }

  /** `opaque` holds the eight bytes at `start`. */
  ping(opaque: Uint8Array, start: number, ack: boolean): void {
    this.reserve(frameHeaderBytes + 8);
    this.header(8, FrameType.Ping, ack ? Flag.Ack : 0, 0);
    for (let i = 0; i < 8; i++) this.bytes[this.at++] = opaque[start + i]!;
  }

  resetStream(streamId: number, errorCode: number): void {
    this.reserve(frameHeaderBytes + 4);
    this.header(4, FrameType.ResetStream, 0, streamId);
    this.#uint32(errorCode);
  }

  windowUpdate(streamId: number, increment: number): void {
    this.reserve(frameHeaderBytes + 4);
    this.header(4, FrameType.WindowUpdate, 0, streamId);
    this.#uint32(increment);
  }

  goaway(lastStreamId: number, errorCode: number, debug: Uint8Array): void {
    this.reserve(frameHeaderBytes + 8 + debug.length);
    this.header(8 + debug.length, FrameType.Goaway, 0, 0);
    this.#uint32(lastStreamId);
    this.#uint32(errorCode);
    this.put(debug);
  }

  #uint32(value: number): void {
    writeUint32(this.bytes, this.at, value);
    this.at += 4;
  }

  #newSlab(count: number): void {
    const pending = this.pendingBytes;
    let size = this.#slabBytes;
    while (size < 2 * pending + count) size *= 2;
    const slab = Buffer.allocUnsafeSlow(size);
    if (pending > 0) slab.set(this.bytes.subarray(this.#start, this.at));
    this.bytes = slab;
    this.#start = 0;
    this.at = pending;
    this.#slabBytes = Math.min(2 * this.#slabBytes, slabBytesMax);
  }
}
