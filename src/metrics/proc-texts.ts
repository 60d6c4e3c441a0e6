/**
 * The texts of Linux's /proc, read: pure functions, null where a text is not what proc(5) describes. Counters count from
 * the start of the machine or process; whoever wants rates takes two and divides (host-sampler.ts).
 */

/** The kernel counts CPU time for user space in hundredths of a second (USER_HZ) wherever Node runs. */
const ticksPerSec = 100;
/** diskstats counts in sectors of 512 bytes, whatever the disk's own are. */
const sectorBytes = 512;

/** CPU time of all cores together, in ticks. */
export interface CpuTimes {
  /** Used by somebody on this host, in user space or in the kernel. */
  readonly busy: number;
  /** Idle while a disk was being waited for. The kernel warns that it may decrease. */
  readonly ioWait: number;
  /** Wanted, but given to another guest by the hypervisor. */
  readonly steal: number;
  readonly total: number;
}

/** /proc/stat. Time of guests is part of user time already. */
export function parseCpuTimes(stat: string): CpuTimes | null {
  const fields = /^cpu +(\d+(?: +\d+)*) *$/m.exec(stat)?.[1]?.split(/ +/).map(Number) ?? [];
  if (fields.length < 4) return null;
  const [user, nice, system, idle, ioWait = 0, irq = 0, softIrq = 0, steal = 0] = fields as [
    number,
    number,
    number,
    number,
  ];
  const busy = user + nice + system + irq + softIrq;
  return { busy, ioWait, steal, total: busy + idle + ioWait + steal };
}

/** /proc/meminfo: what programs could still take without swapping, in bytes. */
export function parseMemoryAvailable(meminfo: string): number | null {
  return kilobytes(meminfo, 'MemAvailable');
}

/** A block device since it was attached. */
export interface DiskTimes {
  readonly writes: number;
  readonly writtenBytes: number;
  /** Milliseconds in which at least one request was under way. */
  readonly busyMs: number;
}

/** /proc/diskstats: the line of a device given as `major:minor` or by its name. */
export function parseDiskTimes(diskstats: string, device: string): DiskTimes | null {
  for (const line of diskstats.split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (`${fields[0]}:${fields[1]}` !== device && fields[2] !== device) continue;
    const [writes, sectors, busyMs] = [7, 9, 12].map((i) => Number(fields[i] ?? NaN));
    if ([writes, sectors, busyMs].some(Number.isNaN)) return null;
    return { writes: writes!, writtenBytes: sectors! * sectorBytes, busyMs: busyMs! };
  }
  return null;
}

/** /proc/pressure/cpu or io: microseconds in which some task waited for it. Not every kernel measures pressure. */
export function parsePressureUs(pressure: string): number | null {
  const total = /^some .*\btotal=(\d+)/m.exec(pressure)?.[1];
  return total === undefined ? null : Number(total);
}

/** /proc/PID/stat: CPU seconds of the process, its threads and nothing else. The name in brackets may hold anything. */
export function parseProcessCpuSeconds(stat: string): number | null {
  const afterName = stat
    .slice(stat.lastIndexOf(')') + 1)
    .trim()
    .split(/\s+/);
  // Fields 14 (utime) and 15 (stime); the name is field 2.
  const ticks = Number(afterName[11] ?? NaN) + Number(afterName[12] ?? NaN);
  return Number.isNaN(ticks) ? null : ticks / ticksPerSec;
}

/** Memory of a process in bytes. */
export interface ProcessMemory {
  readonly residentBytes: number;
  /** Of them, not backed by a file: heaps and stacks. Null in kernels before 4.5. */
  readonly anonymousBytes: number | null;
}

/** /proc/PID/status; null for a process that has ended, whose memory is gone. */
export function parseProcessMemory(status: string): ProcessMemory | null {
  const residentBytes = kilobytes(status, 'VmRSS');
  return residentBytes === null ? null : { residentBytes, anonymousBytes: kilobytes(status, 'RssAnon') };
}

/** Virtual memory in bytes, from the same text. */
export function parseVirtualBytes(status: string): number | null {
  return kilobytes(status, 'VmSize');
}

/** /proc/PID/limits: the soft limit of a resource by its name there; Infinity when there is none. */
export function parseSoftLimit(limits: string, name: string): number | null {
  const value = new RegExp(`^${name} +(\\S+)`, 'm').exec(limits)?.[1];
  if (value === undefined) return null;
  return value === 'unlimited' ? Infinity : Number(value);
}

function kilobytes(text: string, field: string): number | null {
  const value = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1];
  return value === undefined ? null : Number(value) * 1024;
}
