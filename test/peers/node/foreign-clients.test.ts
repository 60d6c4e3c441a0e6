/**
 * Clients that others wrote, against our node and a real etcd side by side: the same commands in the same order must print
 * the same, to the byte but for what must differ (releases, sizes, indexes of the log, times). Both have the same name,
 * URLs and token, so ids, revisions and terms are compared too.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KV } from '../../../src/api/methods.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { Client } from '../../../src/client/client.ts';
import { defaultChannelSettings } from '../../../src/client/connect.ts';
import { parseEndpoint } from '../../../src/client/endpoint.ts';
import type { StatusError } from '../../../src/wire/status.ts';
import { type Pair, startPair } from '../../tools/etcd-and-node.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await startPair();
});
afterAll(async () => {
  await pair.stop();
});

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string, args: readonly string[], input = ''): Outcome {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^ETCD(CTL)?_/.test(name)));
  const done = spawnSync(program, args, {
    input,
    encoding: 'latin1',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...env, ETCDCTL_API: '3' },
    timeout: 20_000,
  });
  return { status: done.status, stdout: done.stdout, stderr: done.stderr };
}

function etcdctl(url: string, args: readonly string[], input: string): Outcome {
  const { status, stdout, stderr } = run('etcdctl', [`--endpoints=${url}`, ...args], input);
  const errors = stderr.split('\n').filter((line) => !line.startsWith('{')); // the Go client's log, with times
  return { status, stdout: masked(stdout, url), stderr: masked(errors.join('\n'), url) };
}

/** Both advertise the URL of etcd, and each is called by its own. */
function masked(text: string, url: string): string {
  return text
    .replaceAll(url.replace('http://', ''), 'ENDPOINT')
    .replaceAll(pair.etcdUrl.replace('http://', ''), 'ENDPOINT')
    .replace(/\b\d+(\.\d+)?(ms|\u00b5s|\u00c2\u00b5s|s)\b/g, 'TIME');
}

/** The same command on both; `mask` blots out what else must differ. */
function same(command: string, input = '', mask: (text: string) => string = (text) => text): void {
  const args = command.split(' ').map((word) => word.replace(/^'(.*)'$/, '$1'));
  const [ofEtcd, ofNode] = [pair.etcdUrl, pair.nodeUrl].map((url) => {
    const { status, stdout, stderr } = etcdctl(url, args, input);
    return { status, stdout: mask(stdout), stderr: mask(stderr) };
  });
  expect(ofNode).toEqual(ofEtcd);
}

const formats = ['simple', 'json', 'fields', 'table', 'protobuf'] as const;

/** Commands in their order: they build on each other. `#n` sends the n-th input below. */
const inputs = [
  'value("a") = "1"\nmod("b") > "0"\n\nput a 2\nget a\ndel b --prefix\nget --prefix a\n\nput a 3\nget b\n\n',
  'version("none") = "0"\ncreate("none") = "0"\n\nget none\n\nput none 1\n\n',
  'value("none") = "x"\n\nput none 1\n\nput other 1\nget other\n\n',
  'version("a") > "0"\n\nput a 1\nput a 2\n\n\n',
  '\n\nget a --rev=100000\n\n\n',
] as const;

const commands: readonly string[] = [
  'put a 1',
  'put b/1 one',
  'put b/2 two',
  'put b/3 three',
  'put c -- -dashes',
  'put empty #empty',
  'put a 2 --prev-kv',
  'put new 1 --prev-kv',
  'put a --ignore-value',
  'put a --ignore-value --prev-kv',
  'put a 3 --ignore-lease',
  'put none --ignore-value',
  'put none 1 --ignore-lease',
  'put a 1 --lease=1234',
  'put a 1 --lease=xyz',
  'get a',
  'get none',
  'get a b',
  'get a --print-value-only',
  'get a --hex',
  'get b/ --prefix',
  'get b/ --prefix --keys-only',
  'get b/ --prefix --limit=2',
  'get b/2 --from-key',
  "get '' --prefix",
  "get '' --from-key --limit=1",
  'get b/ --prefix --order=DESCEND',
  'get b/ --prefix --order=ASCEND --sort-by=VALUE',
  'get b/ --prefix --order=DESCEND --sort-by=CREATE',
  'get a z --sort-by=MODIFY --order=DESCEND',
  'get a z --sort-by=VERSION',
  'get a z --sort-by=KEY --order=DESCEND --limit=2',
  'get a --rev=2',
  'get a --rev=100000',
  'get a --consistency=s',
  'get a --consistency=l',
  'get a --consistency=x',
  'get a --order=SIDEWAYS',
  'get a --sort-by=SIZE',
  'get a b --prefix',
  'del none',
  'del b/1 --prev-kv',
  'del b/ --prefix',
  'put d/1 1',
  'put d/2 2',
  'del d/ --prefix --prev-kv',
  'put x 1',
  'del x y',
  'put z 1',
  'del z --from-key --prev-kv',
  'txn #0',
  'txn #1',
  'txn #2',
  'txn #3',
  'txn #4',
  'compaction 5',
  'compaction 5',
  'compaction 100000',
  'compaction 8 --physical',
  'compaction x',
  'get a --rev=3',
  'get a --rev=8',
  'member list',
];

