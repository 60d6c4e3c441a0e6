/**
 * Whenever a run is interrupted, and however, no key of ours stays and nobody else's is touched. 50 moments, drawn from one
 * seed: some after the start, most after the first put, up to the clean-up; signals to our own process and to the npx that
 * started it.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KV, Watch } from '../../../src/api/methods.ts';
import { utf8, utf8Text } from '../../../src/base/bytes.ts';
import { createRandom } from '../../../src/base/random.ts';
import { Client } from '../../../src/client/client.ts';
import { defaultChannelSettings } from '../../../src/client/connect.ts';
import { parseEndpoint } from '../../../src/client/endpoint.ts';
import { startEtcd, startEtcdCluster, type Etcd } from '../../tools/etcd.ts';
import { linesOf, start, type Ended, type Started } from './bench.ts';

const seed = 20_260_101;
const canaries = ['/canary', '/quorumbench', '/quorumbench-canary', '/quorumbench0'];

let folder: string;
let etcd: Etcd;
let client: Client;
let starts = 0;
const goodCache = (): string => join(folder, 'npm-cache-0'); // made before the first signal
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qb-interrupt-'));
  etcd = await startEtcd();
  client = new Client({
    endpoints: [parseEndpoint(etcd.url)],
    channel: defaultChannelSettings,
    user: null,
    timeoutMs: 10_000,
  });
  for (const key of canaries) await client.unary(KV.Put, { key: utf8(key), value: utf8('sings') });
  // As much under way as can be, in little time: 100 puts in flight, a second or so of load.
  const workload = [
    'clients: 100',
    'connections: 10',
    'phases:',
    '  - {name: load, arrival: {model: closed}, duration: 1500ms}',
  ];
  await writeFile(join(folder, 'w.yaml'), `${workload.join('\n')}\n`);
  const { stdout } = await startNpx(['--version']).ended;
  expect(stdout).toContain('quorumbench');
});
afterAll(async () => {
  await client.close();
  await etcd.stop();
  await rm(folder, { recursive: true });
});

const args = (): string[] => [
  'run',
  join(folder, 'w.yaml'),
  '--endpoints',
  etcd.url,
  '--max-bytes',
  '200MB',
  '--out',
  join(folder, 'results'),
];

interface Moment {
  readonly to: 'bench' | 'npx';
  readonly signal: NodeJS.Signals;
  readonly since: 'the start' | 'the first put';
  readonly afterMs: number;
}

/** Ten of each kind. A load lasts 1.5 s, and its clean-up some tenths of a second. */
function moments(): Moment[] {
  const random = createRandom(seed);
  const kinds = [
    { to: 'bench', signal: 'SIGINT' },
    { to: 'bench', signal: 'SIGTERM' },
    { to: 'npx', signal: 'SIGINT' },
    { to: 'npx', signal: 'SIGTERM' },
    { to: 'npx', signal: 'SIGKILL' },
  ] as const;
  return kinds.flatMap((kind) =>
    Array.from({ length: 10 }, (_, nth) =>
      nth < 3
        ? { ...kind, since: 'the start' as const, afterMs: random.below(1_000) }
        : { ...kind, since: 'the first put' as const, afterMs: random.below(2_000) },
    ),
  );
}

const startMoment = (moment: Moment): Started => (moment.to === 'npx' ? startNpx(args()) : start(args()));

/**
 * npx links the checkout into its cache at every start, and one killed in the middle of that leaves a link that the next
 * npx needs a minute to replace (npm 10.8). So each gets a copy of one good cache.
 */
function startNpx(words: readonly string[]): Started {
  const cache = join(folder, `npm-cache-${starts++}`);
  if (existsSync(goodCache())) cpSync(goodCache(), cache, { recursive: true, verbatimSymlinks: true });
  return start(words, { program: ['npx', 'bench'], env: { ...process.env, npm_config_cache: cache } });
}

async function keysBelow(prefix: string): Promise<number> {
  const end = utf8(prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1));
  return (await client.unary(KV.Range, { key: utf8(prefix), range_end: end, count_only: true })).count;
}

async function firstPut(): Promise<void> {
  await expect.poll(() => keysBelow('/quorumbench/'), { timeout: 30_000, interval: 10 }).toBeGreaterThan(0);
}

