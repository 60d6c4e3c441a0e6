/** CPU and memory of a process on this host, from /proc: a second witness beside what the process says about itself. */
import { readFile } from 'node:fs/promises';
import { parseProcessCpuSeconds, parseProcessMemory, type ProcessMemory } from './proc-texts.ts';

/** CPU seconds since the process began, all threads; null where there is no /proc or no such process. */
export async function processCpuSeconds(pid: number): Promise<number | null> {
  return parseProcessCpuSeconds(await procText(pid, 'stat'));
}

/** Resident memory; null where there is no /proc or no such process. */
export async function processMemory(pid: number): Promise<ProcessMemory | null> {
  return parseProcessMemory(await procText(pid, 'status'));
}

function procText(pid: number, name: string): Promise<string> {
  return readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
}
