/**
 * Calls to any member that is alive, over a connection that is known to live: a firewall or NAT may have dropped, without a
 * word, one that stood idle while the load ran, and whoever waits there waits in vain.
 */
import type { DeepPartial } from '../api/message.ts';
import type { UnaryMethod } from '../api/methods.ts';
import type { Client } from '../client/client.ts';
import { Code, StatusError } from '../wire/status.ts';
import type { Caller } from './control.ts';

export class ClusterCaller implements Caller {
  readonly #open: () => Client;
  readonly #signal: AbortSignal;
  #client: Client;
  /** Not waited for before the end: a silent peer does not say good-bye either. */
  readonly #closing: Promise<void>[] = [];

  /** Connects with the first call, and again after one that was not answered in time. */
  constructor(open: () => Client, signal: AbortSignal) {
    this.#open = open;
    this.#signal = signal;
    this.#client = open();
  }

  async unary<Request, Response>(
    method: UnaryMethod<Request, Response>,
    request: DeepPartial<Request>,
  ): Promise<Response> {
    const client = this.#client;
    try {
      return await client.unary(method, request, { signal: this.#signal });
    } catch (thrown) {
      const silent = thrown instanceof StatusError && thrown.code === Code.DeadlineExceeded;
      if (silent && client === this.#client) this.#reconnect();
      throw thrown;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#closing, this.#client.close()]);
  }

  #reconnect(): void {
    this.#closing.push(this.#client.close());
    this.#client = this.#open();
  }
}
