/** The thread that syncs files: sleeps until it is asked, fdatasync, says how long that took. */
import { fdatasyncSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { nowMs } from '../../base/clock.ts';
import { Word, type SyncerMemory } from './syncer.ts';

const { words, seconds } = workerData as SyncerMemory;

for (let answered = 0; ; answered++) {
  Atomics.wait(words, Word.requests, answered);
  const startMs = nowMs();
  words[Word.errno] = sync(words[Word.descriptor]!);
  seconds[0] = (nowMs() - startMs) / 1e3;
  Atomics.store(words, Word.replies, answered + 1);
  Atomics.notify(words, Word.replies);
}

/** Returns errno, negative; 0 is success. */
function sync(descriptor: number): number {
  try {
    fdatasyncSync(descriptor);
    return 0;
  } catch (error) {
    if (error instanceof Error && 'errno' in error && typeof error.errno === 'number') return error.errno;
    throw error;
  }
}
