/** Metadata as gRPC restricts it (grpc/doc/PROTOCOL-HTTP2.md, "Custom-Metadata"), and the base64 of `-bin` values. */
import type { Metadata } from './contract.ts';

/** A `-bin` value for the wire: base64, sent without padding. */
export function binValue(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64').replace(/=+$/, '');
}

/** The bytes of a `-bin` value; padding is accepted, and only the first of values joined by commas is read. */
export function binBytes(value: string): Uint8Array {
  const comma = value.indexOf(',');
  return Buffer.from(comma < 0 ? value : value.slice(0, comma), 'base64');
}

/** The first value under a name, or null. */
export function metadataValue(metadata: Metadata, name: string): string | null {
  for (const field of metadata) if (field[0] === name) return field[1];
  return null;
}

const nameForm = /^[0-9a-z_.-]+$/;
const valueForm = /^[ -~]*$/;
const reserved = /^(grpc-|te$|content-type$|content-length$|host$|connection$|transfer-encoding$|upgrade$)/;

/** Why this metadata cannot be sent, in one clause; '' when it can. */
export function metadataFault(metadata: Metadata): string {
  for (const [name, value] of metadata) {
    if (!nameForm.test(name)) return `metadata key "${name}" contains illegal characters`;
    if (reserved.test(name)) return `metadata key "${name}" is reserved`;
    if (!valueForm.test(value) || value.trim() !== value) return `metadata key "${name}" has an unprintable value`;
  }
  return '';
}
