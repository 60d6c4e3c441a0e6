/**
 * HTTP/2 frames as tests write and read them, by hand from RFC 9113 section 4 and 6, right or wrong as asked for.
 * Nothing of the engine is used here, so that a mistake cannot hide in both. Header blocks are written as literals
 * without Huffman, without tables; they are read with the HPACK decoder, which test/wire/hpack holds against nghttp2.
 */
import type { Metadata } from '../../src/wire/contract.ts';
import { HpackDecoder } from '../../src/wire/hpack/decoder.ts';

export const FrameType = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const Flag = { END_STREAM: 1, ACK: 1, END_HEADERS: 4, PADDED: 8, PRIORITY: 0x20 } as const;

export const ErrorCode = {
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  SETTINGS_TIMEOUT: 4,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  CONNECT_ERROR: 10,
  ENHANCE_YOUR_CALM: 11,
  INADEQUATE_SECURITY: 12,
  HTTP_1_1_REQUIRED: 13,
} as const;
export type ErrorName = keyof typeof ErrorCode;

export const Setting = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;

export const preface: Uint8Array = ascii('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export function ascii(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** Any frame, sensible or not. `length` lies about the payload's length when given. */
export function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array = ascii(''),
  length = payload.length,
): Uint8Array {
  const head = Uint8Array.of(length >>> 16, length >>> 8, length, type, flags);
  return concat(head, uint32(streamId), payload);
}

export function settings(pairs: readonly (readonly [id: number, value: number])[] = []): Uint8Array {
  const payload = pairs.map(([id, value]) => concat(Uint8Array.of(id >>> 8, id), uint32(value)));
  return frame(FrameType.SETTINGS, 0, 0, concat(...payload));
}

export const settingsAck: Uint8Array = frame(FrameType.SETTINGS, Flag.ACK, 0);

export function ping(text: string, flags = 0): Uint8Array {
  return frame(FrameType.PING, flags, 0, ascii(text));
}

export function goaway(lastStreamId: number, code: number, debug = ''): Uint8Array {
  return frame(FrameType.GOAWAY, 0, 0, concat(uint32(lastStreamId), uint32(code), ascii(debug)));
}

export function resetStream(streamId: number, code: number): Uint8Array {
  return frame(FrameType.RST_STREAM, 0, streamId, uint32(code));
}

export function windowUpdate(streamId: number, increment: number): Uint8Array {
  return frame(FrameType.WINDOW_UPDATE, 0, streamId, uint32(increment));
}

export function priority(streamId: number, dependsOn = 0, weight = 15): Uint8Array {
  return frame(FrameType.PRIORITY, 0, streamId, concat(uint32(dependsOn), Uint8Array.of(weight)));
}

export function data(streamId: number, payload: Uint8Array, flags = 0): Uint8Array {
  return frame(FrameType.DATA, flags, streamId, payload);
}

/** Payload with a pad length in front and that many zeros behind. */
export function padded(payload: Uint8Array, padLength: number, pad = padLength): Uint8Array {
  return concat(Uint8Array.of(padLength), payload, new Uint8Array(pad));
}

/** HEADERS with the whole block, END_HEADERS set unless told otherwise. */
export function headers(streamId: number, list: Metadata | Uint8Array, flags: number = Flag.END_HEADERS): Uint8Array {
  return frame(FrameType.HEADERS, flags, streamId, list instanceof Uint8Array ? list : block(list));
}

export function continuation(streamId: number, payload: Uint8Array, flags: number = Flag.END_HEADERS): Uint8Array {
  return frame(FrameType.CONTINUATION, flags, streamId, payload);
}

/** HPACK: every field a literal without indexing, its strings plain (RFC 7541 6.2.2). */
export function block(list: Metadata): Uint8Array {
  return concat(...list.map(([name, value]) => concat(Uint8Array.of(0), hpackString(name), hpackString(value))));
}

/** HPACK: one field as a literal with indexing (RFC 7541 6.2.1): it becomes the newest entry, index 62. */
export function learnedField(name: string, value: string): Uint8Array {
  return concat(Uint8Array.of(0x40), hpackString(name), hpackString(value));
}

function hpackString(text: string): Uint8Array {
  return concat(hpackInteger(text.length, 7), ascii(text));
}

