/** Makes channels: the one place that knows which class stands behind which transport name. */
import type { Channel, ChannelSettings } from './channel.ts';
import type { Endpoint } from './endpoint.ts';
import { GrpcJsChannel } from './grpc-js-channel.ts';
import { WireChannel } from './wire-channel.ts';

/** What callers that have no opinion use. */
export const defaultChannelSettings: ChannelSettings = {
  transport: 'grpc-js',
  tls: null,
  connectTimeoutMs: 5_000,
  keepAliveMs: 0,
  maxReceiveBytes: 2 ** 31 - 1, // as etcd's clientv3: a listing may be larger than any default
};

/** A channel that is not connected yet: call `connect`. One channel is one connection. */
export function createChannel(endpoint: Endpoint, settings: ChannelSettings): Channel {
  return settings.transport === 'wire' ? new WireChannel(endpoint, settings) : new GrpcJsChannel(endpoint, settings);
}
