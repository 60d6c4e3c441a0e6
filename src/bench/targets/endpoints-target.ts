/** `--endpoints URL,…`: a cluster that runs already. We start and stop nothing; what we put there we take away again. */
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Endpoint } from '../../client/endpoint.ts';
import type { RunningTarget, Target } from './target.ts';

export class EndpointsTarget implements Target {
  readonly kind = 'endpoints';
  readonly name: string;
  readonly #endpoints: readonly Endpoint[];

  constructor(endpoints: readonly Endpoint[]) {
    this.#endpoints = endpoints;
    this.name = endpoints.map((endpoint) => endpoint.url).join(',');
  }

  async check(): Promise<void> {}

  async start(): Promise<RunningTarget> {
    return {
      endpoints: this.#endpoints,
      serverCommand: null,
      storage: null,
      sharesHost: this.#endpoints.some(isOnThisHost),
      pid: null,
      end: new AbortController().signal,
      disposable: false,
      stop: async () => {},
    };
  }
}

/** By address: a name other than localhost is not looked up, so a host that calls itself by its name counts as another. */
export function isOnThisHost(endpoint: Endpoint): boolean {
  if (endpoint.host === null || endpoint.host === 'localhost') return true;
  if (isIP(endpoint.host) === 0) return false;
  if (endpoint.host === '::1' || endpoint.host.startsWith('127.')) return true;
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === endpoint.host),
  );
}