describe.each(formats)('etcdctl 3.4 in the format %s', (format) => {
  it.each(commands)('%s', (command) => {
    const [words, input] = withInput(command);
    same(`${words} -w ${format}`, input);
  });
});

function withInput(command: string): [words: string, input: string] {
  const mark = / #(\w+)$/.exec(command);
  if (mark === null) return [command, ''];
  return [command.slice(0, mark.index), inputs[Number(mark[1])] ?? ''];
}

describe('etcdctl 3.4 about the endpoint', () => {
  /** Releases differ, and what each keeps for itself: bytes on the disk, entries of its start. */
  function own(text: string): string {
    return text
      .replace(/3\.4\.\d+|3\.7\.1/g, 'VERSION')
      .replace(/\d+(\.\d+)? [kM]?B/g, 'SIZE')
      .replace(/("dbSize(InUse)?":|"DBSize(InUse)?" : |"db_size(_in_use)?":)\d+/g, '$1SIZE')
      .replace(/("raft(Applied)?Index":|"Raft(Applied)?Index" : |"RaftIndex" : )\d+/gi, '$1INDEX')
      .replace(/(, |\| +)(\d+)((?:,| \|) +)\d+((?:,| \|) +)\d+/g, '$1$2$3INDEX$4INDEX')
      .replace(/-+/g, '-')
      .replace(/ +/g, ' ');
  }
  it.each(['simple', 'json', 'fields', 'table'])('status, health and members as %s', (format) => {
    same(`endpoint status -w ${format}`, '', own);
    same(`endpoint health -w ${format}`, '', own);
    same(`member list -w ${format}`);
  });

  it.each(['alarm list', 'alarm disarm'])('%s', (command) => same(command)); // other formats show the header, new in 3.5

  it('says what is not built yet in the words for that', () => {
    const { status, stderr } = etcdctl(pair.nodeUrl, ['lease', 'grant', '10'], '');
    expect([status, stderr]).toEqual([1, expect.stringContaining('code = Unimplemented desc = unknown service')]);
  });
});

/** What python3-etcd3, which is made from etcd's own .proto files, gets from a server. */
const pythonScript = `
import etcd3, json, sys
host, port = sys.argv[1].split(':')
c = etcd3.client(host=host, port=int(port), timeout=10)
seen = []
def show(name, value):
    seen.append([name, value])
def pairs(found):
    return [[m.key.decode(), v.decode(), m.version, m.create_revision, m.mod_revision] for v, m in found]
r = c.put('py/a', '1'); show('put', [r.header.revision, r.header.raft_term])
show('put prev', c.put('py/a', '2', prev_kv=True).prev_kv.value.decode())
for i in range(300):
    c.put('py/many/%03d' % i, 'v' * 1000)
show('get', pairs([c.get('py/a')]))
show('none', c.get('py/none')[0])
show('prefix', len(list(c.get_prefix('py/many/'))))
show('sorted', pairs(c.get_prefix('py/many/00', sort_order='descend', sort_target='key')))
show('keys only', [m.key.decode() for v, m in c.get_prefix('py/many/00', keys_only=True)])
show('range', pairs(c.get_range('py/a', 'py/b')))
t = c.transactions
show('txn', c.transaction(compare=[t.value('py/a') == '2', t.version('py/a') > 1],
    success=[t.put('py/b', 'x'), t.get('py/b'), t.delete('py/many/000')], failure=[t.put('py/b', 'y')])[0])
show('txn else', c.transaction(compare=[t.mod('py/a') == 1], success=[], failure=[t.get('py/a')])[0])
show('replace', [c.replace('py/a', '2', '3'), c.replace('py/a', '2', '4')])
show('absent', [c.put_if_not_exists('py/c', '1'), c.put_if_not_exists('py/c', '2')])
show('delete', [c.delete('py/a'), c.delete('py/a')])
show('delete prefix', c.delete_prefix('py/many/').deleted)
revision = c.put('py/end', '').header.revision
c.compact(revision)
try:
    c.compact(revision)
except Exception as e:
    show('compacted', [e.code().name, e.details()])
try:
    c.put('', 'x')
except Exception as e:
    show('no key', type(e).__name__)
s = c.status()
show('status', [s.leader.name, s.raft_term])
show('members', [[m.name, list(m.peer_urls), list(m.client_urls)] for m in c.members])
show('alarms', len(list(c.list_alarms())))
print(json.dumps(seen))
`;

