/**
 * The thread that writes the backend: one synchronous transaction of LMDB's for each batch, answered when the data and
 * then the meta page are on the disk. An error leaves nothing of the batch to be seen, and is the last answer.
 */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { getSystemErrorName } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../base/assert.ts';
import { nowMs } from '../../base/clock.ts';
import { messageOf } from '../../base/failure.ts';
import type { Table } from '../ports.ts';
import { visitBatch, type BatchBytes } from './lmdb-batch.ts';
import { openEnvironment } from './lmdb-environment.ts';
import { recordChecksum } from './lmdb-record.ts';
import type { WriterError, WriterOptions, WriterReply, WriterRequest } from './lmdb-writer.ts';

assert(parentPort !== null, 'the writer is a thread');
const port = parentPort;
const options = workerData as WriterOptions;
const { root, tables } = openEnvironment(options.path, options.mapSizeBytes);

port.on('message', (request: WriterRequest) => {
  if (request === null) void root.close().then(() => port.close());
  else answer(request);
});

function answer(batch: BatchBytes): void {
  const reply: WriterReply = { chunks: batch.chunks, ...write(batch) };
  port.postMessage(reply, reply.chunks);
}

function write(batch: BatchBytes): Pick<WriterReply, 'error' | 'seconds'> {
  let filledMs = 0;
  try {
    root.transactionSync(() => {
      visitBatch(batch, carryOut);
      filledMs = nowMs();
    });
    return { error: null, seconds: (nowMs() - filledMs) / 1e3 };
  } catch (error) {
    return { error: describe(error, batch), seconds: 0 };
  }
}

function carryOut(table: Table, key: Uint8Array, value: Uint8Array | null): void {
  if (value === null) void tables[table].remove(key);
  else void tables[table].put(key, value, recordChecksum(key, value));
}

/** LMDB's errors carry a number: errno, or one of its own, whose name then begins the text. */
function describe(error: unknown, batch: BatchBytes): WriterError {
  const message = messageOf(error);
  const number = error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : 0;
  if (number <= 0) return { code: message.split(':', 1)[0]!, message };
  const code = getSystemErrorName(-number);
  // A write that was cut short comes out as EIO: LMDB does not ask again why.
  if (code === 'EIO' && isFull(batch)) return { code: 'ENOSPC', message: 'no space left on device' };
  return { code, message };
}

function isFull(batch: BatchBytes): boolean {
  const { bavail, bsize } = statfsSync(dirname(options.path));
  return bavail * bsize < batch.used.reduce((sum, bytes) => sum + bytes, 0) * 2;
}
