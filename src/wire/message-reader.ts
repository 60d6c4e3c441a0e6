/**
 * gRPC messages out of DATA payloads: a five-byte prefix (compressed flag, big-endian length), then the message
 * (grpc/doc/PROTOCOL-HTTP2.md, "Length-Prefixed-Message").
 *
 * Promises: the size limit is checked on the prefix, before a byte is kept; what is kept grows with what has arrived, never
 * with what was merely announced, and is charged to the connection's account; a message within one payload is not copied.
 */
import { emptyBytes } from '../base/bytes.ts';
import type { ByteAccount } from './byte-budget.ts';
import { readUint32 } from './frame.ts';

/** What `next` found. */
export const Read = {
  /** The input is used up. */
  More: 0,
  /** `message` holds one. */
  Message: 1,
  /** `declaredBytes` is over the limit. */
  TooLarge: 2,
  /** The compressed flag is 1. */
  Compressed: 3,
  /** The compressed flag is neither 0 nor 1. */
  Malformed: 4,
  /** The account is exhausted. */
  NoMemory: 5,
} as const;
export type Read = (typeof Read)[keyof typeof Read];

export const prefixBytes = 5;
const growthBytesMin = 16 * 1024;

export class MessageReader {
  /** After Read.Message: valid until the next call, and only while the payload is unless `owned`. */
  message: Uint8Array = emptyBytes;
  /** Whether `message` is a copy of ours. */
  owned = false;
  declaredBytes = 0;
  readonly #bytesMax: number;
  readonly #account: ByteAccount;
  readonly #prefix = new Uint8Array(prefixBytes);
  #prefixFilled = 0;
  #buffer: Uint8Array = emptyBytes;
  #filled = 0;
  #charged = 0;
  #input: Uint8Array = emptyBytes;
  #at = 0;
  #end = 0;

  constructor(bytesMax: number, account: ByteAccount) {
    this.#bytesMax = bytesMax;
    this.#account = account;
  }

  /** In the middle of a message: the end of the stream would cut it. */
  get midMessage(): boolean {
    return this.#prefixFilled > 0;
  }

  /** Offers a payload; call `next` until it says More. */
  feed(input: Uint8Array, start: number, end: number): void {
    this.#input = input;
    this.#at = start;
    this.#end = end;
  }

  /** What `next` has not looked at yet. */
  rest(): Uint8Array {
    return this.#input.subarray(this.#at, this.#end);
  }

  next(): Read {
    this.#letGo();
    if (this.#prefixFilled < prefixBytes) {
      const verdict = this.#readPrefix();
      if (verdict !== Read.Message) return verdict;
    }
    return this.#readBody();
  }

  /** Gives back what is charged; the reader is not used again. */
  close(): void {
    this.#account.release(this.#charged);
    this.#charged = 0;
    this.#buffer = emptyBytes;
    this.#input = emptyBytes;
  }

  /** Read.Message here means: go on with the body. */
  #readPrefix(): Read {
    while (this.#prefixFilled < prefixBytes && this.#at < this.#end) {
      this.#prefix[this.#prefixFilled++] = this.#input[this.#at++]!;
    }
    if (this.#prefixFilled > 0 && this.#prefix[0]! > 1) return Read.Malformed;
    if (this.#prefixFilled < prefixBytes) return this.#starve();
    if (this.#prefix[0] === 1) return Read.Compressed;
    this.declaredBytes = readUint32(this.#prefix, 1);
    return this.declaredBytes > this.#bytesMax ? Read.TooLarge : Read.Message;
  }

  #readBody(): Read {
    const missing = this.declaredBytes - this.#filled;
    const offered = this.#end - this.#at;
    if (this.#filled === 0 && offered >= missing) return this.#borrow(missing);
    const count = Math.min(missing, offered);
    if (count > 0 && !this.#store(count)) return Read.NoMemory;
    return this.#filled < this.declaredBytes ? this.#starve() : this.#deliver(this.#buffer, true);
  }

  #borrow(count: number): Read {
    const message = this.#input.subarray(this.#at, this.#at + count);
    this.#at += count;
    return this.#deliver(message, false);
  }

  #deliver(message: Uint8Array, owned: boolean): Read {
    this.message = message;
    this.owned = owned;
    this.#prefixFilled = 0;
    this.#filled = 0;
    this.#buffer = emptyBytes;
    return Read.Message;
  }

  #starve(): Read {
    this.#input = emptyBytes; // it is the socket's
    return Read.More;
  }

  #store(count: number): boolean {
    if (this.#filled + count > this.#buffer.length && !this.#grow(this.#filled + count)) return false;
    this.#buffer.set(this.#input.subarray(this.#at, this.#at + count), this.#filled);
    this.#filled += count;
    this.#at += count;
    return true;
  }

  #grow(needed: number): boolean {
    if (this.#account.exhausted) return false;
    const size = Math.min(this.declaredBytes, Math.max(growthBytesMin, 2 * needed));
    const buffer = Buffer.allocUnsafeSlow(size);
    buffer.set(this.#buffer.subarray(0, this.#filled));
    this.#account.charge(size - this.#charged);
    this.#charged = size;
    this.#buffer = buffer;
    return true;
  }

  /** The message handed out last is the reader's no longer. */
  #letGo(): void {
    this.message = emptyBytes;
    if (this.#prefixFilled > 0 || this.#charged === 0) return;
    this.#account.release(this.#charged);
    this.#charged = 0;
  }
}
