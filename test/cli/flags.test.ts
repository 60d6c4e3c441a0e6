import { readdirSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import { runFlags } from '../../src/cli/command-flags.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { byteSize, wholeNumber } from '../../src/cli/flag-values.ts';
import { parseWords, TypedFlags } from '../../src/cli/flags.ts';
import { Interrupts } from '../../src/cli/interrupts.ts';
import { repeatingCommand } from '../../src/cli/repeating-command.ts';
import { readRunOptions } from '../../src/cli/run-options.ts';

async function lineOf(asked: () => unknown): Promise<string> {
  try {
    await asked();
  } catch (thrown) {
    if (thrown instanceof Failure) return `${thrown.exitCode}: ${thrown.line}`;
    throw thrown;
  }
  return 'accepted';
}

describe('bench', () => {
  it.each([
    { words: ['rnu', 'x.yaml'], line: '2: unknown command "rnu"; did you mean bench run?' },
    { words: ['help', 'rnu'], line: '2: unknown command "rnu"; did you mean bench run?' },
    { words: ['--hlep'], line: '2: unknown flag --hlep; did you mean --help?' },
    { words: ['run'], line: '2: bench run needs a workload file; try bench run workloads/s.yaml' },
    { words: ['run', 'a', 'b'], line: '2: one workload file at a time: "b" is too many; see bench run --help' },
    { words: ['run', 'a', '--raet', '5'], line: '2: unknown flag --raet; did you mean --rate?' },
    { words: ['run', 'a', '--no-json'], line: '2: unknown flag --no-json; see bench run --help' },
    { words: ['run', 'a', '-x'], line: '2: unknown flag -x; see bench run --help' },
    { words: ['run', 'a', '--rate'], line: '2: --rate needs a value: --rate PER-SECOND' },
    { words: ['run', 'a', '--rate', '1', '--rate', '2'], line: '2: --rate is given twice' },
    { words: ['run', 'a', '--out='], line: '2: --out needs a value: --out DIR' },
    { words: ['run', 'a', '--rounds', '0'], line: '2: --rounds "0" is not a whole number from 1 to 1000' },
    { words: ['run', 'a', '--rounds', '1e1'], line: '2: --rounds "1e1" is not a whole number from 1 to 1000' },
    { words: ['run', 'a', '--transport', 'http'], line: '2: --transport "http" is not wire or grpc-js' },
    { words: ['run', 'a', '--max-bytes', '5TB'], line: '2: --max-bytes "5TB" is not a size such as 500MB or 2GiB' },
    {
      words: ['run', 'a', '--endpoints', 'h:1,'],
      line: '2: endpoint "" is not host:port or a URL; write http://127.0.0.1:2379 or 127.0.0.1:2379',
    },
    {
      words: ['run', 'a', '--endpoints', 'h:1', '--cert', 'nowhere'],
      line: '2: --cert nowhere cannot be read: no such file or folder; give a PEM file',
    },
    {
      words: ['run', 'a', '--endpoints', 'h:1', '--cacert', 'package.json'],
      line: '2: --cacert package.json is not a PEM file; give a file with a BEGIN line',
    },
    {
      words: ['run', 'a', '--endpoints', 'h:1', '--cacert', 'test'],
      line: '2: --cacert test cannot be read: it is a folder; give a PEM file',
    },
    {
      words: ['run', 'a', '--endpoints', 'h:1', '--user', 'root'],
      line: '2: --user is not NAME:PASSWORD; write --user root:secret',
    },
    {
      words: ['run', 'a', '--target', 'etcd', '--user', 'a:b'],
      line: '2: --user goes with --endpoints; a server that bench starts has no TLS and no users',
    },
    { words: ['report', 'a', '--rounds', '2'], line: '2: unknown flag --rounds; see bench report --help' },
    { words: ['--rounds'], line: '2: unknown flag --rounds; see bench --help' },
    { words: ['report'], line: '2: bench report needs one run folder; try bench report results/NAME' },
    {
      words: ['report', 'no-such-folder'],
      line: '2: cannot read the result no-such-folder: no such file or folder; give a folder that bench run has written',
    },
  ])('$words says $line', async ({ words, line }) =>
    expect(await lineOf(() => dispatch(words, new Interrupts(() => 0)))).toBe(line),
  );
});

describe('words', () => {
  const parse = (...words: string[]) => parseWords(words, runFlags);

  it('that are no flags stay in order, and so do all after --', () => {
    expect(parse('a', '--json', 'b', '-', '--', '--rate', '-x').positional).toEqual(['a', 'b', '-', '--rate', '-x']);
  });

  it('after a flag are its value, whatever they look like', () => {
    const { flags, positional } = parse('--rate', '-5', '--out=a=b', '--json', 'w');
    expect([flags.text('rate'), flags.text('out'), flags.has('json'), positional]).toEqual(['-5', 'a=b', true, ['w']]);
  });

  it.each([
    { words: ['--rate', '--json'], line: '2: --rate needs a value: --rate PER-SECOND' },
    { words: ['--rate', ''], line: '2: --rate needs a value: --rate PER-SECOND' },
    { words: ['--json=true'], line: '2: --json takes no value' },
    { words: ['-rate', '5'], line: '2: unknown flag -rate; did you mean --rate?' },
    { words: ['--json', '--json'], line: '2: --json is given twice' },
    { words: ['--=x'], line: '2: unknown flag --; see bench --help' },
  ])('$words: $line', async ({ words, line }) => expect(await lineOf(() => parse(...words))).toBe(line));
});

describe('help', () => {
  it.each([
    {
      words: ['--help'],
      text: /bench run <workload\.yaml>[\s\S]*bench run workloads\/s\.yaml --target etcd[\s\S]*Exit codes/,
    },
    {
      words: ['run', '--help'],
      text: /--endpoints[\s\S]*--max-bytes[\s\S]*Examples:[\s\S]*bench run workloads\/s\.yaml --target etcd/,
    },
    { words: ['run', 'x', '-h'], text: /--endpoints/ },
    { words: ['report', '--help'], text: /bench report results\// },
    { words: ['help'], text: /bench <command>/ },
    { words: ['help', 'run'], text: /^bench run <workload\.yaml>[\s\S]*--endpoints/ },
    { words: ['help', 'node'], text: /bench node \[flags\]/ },
    { words: ['node', '--help'], text: /Taken without effect.*\n.*--backend-bbolt-freelist-type/ },
    { words: ['version'], text: /^quorumbench \d+\.\d+\.\d+/ },
    { words: ['--version'], text: /^quorumbench \d+\.\d+\.\d+/ },
  ])('$words', async ({ words, text }) => {
    const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    expect(await dispatch(words, new Interrupts(() => 0))).toBe(0);
    const [shown] = printed.mock.calls[0]!;
    printed.mockRestore();
    expect(shown).toMatch(text);
  });

  it('of run names every workload that is shipped', async () => {
    const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    await dispatch(['run', '--help'], new Interrupts(() => 0));
    const [shown] = printed.mock.calls[0]!;
    printed.mockRestore();
    const shipped = readdirSync('workloads').filter((name) => name.endsWith('.yaml'));
    const words = new Set(String(shown).match(/[\w-]+/g));
    expect(shipped.filter((name) => !words.has(name.replace('.yaml', '')))).toEqual([]);
  });
});

describe('run options', () => {
  const read = async (...words: string[]) => {
    const { positional, flags } = parseWords(['w.yaml', ...words], runFlags);
    return readRunOptions(positional, flags);
  };

  it('have defaults', async () => {
    expect(await read()).toMatchObject({
      workloadFile: 'w.yaml',
      targets: [],
      endpoints: null,
      tls: null,
      user: null,
      transport: 'wire',
      prefix: null,
      maxBytes: null,
      rounds: 1,
      out: 'results',
      json: false,
    });
  });

  it('keep order and texts of what is repeated', async () => {
    const options = await read(
      '--target',
      'etcd',
      '--target=etcd@/opt/etcd',
      '--set',
      'values.bytes=007',
      '--set',
      'seed=0x10',
      '--json',
    );
    expect(options.targets).toEqual(['etcd', 'etcd@/opt/etcd']);
    expect(options.overrides.set).toEqual(['values.bytes=007', 'seed=0x10']);
    expect(options.json).toBe(true);
  });

  it("take https without any file for the system's authorities", async () => {
    expect((await read('--endpoints', 'https://h:1')).tls).toMatchObject({ caPem: null, insecureSkipVerify: false });
    expect((await read('--endpoints', 'h:1')).tls).toBeNull();
  });

  it('split a user at the first colon', async () => {
    expect((await read('--endpoints', 'h:1', '--user', 'root:a:b')).user).toEqual({ name: 'root', password: 'a:b' });
  });
});

it.each([
  ['1', 1],
  ['500MB', 5e8],
  ['1.5GiB', 1.5 * 1024 ** 3],
  ['10kib', 10_240],
])('%s is %i bytes', (text, bytes) => expect(byteSize('--max-bytes', text)).toBe(bytes));

it.each(['', '0', '-1', '1XB', 'MB', '0.1B', '9e9', '99999999GiB'])('"%s" is no size', (text) =>
  expect(() => byteSize('--max-bytes', text)).toThrow(Failure),
);

it.each(['', '-1', '1.5', '0x1', ' 1', '101'])('"%s" is no number from 0 to 100', (text) =>
  expect(() => wholeNumber('--n', text, { min: 0, max: 100 })).toThrow(Failure),
);

it('a saved command has no password', () => {
  const words = ['run', 'w.yaml', '--user', 'root:se:cret', '--out', 'a:b'];
  expect(repeatingCommand(words, 'test').join(' ')).toBe('bench run w.yaml --user root:PASSWORD --out a:b');
  expect(repeatingCommand(['run', '--user=root:secret'], 'exec').join(' ')).toBe('npx bench run --user=root:PASSWORD');
});

it('flags that were not typed are null', () => {
  const flags = new TypedFlags(new Map([['out', ['x']]]));
  expect([flags.text('out'), flags.text('rate'), flags.all('set'), flags.has('json')]).toEqual(['x', null, [], false]);
});
