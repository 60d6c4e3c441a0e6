/** What a target asserts of every input, and how it writes seeds. */
import { createRandom } from '../../src/base/random.ts';

/** Throws, which the runner counts as a crash. `statement` says what must be true. */
export function check(condition: boolean, statement: string): asserts condition {
  if (!condition) throw new Error(`broken: ${statement}`);
}

export function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

export function fromText(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'utf8'));
}

/** Each octet one character. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** Seeds for decoders that have no grammar to speak of. */
export function noise(count: number, bytes: number): Uint8Array[] {
  const random = createRandom(count * 1_000 + bytes);
  return Array.from({ length: count }, () => {
    const result = new Uint8Array(bytes);
    random.fill(result);
    return result;
  });
}
