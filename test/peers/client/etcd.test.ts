/** Our clients against a real etcd: what a mock would not tell. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Channel, TransportName } from '../../../src/client/channel.ts';
import { createChannel, defaultChannelSettings } from '../../../src/client/connect.ts';
import { parseEndpoint } from '../../../src/client/endpoint.ts';
import { call } from '../../client/calls.ts';
import { startEtcd, type Etcd } from '../../tools/etcd.ts';

const transports: TransportName[] = ['grpc-js', 'wire'];

let etcd: Etcd;
beforeAll(async () => {
  etcd = await startEtcd();
});
afterAll(() => etcd.stop());

describe.each(transports)('etcd over %s', (transport) => {
  let channel: Channel;
  beforeAll(async () => {
    channel = createChannel(parseEndpoint(etcd.url), { ...defaultChannelSettings, transport });
    await channel.connect();
  });
  afterAll(() => channel.close(100));

  it('puts, and is refused an empty key', async () => {
    const put = await call(channel, '/etcdserverpb.KV/Put', Buffer.from('\x0a\x01k\x12\x01v'));
    expect(put.code).toBe(0);
    expect(await call(channel, '/etcdserverpb.KV/Put', '')).toEqual({
      code: 3,
      message: 'etcdserver: key is not provided',
      payload: '',
    });
  });
});