/** RFC 7541 5.1, the pattern bits zero. */
function hpackInteger(value: number, prefixBits: number): Uint8Array {
  const prefixMax = (1 << prefixBits) - 1;
  if (value < prefixMax) return Uint8Array.of(value);
  const octets = [prefixMax];
  let rest = value - prefixMax;
  for (; rest >= 128; rest = Math.floor(rest / 128)) octets.push((rest % 128) + 128);
  return Uint8Array.from([...octets, rest]);
}

/** A gRPC message with its five-byte prefix. */
export function message(payload: Uint8Array | string, compressed = 0): Uint8Array {
  const bytes = typeof payload === 'string' ? ascii(payload) : payload;
  return concat(Uint8Array.of(compressed), uint32(bytes.length), bytes);
}

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Uint8Array;
}

/** Splits what a side has written, so far as frames are complete; `prefaced` skips a client's connection preface. */
export class FrameReader {
  #pending: Uint8Array = ascii('');
  readonly #hpack = new HpackDecoder({ tableBytesMax: 65_536, listBytesMax: 1e7, fieldCountMax: 1e5 });
  #block: Uint8Array = ascii('');
  #prefaceLeft: number;

  constructor(prefaced: boolean) {
    this.#prefaceLeft = prefaced ? preface.length : 0;
  }

  /** Bytes of a frame that is not complete yet. */
  get pendingBytes(): number {
    return this.#pending.length;
  }

  push(bytes: Uint8Array): Seen[] {
    this.#pending = concat(this.#pending, bytes);
    if (this.#pending.length < this.#prefaceLeft) return [];
    this.#pending = this.#pending.slice(this.#prefaceLeft);
    this.#prefaceLeft = 0;
    const seen: Seen[] = [];
    for (let next = this.#next(); next !== null; next = this.#next()) seen.push(this.#read(next));
    return seen;
  }

  #next(): Frame | null {
    const bytes = this.#pending;
    if (bytes.length < 9) return null;
    const length = (bytes[0]! << 16) | (bytes[1]! << 8) | bytes[2]!;
    if (bytes.length < 9 + length) return null;
    this.#pending = bytes.slice(9 + length);
    return { type: bytes[3]!, flags: bytes[4]!, streamId: word(bytes, 5), payload: bytes.slice(9, 9 + length) };
  }

  #read(raw: Frame): Seen {
    const list = this.#headersOf(raw);
    return { ...raw, name: nameOf(raw.type), ...(list === null ? {} : { headers: list }), ...codeOf(raw) };
  }

  /** Our own side writes neither padding nor priority, which is checked by reading none. */
  #headersOf(raw: Frame): Metadata | null {
    if (raw.type !== FrameType.HEADERS && raw.type !== FrameType.CONTINUATION) return null;
    this.#block = concat(this.#block, raw.payload);
    if ((raw.flags & Flag.END_HEADERS) === 0) return null;
    const whole = this.#block;
    this.#block = ascii('');
    return this.#hpack.decode(whole, 0, whole.length).headers;
  }
}

/** A frame as a test looks at it. */
export interface Seen extends Frame {
  readonly name: string;
  /** Of the frame that ends a header block. */
  readonly headers?: Metadata;
  /** Of RST_STREAM and GOAWAY. */
  readonly code?: string;
  /** Of GOAWAY. */
  readonly lastStreamId?: number;
  readonly debug?: string;
}

function errorName(code: number): string {
  const names = Object.keys(ErrorCode) as ErrorName[];
  return names.find((name) => ErrorCode[name] === code) ?? `error ${code}`;
}

function nameOf(type: number): string {
  const names = Object.keys(FrameType) as (keyof typeof FrameType)[];
  return names.find((name) => FrameType[name] === type) ?? `type ${type}`;
}

function codeOf(raw: Frame): { code?: string; lastStreamId?: number; debug?: string } {
  if (raw.type === FrameType.RST_STREAM) return { code: errorName(word(raw.payload, 0)) };
  if (raw.type !== FrameType.GOAWAY) return {};
  const debug = Buffer.from(raw.payload.subarray(8)).toString('latin1');
  return { lastStreamId: word(raw.payload, 0), code: errorName(word(raw.payload, 4)), debug };
}

export function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
