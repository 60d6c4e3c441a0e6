/**
 * HEADERS on their way out. A header list that is sent again and again is kept as a template: encoded once, then copied,
 * for as long as the HPACK table stands still.
 */
import { copyBytes, emptyBytes } from '../base/bytes.ts';
import type { Metadata } from './contract.ts';
import { Flag, FrameType, frameHeaderBytes } from './frame.ts';
import type { FrameWriter } from './frame-writer.ts';
import { HpackEncoder, encodedBoundBytes } from './hpack/encoder.ts';

/** One header list and its encoded block. Belongs to one connection. */
export class HeaderTemplate {
  readonly headers: Metadata;
  /** RFC 9113 6.5.2: name + value + 32 for each field. */
  readonly listBytes: number;
  block: Uint8Array = emptyBytes;
  /** Of the encoder, when `block` was made; -1 is never. */
  generation = -1;

  constructor(headers: Metadata) {
    this.headers = headers;
    this.listBytes = headers.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
  }
}

export class HeaderWriter {
  /** The peer's SETTINGS_MAX_FRAME_SIZE. */
  frameBytesMax: number;
  /** Blocks written. */
  written = 0;
  readonly #out: FrameWriter;
  readonly #encoder = new HpackEncoder();

  constructor(out: FrameWriter, frameBytesMax: number) {
    this.#out = out;
    this.frameBytesMax = frameBytesMax;
  }

  setPeerTableBytes(bytes: number): void {
    this.#encoder.setPeerTableBytes(bytes);
  }

  writeTemplate(streamId: number, template: HeaderTemplate, endStream: boolean): void {
    const { length } = template.block;
    const stands = template.generation === this.#encoder.generation && length <= this.frameBytesMax;
    if (!stands) return this.#encodeTemplate(streamId, template, endStream);
    const out = this.#out;
    this.written++;
    out.reserve(frameHeaderBytes + length);
    out.header(length, FrameType.Headers, Flag.EndHeaders | (endStream ? Flag.EndStream : 0), streamId);
    out.put(template.block);
  }

  write(streamId: number, headers: Metadata, endStream: boolean): void {
    const out = this.#out;
    this.written++;
    out.reserve(frameHeaderBytes + encodedBoundBytes(headers));
    const frameAt = out.at;
    const end = this.#encoder.encode(headers, out.bytes, frameAt + frameHeaderBytes);
    const length = end - frameAt - frameHeaderBytes;
    if (length > this.frameBytesMax) return this.#split(streamId, endStream, end);
    out.header(length, FrameType.Headers, Flag.EndHeaders | (endStream ? Flag.EndStream : 0), streamId);
    out.at = end;
  }

  /** What this encoding put into the table was sent with it, so the same bytes serve again only if it put in nothing. */
  #encodeTemplate(streamId: number, template: HeaderTemplate, endStream: boolean): void {
    const generation = this.#encoder.generation;
    const pendingBytes = this.#out.pendingBytes;
    this.write(streamId, template.headers, endStream);
    const { at, bytes } = this.#out;
    const length = this.#out.pendingBytes - pendingBytes - frameHeaderBytes;
    if (this.#encoder.generation !== generation || length > this.frameBytesMax) return;
    template.block = copyBytes(bytes.subarray(at - length, at));
    template.generation = generation;
  }

  /** HEADERS and CONTINUATIONs (RFC 9113 6.10) from a block that is too long for one frame. */
  #split(streamId: number, endStream: boolean, end: number): void {
    const out = this.#out;
    const block = copyBytes(out.bytes.subarray(out.at + frameHeaderBytes, end));
    for (let at = 0; at < block.length; at += this.frameBytesMax) {
      const part = block.subarray(at, at + this.frameBytesMax);
      const last = at + part.length === block.length;
      const flags = (last ? Flag.EndHeaders : 0) | (at === 0 && endStream ? Flag.EndStream : 0);
      out.reserve(frameHeaderBytes + part.length);
      out.header(part.length, at === 0 ? FrameType.Headers : FrameType.Continuation, flags, streamId);
      out.put(part);
    }
  }
}
