/** Bytes <-> one kind of message: what callers and handlers hold, whether generated or hand-written code does the work. */
import { copyBytes } from '../base/bytes.ts';
import type { DeepPartial, MessageFns } from './message.ts';

export type { DeepPartial } from './message.ts';

export interface Codec<T> {
  /** The message's full protobuf name. */
  readonly name: string;
  /** Fields left out have protobuf's defaults. Throws on a 64-bit field outside its range, which is a bug of the caller's. */
  encode(message: DeepPartial<T>): Uint8Array;
  /** Throws DecodeError and nothing else. The message owns its bytes: `bytes` may be reused after the return. */
  decode(bytes: Uint8Array): T;
  /** The same without the copy: byte fields are views, valid as long as `bytes` is. */
  decodeView(bytes: Uint8Array): T;
}

/** The codec of a generated message type. */
export function codecOf<T>(name: string, message: MessageFns<T>): Codec<T> {
  return {
    name,
    encode: (fields) => message.encode(message.fromPartial(fields)).finish(),
    decode: (bytes) => message.decode(copyBytes(bytes)),
    decodeView: (bytes) => message.decode(bytes),
  };
}
