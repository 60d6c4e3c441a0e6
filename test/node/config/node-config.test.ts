/** From words, variables and files to a configuration, or to the error of etcd's (docs/etcd-facts.md, flag values). */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { NodeConfig } from '../../../src/node/config.ts';
import { readNodeConfig } from '../../../src/node/config/node-config.ts';
import type { Notice } from '../../../src/node/config/notice.ts';
import { StartFailure } from '../../../src/node/config/start-failure.ts';

const folder = mkdtempSync(join(tmpdir(), 'qb-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(text: string): string {
  const path = join(folder, `${files++}.yaml`);
  writeFileSync(path, text);
  return path;
}

interface Outcome {
  readonly config: NodeConfig | null;
  readonly kind: string;
  readonly failure: { readonly shape: string; readonly message: string; readonly exitCode: number } | null;
  readonly notices: readonly Notice[];
}

function read(words: readonly string[], environment: NodeJS.ProcessEnv = {}): Outcome {
  const notices: Notice[] = [];
  try {
    const request = readNodeConfig(words, environment, notices);
    const config = request.kind === 'start' ? request.config : null;
    return { config, kind: request.kind, failure: null, notices };
  } catch (thrown) {
    if (!(thrown instanceof StartFailure)) throw thrown;
    const { shape, message, exitCode } = thrown;
    return { config: null, kind: 'failure', failure: { shape, message, exitCode }, notices };
  }
}

function configOf(words: readonly string[], environment: NodeJS.ProcessEnv = {}): NodeConfig {
  const { config, failure } = read(words, environment);
  expect(failure).toBeNull();
  return config!;
}

const urls = ['--listen-client-urls', 'http://127.0.0.1:1', '--advertise-client-urls', 'http://127.0.0.1:1'];

describe('defaults', () => {
  it("are etcd 3.7's", () => {
    expect(configOf([])).toEqual({
      name: 'default',
      dataDir: 'default.etcd',
      walDir: null,
      listenClientUrls: [{ scheme: 'http', host: 'localhost', port: 2379, path: '', text: 'http://localhost:2379' }],
      advertiseClientUrls: ['http://localhost:2379'],
      listenMetricsUrls: [],
      initialAdvertisePeerUrls: ['http://localhost:2380'],
      initialCluster: 'default=http://localhost:2380',
      initialClusterState: 'new',
      initialClusterToken: 'etcd-cluster',
      heartbeatIntervalMs: 100,
      electionTimeoutMs: 1000,
      snapshotCount: 10_000,
      snapshotCatchupEntries: 5_000,
      maxRequestBytes: 1_572_864,
      maxTxnOps: 128,
      maxConcurrentStreams: 4_294_967_295,
      quotaBackendBytes: 2_147_483_648,
      backendBatchLimit: 10_000,
      backendBatchIntervalMs: 100,
      grpcKeepaliveMinMs: 5_000,
      grpcKeepaliveIntervalMs: 7_200_000,
      grpcKeepaliveTimeoutMs: 20_000,
      corsOrigins: ['*'],
      hostWhitelist: ['*'],
      logLevel: 'info',
      logFormat: 'json',
      logOutputs: ['default'],
      metrics: 'basic',
    });
  });
});

describe('the command line', () => {
  const cases: readonly (readonly [words: readonly string[], expected: Partial<NodeConfig>])[] = [
    [['-name', 'x'], { name: 'x', dataDir: 'x.etcd', initialCluster: 'x=http://localhost:2380' }],
    [['--name=x', '-name=y'], { name: 'y' }],
    [['--name', '--data-dir'], { name: '--data-dir' }],
    [['--snapshot-count', '0x10'], { snapshotCount: 16 }],
    [['--snapshot-count=0'], { snapshotCount: 10_000 }],
    [['--snapshot-count=1_000'], { snapshotCount: 1_000 }],
    [['--snapshot-count=18446744073709551615'], { snapshotCount: Number.MAX_SAFE_INTEGER }],
    [['--experimental-snapshot-catchup-entries=7'], { snapshotCatchupEntries: 7 }],
    [['--quota-backend-bytes=-1'], { quotaBackendBytes: Infinity }],
    [['--quota-backend-bytes', '8589934592'], { quotaBackendBytes: 8_589_934_592 }],
    [
      ['--backend-batch-interval=1m30s', '--backend-batch-limit=5'],
      { backendBatchIntervalMs: 90_000, backendBatchLimit: 5 },
    ],
    [
      ['--backend-batch-interval=-1s', '--backend-batch-limit=-1'],
      { backendBatchIntervalMs: 100, backendBatchLimit: 10_000 },
    ],
    [['--max-concurrent-streams=0'], { maxConcurrentStreams: 4_294_967_295 }],
    [['--heartbeat-interval', '010', '--election-timeout', '40'], { heartbeatIntervalMs: 8, electionTimeoutMs: 40 }],
    [['--pre-vote', '--name', 'x'], { name: 'x' }],
    [['--pre-vote=false', '--enable-grpc-gateway=0', '--listen-peer-urls=http://127.0.0.1:5'], {}],
    [['--debug'], { logLevel: 'debug' }],
    [
      ['--log-level=WARN', '--log-format=console', '--log-outputs=stdout,stderr,stdout'],
      { logLevel: 'warn', logFormat: 'console', logOutputs: ['stdout', 'stderr'] },
    ],
    [['--log-output=stdout'], { logOutputs: ['stdout'] }],
    [['--metrics=extensive'], { metrics: 'extensive' }],
    [['--metrics=other'], { metrics: 'basic' }],
    [
      ['--cors=https://a:443,https://b:443', '--host-whitelist=a'],
      { corsOrigins: ['https://a:443', 'https://b:443'], hostWhitelist: ['a'] },
    ],
    [['--cert-file=', '--auto-compaction-retention', '0', '--max-wals=0x5', '--client-cert-auth=false'], {}],
    [['--feature-gates=LeaseCheckpoint=false,FastLeaseKeepAlive=true'], {}],
    [['--v', '--force=anything', '--snapshot', '--test.coverprofile=x', '--name', 'x'], { name: 'x' }],
    [
      ['--name', 'x', '--initial-advertise-peer-urls=http://10.0.0.1:2380'],
      { initialCluster: 'x=http://10.0.0.1:2380' },
    ],
    [['--initial-advertise-peer-urls=http://10.0.0.1:2380'], { initialCluster: 'default=http://localhost:2380' }],
    [
      [...urls, '--wal-dir=w', '--data-dir=d'],
      { dataDir: 'd', walDir: 'w', advertiseClientUrls: ['http://127.0.0.1:1'] },
    ],
  ];
  it.each(cases)('%j', (words, expected) => {
    expect(configOf(words)).toMatchObject(expected);
  });

  it('sorts URLs and drops the doubled', () => {
    const { listenClientUrls } = configOf([
      '--listen-client-urls=http://127.0.0.1:3, http://[::1]:2,unix://a:1,http://127.0.0.1:3',
      '--advertise-client-urls=http://a:1',
    ]);
    expect(listenClientUrls.map(({ text, host, port, path }) => [text, host, port, path])).toEqual([
      ['http://127.0.0.1:3', '127.0.0.1', 3, ''],
      ['http://[::1]:2', '::1', 2, ''],
      ['unix://a:1', '', 0, 'a:1'],
    ]);
  });

  it.each([['-h'], ['--help'], ['-help']])('%s asks for help', (word) =>
    expect(read([word, '--name']).kind).toBe('help'),
  );

  it('shows its version before it looks at anything else', () => {
    expect(read(['--version', '--heartbeat-interval=0'], { ETCD_NAME: 'y' }).kind).toBe('version');
  });
});

describe('a word that Go would refuse ends with 2 and its text', () => {
  it.each([
    [['--nosuch'], /^flag provided but not defined: -nosuch$/],
    [['--data-dri=x'], /^flag provided but not defined: -data-dri\ndid you mean --data-dir\?$/],
    [['---name'], /^bad flag syntax: ---name$/],
    [['--=x'], /^bad flag syntax: --=x$/],
    [['--name'], /^flag needs an argument: -name$/],
    [['--pre-vote=maybe'], /^invalid boolean value "maybe" for -pre-vote: parse error$/],
    [['--heartbeat-interval', 'abc'], /^invalid value "abc" for flag -heartbeat-interval: parse error$/],
    [['--heartbeat-interval', '-5'], /^invalid value "-5" for flag -heartbeat-interval: parse error$/],
    [['--heartbeat-interval=99999999999999999999'], /: value out of range$/],
    [['--quota-backend-bytes=1e9'], /^invalid value "1e9" for flag -quota-backend-bytes: parse error$/],
    [['--quota-backend-bytes=9223372036854775808'], /: value out of range$/],
    [['--backend-batch-interval=5'], /^invalid value "5" for flag -backend-batch-interval: parse error$/],
    [['--max-concurrent-streams=abc'], /: strconv.ParseUint: parsing "abc": invalid syntax$/],
    [['--max-concurrent-streams=0x100000000'], /: strconv.ParseUint: parsing "0x100000000": value out of range$/],
    [['--initial-cluster-state=foo'], /^invalid value "foo" for flag -initial-cluster-state: invalid value$/],
    [['--feature-gates=Foo=true'], /: unrecognized feature gate: Foo$/],
    [['--feature-gates=LeaseCheckpoint'], /: missing bool value for LeaseCheckpoint$/],
  ])('%j', (words, message) => {
    const { failure } = read(words);
    expect(failure).toMatchObject({ shape: 'usage', exitCode: 2 });
    expect(failure!.message).toMatch(message);
  });

  it.each([
    ['foo://127.0.0.1:1', 'URL scheme must be http, https, unix, or unixs: foo://127.0.0.1:1'],
    ['127.0.0.1:1', 'parse "127.0.0.1:1": first path segment in URL cannot contain colon'],
    [':2', 'parse ":2": missing protocol scheme'],
    ['http://127.0.0.1:1/x', 'URL must not contain a path: http://127.0.0.1:1/x'],
    ['http://127.0.0.1', 'URL address does not have the form "host:port": http://127.0.0.1'],
    ['http://::1:2', 'URL address does not have the form "host:port": http://::1:2'],
    ['http://127.0.0.1:abc', 'parse "http://127.0.0.1:abc": invalid port ":abc" after host'],
    ['http://[::1:2', `parse "http://[::1:2": missing ']' in host`],
    ['http://a b:2', 'parse "http://a b:2": invalid character " " in host name'],
    ['http://a%zz:2', 'parse "http://a%zz:2": invalid URL escape "%zz"'],
    ['http://a\u0001:2', 'parse "http://a\\x01:2": net/url: invalid control character in URL'],
    ['mailto:x', 'URL scheme must be http, https, unix, or unixs: mailto:x'],
    ['/x', 'URL scheme must be http, https, unix, or unixs: /x'],
  ])('the URL %s', (url, reason) => {
    const { failure } = read(['--listen-client-urls', url]);
    expect(failure!.message).toBe(
      `invalid value ${JSON.stringify(url).replace('u00', 'x')} for flag -listen-client-urls: ${reason}`,
    );
  });
});

describe('what contradicts itself ends with 1', () => {
  it.each([
    ['verify', ['foo', '--nosuch'], '"foo" is not a valid flag'],
    ['verify', ['--', '--name'], '"--name" is not a valid flag'],
    ['verify', ['gateway', 'start'], '"gateway" is not built yet'],
    [
      'verify',
      ['--listen-client-urls=http://127.0.0.1:1'],
      '--advertise-client-urls is required when --listen-client-urls is set explicitly',
    ],
    [
      'verify',
      ['--listen-client-urls='],
      '--advertise-client-urls is required when --listen-client-urls is set explicitly',
    ],
    [
      'verify',
      ['--election-timeout=400'],
      '--election-timeout[400ms] should be at least as 5 times as --heartbeat-interval[100ms]',
    ],
    [
      'verify',
      ['--election-timeout=60000'],
      '--election-timeout[60000ms] is too long, and should be set less than 50000ms',
    ],
    ['verify', ['--heartbeat-interval=0'], '--heartbeat-interval must be >0 (set to 0ms)'],
    ['verify', ['--election-timeout=0'], '--election-timeout must be >0 (set to 0ms)'],
    [
      'verify',
      ['--listen-client-urls=http://example.invalid:1'],
      'expected IP in URL for binding (http://example.invalid:1)',
    ],
    ['verify', ['--listen-metrics-urls=http://x:1'], 'expected IP in URL for binding (http://x:1)'],
    ['verify', ['--listen-metrics-urls=http://127.0.0.1:99999'], 'listen tcp: address 99999: invalid port'],
    [
      'verify',
      ['--advertise-client-urls=http://:1'],
      '--advertise-client-urls "http://:1" must be "host:port" (unexpected empty host (http://:1))',
    ],
    [
      'verify',
      ['--initial-cluster=a=http://a:1', '--discovery-srv=x'],
      'multiple discovery or bootstrap flags are set. Choose one of "initial-cluster", "discovery-endpoints" or "discovery-srv"',
    ],
    ['verify', ['--discovery-token=x'], 'both --discovery-token and --discovery-endpoints must be set'],
    ['verify', ['--auto-compaction-mode=foo'], 'unknown auto-compaction-mode "foo"'],
    ['start', ['--auto-compaction-retention=foo'], 'error parsing CompactionRetention: time: invalid duration "foo"'],
    ['start', ['--auth-token=foo'], 'auth: invalid auth options'],
    [
      'start',
      ['--listen-client-urls=https://127.0.0.1:1', '--advertise-client-urls=https://a:1'],
      'TLS key/cert (--cert-file, --key-file) must be provided for client url https://127.0.0.1:1 with HTTPS scheme',
    ],
    ['verify', ['--logger=capnslog'], 'unknown logger option "capnslog"'],
    ['verify', ['--log-outputs=default,stderr'], 'multi logoutput for "default" is not supported yet'],
    ['verify', ['--config-file=/nonexist.yaml'], 'open /nonexist.yaml: no such file or directory'],
    ['verify', ['--config-file=/'], 'read /: is a directory'],
  ] as const)('%s: %j', (shape, words, message) => {
    expect(read(words).failure).toEqual({ shape, message, exitCode: 1 });
  });

  it('an unknown log level ends as a Go panic does', () => {
    expect(read(['--log-level=foo']).failure).toEqual({
      shape: 'panic',
      message: 'panic: unrecognized level: "foo"',
      exitCode: 2,
    });
  });
});

describe('a flag that is known and not built yet', () => {
  it.each([
    ['--cert-file=x'],
    ['--trusted-ca-file=x'],
    ['--client-cert-auth'],
    ['--auto-tls'],
    ['--auto-compaction-retention=5'],
    ['--discovery-srv=example.com'],
    ['--unsafe-no-fsync'],
    ['--force-new-cluster'],
    ['--max-wals=0'],
    ['--auth-token=jwt,x=y'],
    ['--listen-client-http-urls=http://127.0.0.1:1'],
    ['--strict-reconfig-check=false'],
    ['--enable-v2'],
    ['--proxy=on'],
    ['--experimental-corrupt-check-time=5s'],
    ['--warning-apply-duration=1s'],
  ])('%s stops the start, named', (word) => {
    const name = word.replace(/=.*/, '');
    expect(read([word]).failure).toEqual({
      shape: 'verify',
      message: `${name} is not built yet: start without it`,
      exitCode: 1,
    });
  });

  it('stops it in a variable and in a file too', () => {
    expect(read([], { ETCD_CERT_FILE: 'x' }).failure?.message).toMatch(/^--cert-file is not built yet/);
    const path = file('client-transport-security:\n  cert-file: x\n');
    expect(read(['--config-file', path]).failure?.message).toMatch(/^--cert-file is not built yet/);
    expect(read(['--feature-gates=LeaseCheckpoint=true']).failure?.message).toBe(
      '--feature-gates=LeaseCheckpoint=true is not built yet: start without it',
    );
  });

  it.each([
    ['--enable-v2=false', 'etcd 3.5 was the last to take it; it has no effect'],
    ['--experimental-corrupt-check-time=0s', 'use --corrupt-check-time instead'],
    ['--debug=false', 'use --log-level=debug instead'],
  ])('%s is taken with a warning', (word, text) => {
    const { notices, kind } = read([word, '--name=x']);
    expect(kind).toBe('start');
    expect(notices.map(({ level, message }) => [level, message])).toEqual([['warn', expect.stringContaining(text)]]);
  });

  it.each([
    ['--quota-backend-bytes', 8 * 2 ** 30, 'quota exceeds the maximum value'],
    ['--max-request-bytes', 10 * 2 ** 20, 'exceeded recommended request limit'],
  ])('warns of more %s than etcd recommends', (flag, bytesMax, message) => {
    expect(read([`${flag}=${bytesMax}`, '--name=x']).notices).toEqual([]);
    expect(read([`${flag}=${bytesMax + 1}`, '--name=x']).notices).toMatchObject([{ level: 'warn', message }]);
  });
});

describe('variables', () => {
  it('fill what the command line leaves open, and empty ones do not', () => {
    const environment = {
      ETCD_NAME: 'y',
      ETCD_SNAPSHOT_COUNT: '0x20',
      ETCD_DATA_DIR: '',
      PATH: '/bin',
      ETCDCTL_API: '3',
    };
    const { config, notices } = read(['--max-txn-ops=5'], environment);
    expect(config).toMatchObject({ name: 'y', snapshotCount: 32, maxTxnOps: 5, dataDir: 'y.etcd' });
    expect(notices.map(({ message, fields }) => [message, ...Object.values(fields)])).toEqual([
      ['recognized and used environment variable', 'ETCD_NAME', 'y'],
      ['recognized and used environment variable', 'ETCD_SNAPSHOT_COUNT', '0x20'],
      ['unrecognized environment variable', 'ETCD_DATA_DIR='],
    ]);
  });

  const conflict =
    'conflicting environment variable is shadowed by corresponding command-line flag (either unset environment variable or disable flag))';
  it.each([
    [{ ETCD_NAME: 'x' }, 'fatal', conflict],
    [{ ETCD_NAME: '' }, 'fatal', conflict],
    [{ ETCD_NAME: 'x', ETCD_PRE_VOTE: 'maybe' }, 'fatal', conflict],
    [{ ETCD_HEARTBEAT_INTERVAL: 'zz' }, 'verify', 'invalid value "zz" for ETCD_HEARTBEAT_INTERVAL: parse error'],
    [
      { ETCD_HEARTBEAT_INTERVAL: 'zz', ETCD_PRE_VOTE: 'a' },
      'verify',
      'invalid value "a" for ETCD_PRE_VOTE: parse error',
    ],
    [
      { ETCD_LISTEN_CLIENT_URLS: 'http://127.0.0.1:1' },
      'verify',
      '--advertise-client-urls is required when --listen-client-urls is set explicitly',
    ],
  ])('%j beside --name=x', (environment, shape, message) => {
    expect(read(['--name=x'], environment).failure).toEqual({ shape, message, exitCode: 1 });
  });

  it('that nobody knows are told, and ETCD_VERSION is ignored', () => {
    const { notices } = read(['--name=x'], { ETCD_FOO: 'bar', ETCD_VERSION: '3.4', ETCD_UNSUPPORTED_ARCH: 'arm' });
    expect(notices).toEqual([
      {
        level: 'warn',
        message: 'cannot set special environment variable',
        fields: { key: 'ETCD_VERSION', value: '3.4' },
      },
      {
        level: 'warn',
        message: 'unrecognized environment variable',
        fields: { 'environment-variable': 'ETCD_FOO=bar' },
      },
    ]);
  });
});

describe('a configuration file', () => {
  it('is the only source, in YAML', () => {
    const path = file(
      [
        'name: infra0',
        'listen-client-urls: http://127.0.0.1:1,http://127.0.0.1:2',
        'backend-batch-interval: 250000000',
        'max-request-bytes: 1000',
        'log-outputs: [stderr, /tmp/x]',
        'cors: https://a:443,https://b:443',
        'experimental-snapshot-catch-up-entries: 9',
        'no-such-key: 5',
        'discovery-config: {client: {endpoints: []}}',
      ].join('\n'),
    );
    const { config, notices } = read(['--config-file', path, '--name=y'], { ETCD_NAME: 'z', ETCD_FOO: 'x' });
    expect(config).toMatchObject({
      name: 'infra0',
      dataDir: 'infra0.etcd',
      advertiseClientUrls: ['http://localhost:2379'],
      backendBatchIntervalMs: 250,
      maxRequestBytes: 1_000,
      snapshotCatchupEntries: 9,
      logOutputs: ['stderr', '/tmp/x'],
      corsOrigins: ['https://a:443', 'https://b:443'],
    });
    expect(config!.listenClientUrls.map(({ port }) => port)).toEqual([1, 2]);
    expect(notices[0]).toMatchObject({ level: 'info', fields: { path } });
  });

  it.each([
    ['{"name": "x", "heartbeat-interval": 10, "election-timeout": 50}', { name: 'x', heartbeatIntervalMs: 10 }],
    ['', { name: 'default' }],
    ['name: a\nname: b\n', { name: 'b' }],
    ['name: null\nclient-transport-security: null\n', { name: 'default' }],
    ['client-transport-security:\n  cert-file: ""\n  auto-tls: false\n', {}],
    ["listen-client-urls: ''\n", { advertiseClientUrls: ['http://localhost:2379'] }],
  ])('%j', (text, expected) => {
    expect(configOf(['--config-file', file(text)])).toMatchObject(expected);
  });

  it('may be named by a variable', () => {
    expect(configOf(['--name=y'], { ETCD_CONFIG_FILE: file('name: x') })).toMatchObject({ name: 'x' });
  });

  const decoding = 'error unmarshaling JSON: while decoding JSON: json: cannot unmarshal';
  it.each([
    ['a: [b', 'verify', /^error converting YAML to JSON: yaml: line 1: /],
    ['a: b\n\tc: d', 'verify', /^error converting YAML to JSON: yaml: line 2: /],
    ['[1, 2]', 'verify', `${decoding} array into Go value of type embed.configYAML`],
    ['5', 'verify', `${decoding} number into Go value of type embed.configYAML`],
    [
      'heartbeat-interval: "10"',
      'verify',
      `${decoding} string into Go struct field configYAML.Config.heartbeat-interval of type uint`,
    ],
    [
      'heartbeat-interval: -1',
      'verify',
      `${decoding} number -1 into Go struct field configYAML.Config.heartbeat-interval of type uint`,
    ],
    [
      'heartbeat-interval: 1.5',
      'verify',
      `${decoding} number 1.5 into Go struct field configYAML.Config.heartbeat-interval of type uint`,
    ],
    [
      'backend-batch-interval: 10m',
      'verify',
      `${decoding} string into Go struct field configYAML.Config.backend-batch-interval of type time.Duration`,
    ],
    ['pre-vote: 7', 'verify', `${decoding} number into Go struct field configYAML.Config.pre-vote of type bool`],
    ['name: 5', 'verify', `${decoding} number into Go struct field configYAML.Config.name of type string`],
    ['name: {a: 1}', 'verify', `${decoding} object into Go struct field configYAML.Config.name of type string`],
    [
      'log-outputs: x',
      'verify',
      `${decoding} string into Go struct field configYAML.Config.log-outputs of type []string`,
    ],
    [
      'listen-client-urls: [x]',
      'verify',
      `${decoding} array into Go struct field configYAML.configJSON.listen-client-urls of type string`,
    ],
    [
      'client-transport-security: 5',
      'verify',
      /cannot unmarshal number into Go struct field .*client-transport-security/,
    ],
    [
      'client-transport-security: {cert-file: 5, auto-tls: x}',
      'verify',
      /cannot unmarshal string into Go struct field securityConfig.client-transport-security.auto-tls of type bool$/,
    ],
    [
      'listen-client-urls: foo://1',
      'plain',
      'unexpected error setting up listen-client-urls: URL scheme must be http, https, unix, or unixs: foo://1',
    ],
    ['initial-cluster-state: foo', 'verify', 'unexpected clusterState "foo"'],
    ['heartbeat-interval: 0', 'verify', '--heartbeat-interval must be >0 (set to 0ms)'],
    ['discovery-config: {client: {endpoints: [a]}, token: x}', 'verify', /^--discovery-endpoints is not built yet/],
    [
      `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghij'].map((c, i) => `${c}: &${c} [${`*${'abcdefghi'[i]},`.repeat(9)}]`).join('\n')}`,
      'verify',
      /^error converting YAML to JSON: yaml: /,
    ],
  ])('%j is refused', (text, shape, message) => {
    const { failure } = read(['--config-file', file(text)]);
    expect(failure).toMatchObject({ shape, exitCode: 1 });
    if (typeof message === 'string') expect(failure!.message).toBe(message);
    else expect(failure!.message).toMatch(message);
  });

  it('is not read without end', () => {
    expect(read(['--config-file=/dev/zero']).failure?.message).toMatch(/^read \/dev\/zero: larger than/);
  });
});
