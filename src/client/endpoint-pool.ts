/**
 * The channels to a cluster's endpoints and the choice between them: stay with one while it works, go on to the next when
 * it does not. Channels are opened when first needed and reconnect by themselves from then on.
 */
import { assert } from '../base/assert.ts';
import { sleep } from '../base/clock.ts';
import { messageOf } from '../base/failure.ts';
import { Code, StatusError } from '../wire/status.ts';
import type { Channel, ChannelSettings } from './channel.ts';
import { ConnectFailure } from './connect-failure.ts';
import { createChannel } from './connect.ts';
import { abortedStatus, orAborted } from './deadline.ts';
import type { Endpoint } from './endpoint.ts';

/** Looking for a lost connection that its channel is about to have back. */
const readyPollMs = 10;

class Member {
  readonly endpoint: Endpoint;
  readonly #settings: ChannelSettings;
  #channel: Channel | null = null;
  #connecting: Promise<Channel> | null = null;

  constructor(endpoint: Endpoint, settings: ChannelSettings) {
    this.endpoint = endpoint;
    this.#settings = settings;
  }

  /** Connected once; may have lost its connection since. */
  get channel(): Channel | null {
    return this.#channel;
  }

  /** The first connection; concurrent callers share the attempt. Rejects with a ConnectFailure. */
  open(): Promise<Channel> {
    this.#connecting ??= this.#connect().finally(() => (this.#connecting = null));
    return this.#connecting;
  }

  async close(graceMs: number): Promise<void> {
    await this.#connecting?.catch(() => {});
    await this.#channel?.close(graceMs);
  }

  async #connect(): Promise<Channel> {
    const channel = createChannel(this.endpoint, this.#settings);
    try {
      await channel.connect();
    } catch (thrown) {
      await channel.close(0);
      throw thrown;
    }
    this.#channel = channel;
    return channel;
  }
}

export class EndpointPool {
  readonly #members: readonly Member[];
  #current = 0;
  #closed = false;

  constructor(endpoints: readonly Endpoint[], settings: ChannelSettings) {
    assert(endpoints.length > 0, 'a client has endpoints');
    this.#members = endpoints.map((endpoint) => new Member(endpoint, settings));
  }

  get size(): number {
    return this.#members.length;
  }

  get endpoints(): readonly Endpoint[] {
    return this.#members.map((member) => member.endpoint);
  }

  /** `channel` has failed: the next call goes to the next endpoint, unless another call has moved on already. */
  leave(channel: Channel): void {
    if (this.#members[this.#current]?.channel === channel) this.#current = (this.#current + 1) % this.size;
  }

  /**
   * A ready channel: the current endpoint's, or that of the next one that connects. When none does, the failure of them
   * all; a channel that was connected before is waited for until then.
   */
  async ready(signal: AbortSignal): Promise<Channel> {
    for (;;) {
      const failures: unknown[] = [];
      for (let i = 0; i < this.size; i++) {
        this.#throwIfClosed();
        if (signal.aborted) throw abortedStatus(signal, this.#troubles());
        const index = (this.#current + i) % this.size;
        const channel = await orAborted(this.#try(this.#members[index]!, failures), signal);
        if (channel === null) continue;
        this.#current = index;
        return channel;
      }
      if (failures.length === this.size) throw allFailed(failures);
      await sleep(readyPollMs, signal);
    }
  }

  /** The channel to one endpoint, whatever the state of the others. */
  async channelTo(endpoint: Endpoint, signal: AbortSignal): Promise<Channel> {
    this.#throwIfClosed();
    const member = this.#members.find((each) => each.endpoint.url === endpoint.url);
    assert(member !== undefined, 'the endpoint is one of the client’s');
    return member.channel ?? (await orAborted(member.open(), signal));
  }

  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#members.map((member) => member.close(graceMs)));
  }

  async #try(member: Member, failures: unknown[]): Promise<Channel | null> {
    if (member.channel !== null) return member.channel.ready ? member.channel : null;
    try {
      return await member.open();
    } catch (thrown) {
      failures.push(thrown);
      return null;
    }
  }

  #troubles(): string {
    return this.#members.flatMap(({ channel }) => channel?.trouble ?? []).join('; ');
  }

  #throwIfClosed(): void {
    if (this.#closed) throw new StatusError(Code.Canceled, 'the client is closed');
  }
}

/** One sentence for all: the first failure in full, and how many more there were. */
function allFailed(failures: readonly unknown[]): unknown {
  const first = failures[0];
  if (failures.length === 1) return first;
  const more = failures.slice(1).map(messageOf).join('; ');
  if (!(first instanceof ConnectFailure)) return new StatusError(Code.Unavailable, `${messageOf(first)}; ${more}`);
  return new ConnectFailure(first.endpoint, first.kind, `${first.why}; ${more}`, first.remedy);
}
