/** Which file system and device the server wrote to, and whether a figure about the disk means anything there. */
import type { TargetInfo } from '../../bench/result.ts';
import { skipped, type RunCheck } from './run-check.ts';

/** On these an fsync costs nothing, or goes to some other file system than the one a cluster will use. */
const volatileFileSystems = new Set(['tmpfs', 'ramfs', 'overlay', 'overlayfs', 'aufs', 'devtmpfs']);
const networkFileSystems = new Set(['nfs', 'nfs4', 'cifs', 'smb3', '9p', 'ceph', 'glusterfs', 'fuse.sshfs']);

/** The file system's name when a figure about the disk would be a lie on it; null when it is a disk, or not known. */
export function volatileStorage(target: TargetInfo): string | null {
  const fileSystem = target.storage?.fileSystem ?? null;
  return fileSystem !== null && volatileFileSystems.has(fileSystem) ? fileSystem : null;
}

/** For a verdict line: `ext4 (/dev/vda1)`, or null when the server's disk is not known. */
export function storageWords(target: TargetInfo): string | null {
  return target.storage === null ? null : `${target.storage.fileSystem} (${target.storage.device})`;
}

/** Says where the data lay, and warns when that is no disk of a cluster. */
export const storage: RunCheck = {
  id: 'storage',
  title: 'The data lies on a disk like the one in production',
  threshold: 'no tmpfs, no overlay, no network file system',
  why: 'On tmpfs an fsync is free, so what a run says about the disk would be a lie.',
  judge: ({ target }) => {
    const words = storageWords(target);
    if (target.storage === null || words === null)
      return skipped('the server was not started here: its disk is not known');
    if (volatileStorage(target) !== null) {
      return {
        status: 'skip',
        evidence: `the disk verdict is INCONCLUSIVE: the data lay on ${words}`,
        remedy: 'Repeat with --out on the file system that the cluster will use.',
      };
    }
    if (networkFileSystems.has(target.storage.fileSystem)) {
      return {
        status: 'warn',
        evidence: `the data lay on ${words}, behind a network`,
        remedy: 'Repeat with --out on a local disk: etcd is not made for network file systems.',
        cause: `every fsync crosses the network (${words})`,
      };
    }
    return { status: 'pass', evidence: words };
  },
};