describe('python3-etcd3', () => {
  it('gets the same from both', () => {
    const answers = [pair.etcdUrl, pair.nodeUrl].map((url) => {
      const { status, stdout, stderr } = run('/usr/bin/python3', ['-c', pythonScript, url.replace('http://', '')]);
      expect([status, stderr]).toEqual([0, '']);
      return JSON.parse(stdout) as [name: string, value: unknown][];
    });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[0]!.length).toBe(19);
  });
});

describe('@grpc/grpc-js', () => {
  it('puts, lists and compares, as through our own client', async () => {
    const channel = { ...defaultChannelSettings, transport: 'grpc-js' } as const;
    const answers = [pair.etcdUrl, pair.nodeUrl].map(async (url) => {
      const endpoints = [parseEndpoint(url)];
      const client = new Client({ endpoints, channel, user: null, timeoutMs: 10_000 });
      const key = utf8('js');
      const put = await client.unary(KV.Put, { key, value: new Uint8Array(1_000_000) });
      const get = await client.unary(KV.Range, { key });
      const success = [{ request: { $case: 'request_delete_range', value: { key, prev_kv: true } } }] as const;
      const txn = await client.unary(KV.Txn, { success });
      const refused = await client.unary(KV.Put, {}).catch((thrown: StatusError) => [thrown.code, thrown.message]);
      const large = { key, value: new Uint8Array(2_097_152) };
      const tooLarge = await client.unary(KV.Put, large).catch((thrown: StatusError) => [thrown.code, thrown.message]);
      await client.close();
      return { put, get, txn, refused, tooLarge };
    });
    expect(await answers[1]).toEqual(await answers[0]);
    expect((await answers[1]!).tooLarge).toEqual([8, expect.stringMatching(/^grpc: received message larger than max/)]);
  });
});

describe('a list of 12 MB', () => {
  beforeAll(async () => {
    for (const url of [pair.etcdUrl, pair.nodeUrl]) {
      const client = new Client({
        endpoints: [parseEndpoint(url)],
        channel: defaultChannelSettings,
        user: null,
        timeoutMs: 30_000,
      });
      for (let i = 0; i < 30; i++) {
        const success = Array.from({ length: 100 }, (_, k) => ({
          request: {
            $case: 'request_put',
            value: { key: utf8(`list/${i}/${k}`), value: new Uint8Array(4_000).fill(i) },
          } as const,
        }));
        await client.unary(KV.Txn, { success });
      }
      await client.close();
    }
  });

  it.each(['', ' --order=DESCEND --sort-by=VERSION', ' --keys-only', ' --limit=2500'])('by etcdctl%s', (options) => {
    const [ofEtcd, ofNode] = [pair.etcdUrl, pair.nodeUrl].map((url) => {
      const { status, stdout } = run('etcdctl', [
        `--endpoints=${url}`,
        ...`get list/ --prefix -w protobuf${options}`.split(' '),
      ]);
      return [status, stdout.length, createHash('sha256').update(stdout, 'latin1').digest('hex')];
    });
    expect(ofNode).toEqual(ofEtcd);
    expect(ofNode![1]).toBeGreaterThan(options === ' --keys-only' ? 50_000 : 10_000_000);
  });
});

describe('curl', () => {
  it.each(['/version', '/health', '/health?serializable=true', '/none'])('%s', (path) => {
    const [ofEtcd, ofNode] = [pair.etcdUrl, pair.nodeUrl].map((url) => run('curl', ['-s', '-i', `${url}${path}`]));
    expect([ofEtcd!.status, ofNode!.status]).toEqual([0, 0]);
    const statusLine = (text: string): string => text.slice(0, text.indexOf('\r\n'));
    expect(statusLine(ofNode!.stdout)).toBe(statusLine(ofEtcd!.stdout));
  });

  it('over HTTP/2 as well', () => {
    const { stdout } = run('curl', ['-s', '--http2-prior-knowledge', `${pair.nodeUrl}/version`]);
    expect(JSON.parse(stdout)).toEqual({ etcdserver: '3.7.1', etcdcluster: '3.7.0', storage: '3.7.0' });
  });
});
