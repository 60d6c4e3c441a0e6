/**
 * What makes a stored value trustworthy: a CRC-32C over key and value, stored with the value and checked at every read,
 * so that a bad disk or a stray write is a clear refusal and never a wrong answer.
 */
import { crc32c } from '@node-rs/crc32';
import { ExitCode, Failure } from '../../base/failure.ts';
import type { Table } from '../ports.ts';

/** The checksum of one record. The key's hash is where the CRC begins: an intact value under another key is damage too. */
export function recordChecksum(key: Uint8Array, value: Uint8Array): number {
  return crc32c(value, keyHash(key));
}

/** FNV-1a: keys are short, and a loop here costs less than a second call into native code. */
function keyHash(key: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key[i]!, 0x01000193);
  return hash >>> 0;
}

/** `reason` completes "the backend is damaged: ". */
export function damaged(path: string, table: Table, reason: string): Failure {
  return new Failure('BACKEND_DAMAGED', `${path}: the backend is damaged: table "${table}": ${reason}`, {
    exitCode: ExitCode.fail,
    remedy: 'restore the data directory from a snapshot, or remove this member and add it again',
  });
}

/** A key as people can find it again: hex, because revisions are binary. */
export function keyText(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('hex');
}
