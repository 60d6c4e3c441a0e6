/** CPU time of a process on this host, from /proc: a second witness beside what the process says about itself. */
import { readFile } from 'node:fs/promises';
import { parseProcessCpuSeconds } from './proc-texts.ts';

/** CPU seconds since the process began, all threads; null where there is no /proc or no such process. */
export async function processCpuSeconds(pid: number): Promise<number | null> {
  return parseProcessCpuSeconds(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''));
}
