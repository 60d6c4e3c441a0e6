/** The same mistakes, made with Debian's etcd and with `bench node`: the same first complaint and the same exit code. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../tools/etcd.ts';
import { mainFile } from '../../tools/node.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qb-flags-'));
  await writeFile(join(folder, 'file'), 'x');
});
afterAll(() => rm(folder, { recursive: true }));

interface Complaint {
  readonly reason: string;
  readonly code: number | null;
}

/** One that starts all the same is stopped. */
const patienceMs = 15_000;

async function complaintOf(
  program: readonly string[],
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Complaint> {
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('ETCD_'));
  const [file, ...first] = program;
  const child = spawn(file!, [...first, ...words], {
    cwd: folder,
    env: Object.fromEntries([...clean, ...Object.entries(env)]),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  return { reason: reasonIn(stderr), code };
}

/** 3.4 says it in one of two kinds of log line, or in plain text. */
function reasonIn(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line !== '');
  for (const line of lines) {
    const older = /^\S+ \S+ [EC] \| [^:]*: (?:error verifying flags, )?(.*?)(?:\. See 'etcd --help'\.)?$/.exec(line);
    if (older !== null) return older[1]!;
    if (!line.startsWith('{')) {
      if (!/^(\[WARNING\]|\S+ \S+ [WIN] \|)/.test(line)) return line;
      continue;
    }
    const { level, msg, error } = JSON.parse(line) as { level: string; msg: string; error?: string };
    if (level === 'fatal' || msg.startsWith('failed to')) return error ?? msg;
  }
  return stderr;
}

const etcd = ['etcd'];
const node = [process.execPath, mainFile, 'node'];
/** A member of its own, for mistakes that are found only when something is begun. */
const port = { client: 0, peer: 0 };
beforeAll(async () => {
  port.client = await freePort();
  port.peer = await freePort();
});

function startable(...words: readonly string[]): () => string[] {
  return () => {
    const client = `http://127.0.0.1:${port.client}`;
    const peer = `http://127.0.0.1:${port.peer}`;
    return [
      '--logger=zap',
      '--name=x',
      '--data-dir=x.data',
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      ...words.map((word) => word.replaceAll('PEER', peer)),
    ];
  };
}

type Mistake = readonly [words: readonly string[] | (() => string[]), env?: NodeJS.ProcessEnv];

const mistakes: readonly Mistake[] = [
  [['--nosuch']],
  [['---x']],
  [['--=x']],
  [['--name']],
  [['--heartbeat-interval=abc']],
  [['--heartbeat-interval=-5']],
  [['--heartbeat-interval', '99999999999999999999']],
  [['--snapshot-count=1e5']],
  [['--quota-backend-bytes=9223372036854775808']],
  [['--quota-backend-bytes=0b12']],
  [['--quota-backend-bytes=1__0']],
  [['--max-txn-ops=09']],
  [['--backend-batch-interval=5']],
  [['--backend-batch-interval=1x']],
  [['--backend-batch-interval=9223372037s']],
  [['--max-concurrent-streams=abc']],
  [['--max-concurrent-streams=0x100000000']],
  [['--pre-vote=maybe']],
  [['--initial-cluster-state=foo']],
  [['--proxy=foo']],
  [['--listen-client-urls=foo://127.0.0.1:1']],
  [['--listen-client-urls=127.0.0.1:1']],
  [['--listen-client-urls=http://127.0.0.1:1/x']],
  [['--listen-client-urls=http://127.0.0.1']],
  [['--listen-client-urls=http://127.0.0.1:abc']],
  [['--listen-client-urls=http://127.0.0.1:1,:2']],
  [['--listen-client-urls=http://[::1:2']],
  [['--listen-client-urls=http://::1:2']],
  [['--listen-client-urls=http://a b:2']],
  [['--listen-client-urls=http://a%zz:2']],
  [['--listen-client-urls=http://a\u0001:2']],
  [['--advertise-client-urls=mailto:x']],
  [['--listen-client-urls=http://127.0.0.1:1']],
  [['--listen-client-urls=']],
  [['--listen-client-urls=http://example.invalid:1', '--advertise-client-urls=http://a:1']],
  [['--advertise-client-urls=http://:1']],
  [['--election-timeout=400']],
  [['--election-timeout=60000']],
  [['--election-timeout=0']],
  [['--heartbeat-interval=0']],
  [['--auto-compaction-mode=foo']],
  [['--logger=foo']],
  [['--log-outputs=default,stderr', '--logger=zap']],
  [['--log-outputs=/no-such-folder/x', '--logger=zap']],
  [['--config-file=/nonexist.yaml']],
  [[], { ETCD_HEARTBEAT_INTERVAL: 'zz' }],
  [[], { ETCD_HEARTBEAT_INTERVAL: 'zz', ETCD_PRE_VOTE: 'a' }],
  [['--data-dir=file', '--logger=zap']],
  [['--data-dir=file/below', '--logger=zap']],
  [startable('--initial-cluster=y=PEER')],
  [startable('--initial-cluster=x=http://127.0.0.1:1')],
  [startable('--initial-cluster=x=PEER,y=PEER')],
  [startable('--initial-cluster=foo')],
  [startable('--initial-cluster=x=PEER', '--name=default')],
  [startable('--initial-cluster-state=existing', '--initial-cluster=x=PEER')],
  [startable('--auto-compaction-retention=foo')],
  [startable('--auth-token=foo')],
  [startable('--data-dir=/proc/no/such')],
  [startable('--listen-client-urls=https://127.0.0.1:1')],
];

describe('etcd and bench node complain alike', () => {
  it.each(mistakes.map((mistake) => ({ mistake })))('about $mistake', async ({ mistake: [words, env = {}] }) => {
    const typed = typeof words === 'function' ? words() : words;
    expect(await complaintOf(node, typed, env)).toEqual(await complaintOf(etcd, typed, env));
  });

  it('about a port that is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port.client, '127.0.0.1', resolve));
    const words = startable('--initial-cluster=x=PEER')();
    const [theirs, ours] = [
      await complaintOf(etcd, words, {}),
      await complaintOf(node, [...words, '--data-dir=y.data'], {}),
    ];
    await new Promise((resolve) => server.close(resolve));
    expect(ours).toEqual(theirs);
    expect(ours.reason).toBe(`listen tcp 127.0.0.1:${port.client}: bind: address already in use`);
  });
});

