/**
 * Ports for servers that we start: on loopback and outside the range from which the kernel takes the ports of outgoing
 * connections, or one of our own thousand connections could sit on the port between the look and the listen.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { Failure } from '../../base/failure.ts';

/** Below 10000 live the ports that people know by heart. */
const lowest = 10_000;
const highest = 65_535;
const attemptsMax = 200;

export interface PortRange {
  readonly low: number;
  readonly high: number;
}

/** Where the kernel takes outgoing ports from; Linux's default where it cannot be read. */
export async function ephemeralRange(): Promise<PortRange> {
  const text = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => '32768 60999');
  const [low, high] = text.trim().split(/\s+/).map(Number);
  return { low: low ?? 32_768, high: high ?? 60_999 };
}

/** Two different ports nobody listens on now. `random` gives [0, 1). */
export async function freePortPair(random: () => number): Promise<[client: number, peer: number]> {
  const ephemeral = await ephemeralRange();
  const client = await freePort(ephemeral, random, 0);
  return [client, await freePort(ephemeral, random, client)];
}

async function freePort(ephemeral: PortRange, random: () => number, taken: number): Promise<number> {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const port = candidatePort(ephemeral, random());
    if (port !== taken && (await isFree(port))) return port;
  }
  throw new Failure('NO_PORT', `no free port on 127.0.0.1 after ${attemptsMax} attempts`, {
    remedy: 'end some of the listening programs',
  });
}

/** Maps [0, 1) to the ports from 10000 up that are not in the ephemeral range; all of them when nothing else is left. */
export function candidatePort(ephemeral: PortRange, at: number): number {
  const below = Math.max(0, Math.min(ephemeral.low, highest + 1) - lowest);
  const above = Math.max(0, highest - Math.max(ephemeral.high, lowest - 1));
  if (below + above === 0) return lowest + Math.floor(at * (highest - lowest + 1));
  const nth = Math.floor(at * (below + above));
  return nth < below ? lowest + nth : Math.max(ephemeral.high + 1, lowest) + (nth - below);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
