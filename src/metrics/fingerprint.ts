/**
 * What the numbers of a run depend on besides the target: machine, system, file system. Asked for before and after a
 * run, beside it and not in front of it: within `limitMs` everything that is known by then is returned.
 */
import { readFile, realpath } from 'node:fs/promises';
import { cpus, hostname, release, totalmem, type as osType } from 'node:os';
import { mountOf } from './mounts.ts';

/** Null: could not be found out. */
export interface Environment {
  readonly hostname: string;
  readonly os: string;
  readonly kernel: string;
  readonly cpuModel: string;
  readonly cpuCount: number;
  readonly cpuMhz: number | null;
  readonly virtualization: string | null;
  readonly memoryBytes: number;
  readonly nodeVersion: string;
}

export interface Storage {
  readonly directory: string;
  readonly fileSystem: string;
  readonly device: string;
}

/** The machine. systeminformation starts about ten short processes for it. */
export async function environment(limitMs = 3_000): Promise<Environment> {
  const known = knownToNode();
  const asked = import('./machine-facts.ts').then(({ machineFacts }) => machineFacts());
  const facts = await within(asked, limitMs);
  return facts === null
    ? known
    : {
        ...known,
        os: facts.os ?? known.os,
        cpuMhz: facts.cpuMhz ?? known.cpuMhz,
        virtualization: facts.virtualization,
      };
}

/** File system and device under a directory; null where the system does not tell. */
export async function storageUnder(directory: string): Promise<Storage | null> {
  try {
    const real = await realpath(directory);
    const mount = mountOf(real, await readFile('/proc/self/mountinfo', 'utf8'));
    return mount === null ? null : { directory: real, fileSystem: mount.fileSystem, device: mount.source };
  } catch {
    return null;
  }
}

function knownToNode(): Environment {
  const cores = cpus();
  const mhz = cores[0]?.speed ?? 0;
  return {
    hostname: hostname(),
    os: osType(),
    kernel: release(),
    cpuModel: cores[0]?.model.trim() ?? 'unknown',
    cpuCount: cores.length,
    cpuMhz: mhz > 0 ? mhz : null,
    virtualization: null,
    memoryBytes: totalmem(),
    nodeVersion: process.version,
  };
}

/** The value, or null when it failed or took too long. */
async function within<T>(asked: Promise<T>, limitMs: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), limitMs);
  });
  try {
    return await Promise.race([asked, late]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