/** Every row is used: one that no longer differs fails. */
const knownDifferences: readonly {
  readonly mistake: Mistake;
  readonly theirs: Complaint;
  readonly ours: Complaint;
  /** What changed, and since when. */
  readonly why: string;
}[] = [
  {
    mistake: [['foo']],
    theirs: { reason: "'foo' is not a valid flag", code: 1 },
    ours: { reason: '"foo" is not a valid flag', code: 1 },
    why: 'docs/etcd-facts.md, start-up errors: quotes changed with 3.6',
  },
  {
    mistake: [['--log-level=foo']],
    theirs: { reason: 'panic: unknown level "foo"', code: 2 },
    ours: { reason: 'panic: unrecognized level: "foo"', code: 2 },
    why: 'docs/etcd-facts.md, start-up errors: a log level as 3.5 and later',
  },
  {
    mistake: [['--name=x'], { ETCD_NAME: 'y' }],
    theirs: {
      reason:
        'conflicting environment variable "ETCD_NAME" is shadowed by corresponding command-line flag (either unset environment variable or disable flag)',
      code: 1,
    },
    ours: {
      reason:
        'conflicting environment variable is shadowed by corresponding command-line flag (either unset environment variable or disable flag))',
      code: 1,
    },
    why: 'docs/etcd-facts.md, start-up errors: 3.5 and later name the variable in a field',
  },
  {
    mistake: [['--initial-cluster=a=http://a:1', '--discovery-srv=x']],
    theirs: {
      reason:
        'multiple discovery or bootstrap flags are set. Choose one of "initial-cluster", "discovery" or "discovery-srv"',
      code: 1,
    },
    ours: {
      reason:
        'multiple discovery or bootstrap flags are set. Choose one of "initial-cluster", "discovery-endpoints" or "discovery-srv"',
      code: 1,
    },
    why: 'docs/etcd-facts.md, start-up errors: ways to bootstrap as 3.7',
  },
  {
    mistake: [['--discovery-token=x']],
    theirs: { reason: 'flag provided but not defined: -discovery-token', code: 2 },
    ours: { reason: 'both --discovery-token and --discovery-endpoints must be set', code: 1 },
    why: 'docs/etcd-facts.md, flag values: --discovery-token, 3.6 and later',
  },
];

describe('where releases differ, the newest is followed', () => {
  it.each(knownDifferences)('$mistake.0: $why', async ({ mistake: [words, env = {}], theirs, ours }) => {
    const typed = typeof words === 'function' ? words() : words;
    expect(await complaintOf(etcd, typed, env)).toEqual(theirs);
    expect(await complaintOf(node, typed, env)).toEqual(ours);
    expect(ours).not.toEqual(theirs);
  });
});