describe('at any moment', () => {
  let put = 0;
  let stopped = 0;

  it.each(moments())('$signal to $to $afterMs ms after $since leaves no key', async (moment) => {
    const before = (await client.unary(KV.Range, { key: utf8('/canary') })).header!.revision;
    const run = startMoment(moment);
    if (moment.since === 'the first put') await firstPut();
    await new Promise((resolve) => setTimeout(resolve, moment.afterMs));
    run.child.kill(moment.signal);
    const ended: Ended = await run.ended; // its pipes are closed only when the last process that holds them is gone
    expect(await keysBelow('/quorumbench/')).toBe(0);
    expect(ended.stderr).not.toMatch(/left under|internal error/);
    if ((await client.unary(KV.Range, { key: utf8('/canary') })).header!.revision > before) put++;
    if (ended.code === 130 || ended.stdout.startsWith('INTERRUPTED')) stopped++;
  });

  it('was in the middle of it often enough to tell', () => {
    expect(put).toBeGreaterThanOrEqual(30);
    expect(stopped).toBeGreaterThan(10);
  });

  it('touched nothing of anybody else', async () => {
    const events = [
      ...(await historyOf(Uint8Array.of(0), utf8('/quorumbench/'), '/last-below')),
      ...(await historyOf(utf8('/quorumbench0'), Uint8Array.of(0), '~last-above')),
    ];
    expect(events.sort()).toEqual([...canaries, '/last-below', '~last-above'].map((key) => `0 ${key}`).sort());
  });

  /** All that ever happened in a range: type and key of every event since the first revision, up to a put of our own. */
  async function historyOf(key: Uint8Array, rangeEnd: Uint8Array, last: string): Promise<string[]> {
    await client.unary(KV.Put, { key: utf8(last), value: utf8('') });
    const watch = await client.duplex(Watch.Watch);
    const create = { key, range_end: rangeEnd, start_revision: 1 };
    await watch.send({ request_union: { $case: 'create_request', value: create } });
    const seen: string[] = [];
    for await (const { events } of watch) {
      for (const event of events) seen.push(`${event.type} ${utf8Text(event.kv!.key)}`);
      if (seen.includes(`0 ${last}`)) break;
    }
    return seen;
  }
});

describe('a second interrupt', () => {
  it('says what is left and how to remove it, while the server hangs', async () => {
    const run = start(args());
    await firstPut();
    process.kill(etcd.pid, 'SIGSTOP');
    try {
      run.child.kill('SIGINT');
      await new Promise((resolve) => setTimeout(resolve, 4_000)); // the load waits 2 s for replies, then the clean-up hangs
      run.child.kill('SIGINT');
      const ended = await run.ended;
      expect(ended.code).toBe(130);
      const line = linesOf(ended.stderr).find((each) => each.startsWith('bench:'))!;
      expect(line).toMatch(
        /^bench: keys may be left under "\/quorumbench\/[0-9a-f]{16}\/" \(interrupted\); remove them with: etcdctl /,
      );
      process.kill(etcd.pid, 'SIGCONT');
      await expect.poll(() => keysBelow('/quorumbench/'), { timeout: 10_000 }).toBeGreaterThan(0);
      const [, command] = /remove them with: (.*)$/.exec(line)!;
      execFileSync('sh', ['-c', command!], { env: { ...process.env, ETCDCTL_API: '3' } });
      expect(await keysBelow('/quorumbench/')).toBe(0);
    } finally {
      process.kill(etcd.pid, 'SIGCONT');
    }
  });
});

describe('a cluster that loses a member', () => {
  it('is cleaned up through those that stay', async () => {
    const members = await startEtcdCluster(3);
    const endpoints = members.map((member) => member.url).join(',');
    const rest = new Client({
      endpoints: members.slice(1).map((member) => parseEndpoint(member.url)),
      channel: defaultChannelSettings,
      user: null,
      timeoutMs: 10_000,
    });
    try {
      const run = start([
        'run',
        join(folder, 'w.yaml'),
        '--endpoints',
        endpoints,
        '--duration',
        '4s',
        '--max-bytes',
        '200MB',
        '--out',
        join(folder, 'results'),
      ]);
      const range = { key: utf8('/quorumbench/'), range_end: utf8('/quorumbench0'), count_only: true };
      await expect.poll(async () => (await rest.unary(KV.Range, range)).count, { timeout: 30_000 }).toBeGreaterThan(0);
      await members[0]!.kill();
      const ended = await run.ended;
      expect(ended.stderr).not.toContain('left under');
      expect((await rest.unary(KV.Range, range)).count).toBe(0);
    } finally {
      await rest.close();
      await Promise.all(members.map((member) => member.stop()));
    }
  });
});
