/** Two network namespaces, as of two containers that share a volume: one data directory still has one node. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startNode, type BenchNode } from '../../tools/node.ts';
import { unshare, works } from '../../tools/unshare.ts';

const otherNetwork = unshare('--net');
const isRefused = !works(otherNetwork);

let dataDir: string;
const nodes: BenchNode[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'qb-net-'));
});
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.kill();
  rmSync(dataDir, { recursive: true });
});

/** The namespace has no loopback interface: its node listens on every address, of which it has none. */
async function start(under: readonly string[]): Promise<BenchNode> {
  const node = await startNode({ dataDir, under, args: ['--listen-client-urls=http://0.0.0.0:0'] });
  nodes.push(node);
  return node;
}

const refusal = /member is in use by a process in another container \(another network namespace\); stop it/;
const locks = () =>
  readdirSync(join(dataDir, 'member'), { recursive: true, encoding: 'utf8' }).filter((path) => /(^|\/)lock/.test(path));

describe.skipIf(isRefused)(`a second network namespace${isRefused ? ': unshare is refused here' : ''}`, () => {
  it.each([
    { who: 'one outside', first: [], second: otherNetwork },
    { who: 'one inside', first: otherNetwork, second: [] },
  ])('is refused the data directory of $who, also of one that stands still, until it ends', async (places) => {
    const first = await start(places.first);
    await expect(start(places.second)).rejects.toThrow(refusal);
    process.kill(first.pid, 'SIGSTOP');
    await expect(start(places.second)).rejects.toThrow(refusal);
    await first.kill();
    const second = await start(places.second);
    await expect(start(places.first)).rejects.toThrow(refusal);
    await second.stop(true);
    expect(locks()).toEqual([]);
  });
});
