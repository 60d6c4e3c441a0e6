/**
 * What makes a stored value trustworthy: a CRC-32C over key and value, stored with the value and checked at every read,
 * so that a bad disk or a stray write is a clear refusal and never a wrong answer.
 */
import { ExitCode, Failure } from '../../base/failure.ts';
import type { Table } from '../ports.ts';
import { crc32c } from './crc32c.ts';

/** Of one record. The key comes first: an intact value under another key is damage too. */
export function recordChecksum(key: Uint8Array, value: Uint8Array): number {
  return crc32c(value, crc32c(key));
}

/** `reason` completes "the backend is damaged". */
export function damaged(path: string, table: Table, reason: string, cause?: unknown): Failure {
  return new Failure('BACKEND_DAMAGED', `${path}: the backend is damaged: table "${table}": ${reason}`, {
    exitCode: ExitCode.fail,
    remedy: 'restore the data directory from a snapshot, or remove this member and add it again empty',
    cause,
  });
}

/** A key as people can find it again: in hex, because revisions are binary. */
export function keyText(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('hex');
}
