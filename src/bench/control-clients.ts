/**
 * The client for the calls around a load: to one member each where the member matters (Status speaks for the one that
 * answers), to any that is alive for everything else.
 */
import type { ChannelSettings } from '../client/channel.ts';
import { Client } from '../client/client.ts';
import type { Endpoint } from '../client/endpoint.ts';
import type { User } from '../client/token-source.ts';
import { idleLimitMs } from './cleanup.ts';
import { ClusterCaller } from './cluster-caller.ts';
import type { Caller, MemberCaller } from './control.ts';

export interface Control {
  /** Any member that is alive, over a connection of its own. Calls end early when `signal` aborts. */
  cluster(signal: AbortSignal): Caller;
  /** One per endpoint, in order. */
  members(signal: AbortSignal): readonly MemberCaller[];
  /** Sent as metadata `token` with every request of the load; null without authentication. */
  readonly token: string | null;
  close(): Promise<void>;
}

/** A delete of some hundred keys on a busy disk is waited for, and clean-up has time for two calls more before it gives up. */
const callTimeoutMs = idleLimitMs / 3;
/** A page of keys may be larger than what a load's replies are held to. */
const maxReceiveBytes = 2 ** 31 - 1;

/** Rejects with a ConnectFailure when no endpoint can be reached, with a StatusError when the user is refused. */
export async function openControl(
  endpoints: readonly Endpoint[],
  settings: ChannelSettings,
  user: User | null,
  signal: AbortSignal,
): Promise<Control> {
  // No PING while the load runs and this is idle: etcd takes them for abuse when no call is open.
  const channel = { ...settings, maxReceiveBytes, keepAliveMs: 0 };
  const open = (): Client => new Client({ endpoints, channel, user, timeoutMs: callTimeoutMs });
  const client = open();
  const callers: ClusterCaller[] = [];
  try {
    await client.connect(signal);
    const metadata = await client.metadata();
    return {
      cluster: (signal) => {
        const caller = new ClusterCaller(open, signal);
        callers.push(caller);
        return caller;
      },
      members: (signal) =>
        endpoints.map((endpoint) => ({
          url: endpoint.url,
          unary: (method, request) => client.unary(method, request, { endpoint, signal }),
        })),
      token: metadata.find(([name]) => name === 'token')?.[1] ?? null,
      close: async () => {
        await Promise.all([client, ...callers].map((each) => each.close()));
      },
    };
  } catch (thrown) {
    await client.close();
    throw thrown;
  }
}
