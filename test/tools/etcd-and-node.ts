/**
 * Debian's etcd and our node with the same name, URLs and token, so that member id, cluster id and every header are equal.
 * Only where they listen differs.
 */
import { startEtcd } from './etcd.ts';
import { startNode } from './node.ts';

export interface Pair {
  readonly etcdUrl: string;
  readonly nodeUrl: string;
  stop(): Promise<void>;
}

/** `args` go to both. */
export async function startPair(args: readonly string[] = []): Promise<Pair> {
  const etcd = await startEtcd({ args });
  const { name, peerUrl } = etcd;
  const node = await startNode({
    args: [
      `--name=${name}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=${name}=${peerUrl}`,
      `--advertise-client-urls=${etcd.url}`,
      ...args,
    ],
  });
  return {
    etcdUrl: etcd.url,
    nodeUrl: node.url,
    stop: async () => {
      await Promise.all([etcd.stop(), node.stop()]);
    },
  };
}
