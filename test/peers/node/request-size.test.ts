/** --max-request-bytes, to the byte: what a real etcd takes we take, what it refuses we refuse, in the same words. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PutRequest } from '../../../src/api/gen/etcdserverpb/kv.ts';
import { KV } from '../../../src/api/methods.ts';
import { startPair, type Pair } from '../../tools/etcd-and-node.ts';
import { RawGrpc } from '../../tools/raw-grpc.ts';

const maxRequestBytes = 20_000;
/** Around the edge, wherever in a request the bytes are. */
const sizes = Array.from({ length: 80 }, (_, i) => maxRequestBytes - 70 + i);

let pair: Pair;
let clients: RawGrpc[] = [];

beforeAll(async () => {
  pair = await startPair([`--max-request-bytes=${maxRequestBytes}`]);
  clients = [pair.etcdUrl, pair.nodeUrl].map((url) => new RawGrpc(new URL(url).host));
});
afterAll(async () => {
  for (const client of clients) client.close();
  await pair.stop();
});

const put = (size: number) => PutRequest.fromPartial({ key: Buffer.from('k'), value: Buffer.alloc(size, 1) });
const requests = {
  Put: (size: number) => ({ path: KV.Put.path, bytes: KV.Put.request.encode(put(size)) }),
  Txn: (size: number) => ({
    path: KV.Txn.path,
    bytes: KV.Txn.request.encode({
      compare: [],
      success: [{ request: { $case: 'request_put', value: put(size) } }],
      failure: [],
    }),
  }),
  DeleteRange: (size: number) => ({
    path: KV.DeleteRange.path,
    bytes: KV.DeleteRange.request.encode({ key: Buffer.alloc(size, 1), range_end: new Uint8Array(0) }),
  }),
};

it.each(Object.entries(requests))('%s', async (_name, requestOf) => {
  const answers = await Promise.all(
    clients.map(async (client) => {
      const texts: string[] = [];
      for (const size of sizes) {
        const { path, bytes } = requestOf(size);
        texts.push(
          await client.unary(path, bytes).then(
            () => '',
            (thrown: { details: string }) => thrown.details,
          ),
        );
      }
      return texts;
    }),
  );
  const [etcd, node] = answers as [string[], string[]];
  expect(node).toEqual(etcd);
  expect(new Set(etcd)).toEqual(new Set(['', 'etcdserver: request is too large']));
});
