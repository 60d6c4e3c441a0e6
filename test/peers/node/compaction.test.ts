/** A real node in the middle of a compaction: killed, and with readers that stand still. */
import { once } from 'node:events';
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { afterEach, expect, it } from 'vitest';
import { RangeResponse } from '../../../src/api/gen/etcdserverpb/kv.ts';
import { KV } from '../../../src/api/methods.ts';
import { utf8, utf8Text } from '../../../src/base/bytes.ts';
import { Client } from '../../../src/client/client.ts';
import { defaultChannelSettings } from '../../../src/client/connect.ts';
import { parseEndpoint } from '../../../src/client/endpoint.ts';
import { startNode, type BenchNode } from '../../tools/node.ts';

const key = utf8('a');

let node: BenchNode;
let client: Client;
afterEach(async () => {
  await client.close();
  await node.stop(false);
});

function clientOf({ url }: BenchNode): Client {
  const endpoints = [parseEndpoint(url)];
  return new Client({ endpoints, channel: defaultChannelSettings, user: null, timeoutMs: 60_000 });
}

async function put(name: string, value: Uint8Array = utf8('x')): Promise<number> {
  return (await client.unary(KV.Put, { key: utf8(name), value })).header!.revision;
}

const flushLines = (what: string): number => node.log().split(`flush ${what}`).length;

/** Of a key with more versions than one transaction removes. */
it('killed when a part of it is flushed, does not bring a deleted key back', async () => {
  let isCompacting = false;
  const onOutput = (text: string): void => {
    if (!isCompacting || !text.includes('flush done')) return;
    isCompacting = false;
    process.kill(node.pid, 'SIGKILL');
  };
  node = await startNode({ args: ['--log-level=debug'], onOutput });
  client = clientOf(node);
  for (let i = 0; i < 12; i++) await Promise.all(Array.from({ length: 1_000 }, () => put('a')));
  await client.unary(KV.DeleteRange, { key });
  const revision = await put('b');
  await client.unary(KV.Compact, { revision: 1, physical: true }); // all that was put is flushed
  await expect.poll(() => flushLines('done') - flushLines('begins')).toBe(0);
  isCompacting = true;
  client.unary(KV.Compact, { revision, physical: true }).catch(() => undefined);
  await node.ended;
  await client.close();
  node = await node.restart();
  client = clientOf(node);
  expect((await client.unary(KV.Range, { key })).kvs).toEqual([]);
  await client.unary(KV.Compact, { revision: await put('b'), physical: true });
  expect((await client.unary(KV.Range, { key })).kvs).toEqual([]);
  expect((await client.unary(KV.DeleteRange, { key })).deleted).toBe(0);
});

function list(session: ClientHttp2Session): ClientHttp2Stream {
  const headers = { ':method': 'POST', ':path': KV.Range.path, 'content-type': 'application/grpc', te: 'trailers' };
  const message = KV.Range.request.encode({ key: Uint8Array.of(0), range_end: Uint8Array.of(0) });
  const stream = session.request(headers);
  stream.end(Buffer.concat([Uint8Array.of(0, 0, 0, 0, message.length), message]));
  return stream;
}

it('changes nothing in a list that has begun and waits for its reader', async () => {
  node = await startNode();
  client = clientOf(node);
  const keys = Array.from({ length: 500 }, (_, i) => `key ${String(i).padStart(3, '0')}`);
  await put('a');
  await Promise.all(keys.map((name) => put(name, new Uint8Array(1_000))));
  await client.unary(KV.DeleteRange, { key });
  const revision = await put(keys[0]!);
  const session = connect(node.url, { settings: { initialWindowSize: 0 } });
  const stream = list(session);
  await once(stream, 'response');
  await client.unary(KV.Compact, { revision, physical: true });
  await put('key 250x'); // where `a` was in the index
  session.settings({ initialWindowSize: 1_000_000 });
  const reply = Buffer.concat((await stream.toArray()) as Buffer[]);
  session.destroy();
  expect(RangeResponse.decode(reply.subarray(5)).kvs.map((kv) => utf8Text(kv.key))).toEqual(keys);
});
