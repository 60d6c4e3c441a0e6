/**
 * On what a directory lies, from /proc/self/mountinfo (proc(5)): a verdict about a disk that was taken on tmpfs, or on a
 * container's overlay, would be a lie.
 */
export interface Mount {
  readonly point: string;
  readonly fileSystem: string;
  /** What is mounted: a device's path, or a word like `tmpfs` and `overlay`. */
  readonly source: string;
  /** `major:minor` of the file system's device; major 0 has no disk of its own. */
  readonly deviceId: string;
}

/** The mount that an absolute `path` is on: the longest mount point above it; of equal ones the last, which hides others. */
export function mountOf(path: string, mountinfo: string): Mount | null {
  let best: Mount | null = null;
  for (const line of mountinfo.split('\n')) {
    const mount = parseMount(line);
    if (mount === null || !isAbove(mount.point, path)) continue;
    if (best === null || mount.point.length >= best.point.length) best = mount;
  }
  return best;
}

/** `36 35 98:0 /root /point options [optional fields] - type source superoptions` */
function parseMount(line: string): Mount | null {
  const separator = line.indexOf(' - ');
  if (separator === -1) return null;
  const [, , deviceId, , point] = line.slice(0, separator).split(' ');
  const [fileSystem, source] = line.slice(separator + 3).split(' ');
  if (deviceId === undefined || point === undefined || fileSystem === undefined || source === undefined) return null;
  return { point: unescapeOctal(point), fileSystem, source: unescapeOctal(source), deviceId };
}

/** Spaces, tabs, newlines and backslashes are written as three octal digits. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}

function isAbove(point: string, path: string): boolean {
  return point === '/' || path === point || path.startsWith(`${point}/`);
}
