import { describe, expect, it } from 'vitest';
import { mountOf } from '../../src/metrics/mounts.ts';

const mountinfo = `22 27 0:21 / /proc rw,relatime - proc proc rw
24 27 0:6 / /dev rw,relatime - devtmpfs devtmpfs rw,size=12334492k
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
30 27 0:27 / /tmp rw,relatime shared:3 master:1 - tmpfs tmpfs rw
31 27 8:17 / /var/lib/etcd rw,noatime - xfs /dev/sdb1 rw
32 27 0:40 /sub /var/lib/my\\040disk rw - btrfs /dev/sdc rw
33 27 0:50 / /srv rw - overlay overlay rw,lowerdir=/a,upperdir=/b - c
34 33 8:33 / /srv rw - ext4 /dev/sdd rw
35 27 8:1 / /var/lib/etc rw - ext3 /dev/sda1 rw
a line that is none
36 27 8:1 / /half - ext3
`;

describe('where a directory lies', () => {
  it.each([
    { path: '/', fileSystem: 'ext4', source: '/dev/vda', deviceId: '254:0' },
    { path: '/opt/data', fileSystem: 'ext4', source: '/dev/vda', deviceId: '254:0' },
    { path: '/tmp/a/b', fileSystem: 'tmpfs', source: 'tmpfs', deviceId: '0:27' },
    { path: '/tmpfile', fileSystem: 'ext4', source: '/dev/vda', deviceId: '254:0' },
    { path: '/var/lib/etcd', fileSystem: 'xfs', source: '/dev/sdb1', deviceId: '8:17' },
    { path: '/var/lib/etcd/member/wal', fileSystem: 'xfs', source: '/dev/sdb1', deviceId: '8:17' },
    { path: '/var/lib/my disk/wal', fileSystem: 'btrfs', source: '/dev/sdc', deviceId: '0:40' },
    { path: '/srv/x', fileSystem: 'ext4', source: '/dev/sdd', deviceId: '8:33' },
    { path: '/half/x', fileSystem: 'ext4', source: '/dev/vda', deviceId: '254:0' },
  ])('$path on $fileSystem', ({ path, ...expected }) => expect(mountOf(path, mountinfo)).toMatchObject(expected));

  it('is unknown without a mount table', () => expect(mountOf('/', '')).toBeNull());
});
