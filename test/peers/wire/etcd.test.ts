/** Our client engine before a real etcd under load: many streams, few streams, a server that leaves, a reader that waits. */
import { afterEach, describe, expect, it } from 'vitest';
import { KV, Watch } from '../../../src/api/methods.ts';
import type { Channel } from '../../../src/client/channel.ts';
import { createChannel, defaultChannelSettings } from '../../../src/client/connect.ts';
import { parseEndpoint } from '../../../src/client/endpoint.ts';
import type { CallOptions } from '../../../src/wire/contract.ts';
import { call } from '../../client/calls.ts';
import { type Etcd, startEtcd } from '../../tools/etcd.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const patient: CallOptions = { timeoutMs: 60_000, metadata: [] };

async function start(args: readonly string[] = []): Promise<Etcd> {
  const etcd = await startEtcd({ args });
  cleanups.push(() => etcd.stop());
  return etcd;
}

async function connect(etcd: Etcd, count: number): Promise<Channel[]> {
  const settings = { ...defaultChannelSettings, transport: 'wire' as const };
  const channels = Array.from({ length: count }, () => createChannel(parseEndpoint(etcd.url), settings));
  await Promise.all(channels.map((channel) => channel.connect()));
  cleanups.push(() => Promise.all(channels.map((channel) => channel.close(0))));
  return channels;
}

const put = (key: string, value: Uint8Array) => KV.Put.request.encode({ key: Buffer.from(key), value });

describe('etcd', () => {
  it('answers a thousand streams on ten connections, five times over', async () => {
    const channels = await connect(await start(), 10);
    for (let round = 0; round < 5; round++) {
      const request = put(`round/${round}`, new Uint8Array(1_024));
      const replies = await Promise.all(
        Array.from({ length: 1_000 }, (_, i) => call(channels[i % 10]!, KV.Put.path, request, patient)),
      );
      expect(replies.filter(({ code }) => code !== 0)).toEqual([]);
    }
  });

  it('that allows two streams serves two hundred calls in turn', async () => {
    const [channel] = await connect(await start(['--max-concurrent-streams=2']), 1);
    const replies = await Promise.all(
      Array.from({ length: 200 }, (_, i) => call(channel!, KV.Put.path, put(`k${i}`, Buffer.from('v')), patient)),
    );
    expect(replies.every(({ code }) => code === 0)).toBe(true);
  });

  it('that is stopped ends every call once, as done or as Unavailable', async () => {
    const etcd = await start();
    const channels = await connect(etcd, 4);
    const codes: number[] = [];
    let running = 0;
    const next = (channel: Channel): void => {
      running++;
      void call(channel, KV.Put.path, put('k', new Uint8Array(10_000)), patient).then(({ code }) => {
        running--;
        codes.push(code);
        if (code === 0) next(channel);
      });
    };
    for (const channel of channels) for (let i = 0; i < 20; i++) next(channel);
    await expect.poll(() => codes.length).toBeGreaterThan(200);
    await etcd.stop(true);
    await expect.poll(() => running).toBe(0);
    expect(new Set(codes)).toEqual(new Set([0, 14]));
    expect(codes.filter((code) => code === 14)).toHaveLength(80);
  });

  it('waits for a watcher that does not read, and then delivers everything', async () => {
    const [channel] = await connect(await start(), 1);
    const sizes: number[] = [];
    const stream = channel!.openStream(
      Watch.Watch.path,
      { timeoutMs: 0, metadata: [] },
      {
        onMessage: (payload) => {
          for (const { kv } of Watch.Watch.response.decode(payload).events) sizes.push(kv?.value.length ?? 0);
        },
        onEnd: () => {},
      },
    );
    stream.send(
      Watch.Watch.request.encode({ request_union: { $case: 'create_request', value: { key: Buffer.from('w') } } }),
    );
    await call(channel!, KV.Put.path, put('w', Buffer.from('v')), patient);
    await expect.poll(() => sizes).toEqual([1]);
    stream.pause();
    for (let i = 0; i < 40; i++) await call(channel!, KV.Put.path, put('w', new Uint8Array(200_000)), patient);
    expect(sizes).toHaveLength(1);
    stream.resume();
    await expect.poll(() => sizes.length, { timeout: 10_000 }).toBe(41);
    expect(sizes.slice(1).every((size) => size === 200_000)).toBe(true);
    stream.cancel();
  });
});
