/** What every generated message type offers, and the shape in which callers write one: any field may be left out. */
import type { ProtoReader } from './proto-reader.ts';
import type { ProtoWriter } from './proto-writer.ts';

type Whole = Uint8Array | string | number | boolean | bigint | undefined;

/** A message with any fields left out, at any depth; what is left out has protobuf's default. */
export type DeepPartial<T> = T extends Whole
  ? T
  : T extends readonly (infer U)[]
    ? readonly DeepPartial<U>[]
    : T extends { $case: string; value: unknown }
      ? { readonly $case: T['$case']; readonly value: DeepPartial<T['value']> }
      : { readonly [K in keyof T]?: DeepPartial<T[K]> };

/** The functions that the generator writes beside each message type. */
export interface MessageFns<T> {
  encode(message: T, writer?: ProtoWriter): ProtoWriter;
  /** Throws DecodeError and nothing else. Byte fields are views of the input. */
  decode(input: ProtoReader | Uint8Array, length?: number): T;
  create(base?: DeepPartial<T>): T;
  fromPartial(object: DeepPartial<T>): T;
}
