/**
 * On what a directory lies: its file system and block device, from /proc/self/mountinfo (proc(5)). A verdict about a
 * disk that was taken on tmpfs is a lie, so this stands in every result.
 */
import { readFile, realpath } from 'node:fs/promises';
import type { Storage } from './result.ts';

interface Mount {
  readonly point: string;
  readonly fileSystem: string;
  readonly device: string;
}

/** File system and device under `directory`; null where mountinfo does not exist or does not say. */
export async function storageUnder(directory: string): Promise<Storage | null> {
  try {
    const real = await realpath(directory);
    const mount = mountOf(real, await readFile('/proc/self/mountinfo', 'utf8'));
    return mount === null ? null : { directory: real, fileSystem: mount.fileSystem, device: mount.device };
  } catch {
    return null;
  }
}

/** The mount that `path` is on: the longest mount point above it, and of equal ones the last, which hides the others. */
export function mountOf(path: string, mountinfo: string): Mount | null {
  let best: Mount | null = null;
  for (const line of mountinfo.split('\n')) {
    const mount = parseMount(line);
    if (mount === null || !isAbove(mount.point, path)) continue;
    if (best === null || mount.point.length >= best.point.length) best = mount;
  }
  return best;
}

/** `36 35 98:0 /root /point options [optional fields] - fstype source superoptions` */
function parseMount(line: string): Mount | null {
  const [left, right] = line.split(' - ');
  const point = left?.split(' ')[4];
  const [fileSystem, device] = right?.split(' ') ?? [];
  if (point === undefined || fileSystem === undefined || device === undefined) return null;
  return { point: unescape(point), fileSystem, device: unescape(device) };
}

/** Spaces, tabs, newlines and backslashes stand as three octal digits. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}

function isAbove(point: string, path: string): boolean {
  return point === '/' || path === point || path.startsWith(`${point}/`);
}
