/** Byte strings: comparison, joining, and the text forms that people and files use. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const emptyBytes: Uint8Array = new Uint8Array(0);

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Decodes UTF-8; malformed sequences become U+FFFD, never an error. */
export function utf8Text(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Unsigned lexicographic order, as etcd orders keys: negative, 0 or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

/** An owned copy: what is kept beyond the turn must not be a slice of a socket's chunk. */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  return Uint8Array.prototype.slice.call(bytes);
}

/**
 * The end of the range of all keys that start with `prefix` (etcd's "prefix end"): the prefix with its last byte below
 * 0xff incremented and what follows cut; `\0`, meaning "to the end", when every byte is 0xff or the prefix is empty.
 */
export function prefixEnd(prefix: Uint8Array): Uint8Array {
  for (let i = prefix.length - 1; i >= 0; i--) {
    const byte = prefix[i]!;
    if (byte < 0xff) {
      const end = prefix.slice(0, i + 1);
      end[i] = byte + 1;
      return end;
    }
  }
  return Uint8Array.of(0);
}
