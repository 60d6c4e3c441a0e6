import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { removeKeys, type CleanupJob } from '../../src/bench/cleanup.ts';
import { removalCommand } from '../../src/bench/removal-command.ts';
import { Code, StatusError } from '../../src/wire/status.ts';
import { FakeCluster } from '../tools/fake-cluster.ts';

const prefix = '/quorumbench/0123/';
const job: CleanupJob = {
  prefix,
  keyBytesMax: 300,
  unanswered: false,
  signal: new AbortController().signal,
  onProgress: () => {},
};
const others = ['/quorumbench/0123', '/quorumbench/01230', '/quorumbench/012', '/quorumbench/0124/x', '/a', '~'];

function clusterWith(count: number): FakeCluster {
  const cluster = new FakeCluster();
  cluster.put(...others);
  for (let i = 0; i < count; i++) cluster.put(`${prefix}${String(i).padStart(8, '0')}`);
  return cluster;
}

/** Pauses pass at once. */
async function cleanUp(cluster: FakeCluster, changed: Partial<CleanupJob> = {}): ReturnType<typeof removeKeys> {
  const result = removeKeys(cluster, { ...job, ...changed });
  await vi.runAllTimersAsync();
  return result;
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'hrtime'] }));
afterEach(() => void vi.useRealTimers());

describe('clean-up', () => {
  it.each([0, 1, 499, 500, 501, 5_000, 5_001, 12_345])('of %i keys leaves those of others alone', async (count) => {
    const cluster = clusterWith(count);
    const result = await cleanUp(cluster);
    expect(result).toMatchObject({ keysRemoved: count, keysLeft: 0, error: null });
    expect([...cluster.keys].sort()).toEqual([...others].sort());
    expect(cluster.largestDelete).toBeLessThanOrEqual(500);
  });

  it('takes smaller pages of longer keys', async () => {
    const cluster = clusterWith(30);
    await cleanUp(cluster, { keyBytesMax: 1024 * 1024 });
    expect(cluster.largestDelete).toBe(4);
  });

  it('removes keys that were put behind its back', async () => {
    const cluster = clusterWith(600);
    cluster.before = (method, nth) => {
      if (method === 'DeleteRange' && nth === 2) cluster.put(`${prefix}00000000a`, `${prefix}zzz`);
    };
    const result = await cleanUp(cluster);
    expect(result).toMatchObject({ keysLeft: 0, error: null });
    expect(cluster.keys.size).toBe(others.length);
  });

  it('looks again after a while when puts were not answered', async () => {
    const cluster = clusterWith(3);
    let counts = 0;
    cluster.before = (method) => {
      if (method === 'Range' && ++counts === 3) cluster.put(`${prefix}late`);
    };
    const result = await cleanUp(cluster, { unanswered: true });
    expect(result).toMatchObject({ keysRemoved: 4, keysLeft: 0, error: null });
  });

  it('goes on after a fault, and says so when it stays', async () => {
    const cluster = clusterWith(700);
    let deletes = 0;
    cluster.before = (method) => {
      if (method === 'DeleteRange' && ++deletes === 2)
        throw new StatusError(Code.Unavailable, 'etcdserver: leader changed');
    };
    expect(await cleanUp(cluster)).toMatchObject({ keysLeft: 0, error: null });

    const dead = clusterWith(1);
    dead.before = () => {
      throw new StatusError(Code.Unavailable, 'connection refused');
    };
    expect(await cleanUp(dead)).toMatchObject({ keysRemoved: 0, keysLeft: null, error: 'connection refused' });
  });

  it('is not given up as long as keys go away', async () => {
    const cluster = clusterWith(8_000);
    let deletes = 0;
    cluster.before = (method) => {
      if (method === 'DeleteRange' && ++deletes % 2 === 0) throw new StatusError(Code.Unavailable, 'goaway');
    };
    expect(await cleanUp(cluster)).toMatchObject({ keysRemoved: 8_000, keysLeft: 0, error: null });
  });

  it('stops when nobody wants to wait, and tells what is left', async () => {
    const cluster = clusterWith(2_000);
    const abandon = new AbortController();
    const onProgress = (removed: number) => {
      if (removed >= 1_000) abandon.abort();
    };
    const result = await cleanUp(cluster, { signal: abandon.signal, onProgress });
    expect(result).toMatchObject({ keysRemoved: 1_000, keysLeft: 1_000, error: 'interrupted' });
  });
});

describe('the command that removes the rest by hand', () => {
  it.each([
    { typed: [], flags: [] },
    { typed: ['--cacert', 'ca.crt', '--json'], flags: ['--cacert=ca.crt'] },
    { typed: ['--key=k', '--cert=c', '--out', 'x'], flags: ['--cert=c', '--key=k'] },
    { typed: ['--user', 'root:se:cret'], flags: ['--user=root'] },
    { typed: ['--user=root:secret'], flags: ['--user=root'] },
  ])('after $typed connects with $flags', ({ typed, flags }) => {
    const command = ['bench', 'run', 'w.yaml', ...typed];
    expect(removalCommand(prefix, ['http://a:2379', 'http://b:2379'], command)).toEqual([
      'etcdctl',
      '--endpoints=http://a:2379,http://b:2379',
      ...flags,
      'del',
      '--prefix',
      prefix,
    ]);
  });
});
