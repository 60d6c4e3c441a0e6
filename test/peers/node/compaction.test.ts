/** A real node in the middle of a compaction. */
import { afterEach, expect, it } from 'vitest';
import { KV } from '../../../src/api/methods.ts';
import { utf8 } from '../../../src/base/bytes.ts';
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

async function put(name: string): Promise<number> {
  return (await client.unary(KV.Put, { key: utf8(name) })).header!.revision;
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
