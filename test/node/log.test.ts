/** Lines in etcd's shape, and where they go. */
import { execFileSync } from 'node:child_process';
import { constants, mkdtempSync, openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { LogFields, LogFormat, LogLevel } from '../../src/node/config.ts';
import { openLog, type EndableLog } from '../../src/node/log.ts';
import { LogSink } from '../../src/node/log-sink.ts';

const folder = mkdtempSync(join(tmpdir(), 'qb-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
const atMs = Date.UTC(2026, 10, 22, 9, 36, 1, 717);

interface Options {
  readonly level?: LogLevel;
  readonly format?: LogFormat;
}

async function linesOf(write: (log: EndableLog) => void, { level = 'info', format = 'json' }: Options = {}) {
  const path = join(folder, `${files++}.log`);
  const log = openLog({ level, format, outputs: [path], wallMs: () => atMs });
  write(log);
  await log.close();
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

describe('a line', () => {
  it('is one object: level, ts, caller, msg, then the fields in order', async () => {
    const [line] = await linesOf((log) => log.info('started\n"it"', { zeta: 1, alpha: ['a'], 'is-b': true }));
    expect(line).toMatch(
      /^\{"level":"info","ts":"2026-11-22T09:36:01\.717Z","caller":"node\/log\.test\.ts:\d+","msg":"started\\n\\"it\\"","zeta":1,"alpha":\["a"\],"is-b":true\}$/,
    );
  });

  it('names the line that wrote it, for every level', async () => {
    const lines = await linesOf(
      (log) => {
        log.debug('a');
        log.info('b');
        log.warn('c');
        log.error('d');
        log.fatal('e');
      },
      { level: 'debug' },
    );
    const callers = lines.map((line) => (JSON.parse(line) as { caller: string }).caller);
    expect(new Set(callers.map((caller) => caller.replace(/:\d+$/, '')))).toEqual(new Set(['node/log.test.ts']));
    const numbers = callers.map((caller) => Number(/\d+$/.exec(caller)![0])).sort((a, b) => a - b);
    expect(numbers.map((number) => number - numbers[0]!)).toEqual([0, 1, 2, 3, 4]);
  });

  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  it.each<[fields: LogFields, text: string]>([
    [{ id: 0xffffffffffffffffn }, '"id":"18446744073709551615"'],
    [{ error: new Error('broken') }, '"error":"broken"'],
    [{ quota: Infinity, share: NaN }, '"quota":"Infinity","share":"NaN"'],
    [{ gone: undefined, there: null }, '"there":null'],
    [{ circular }, '"circular":"?"'],
    [{ text: '\u2028\ud800' }, '"text":"\u2028\\ud800"'],
    [{}, ''],
  ])('can hold any field (%#)', async (fields, text) => {
    const [line] = await linesOf((log) => log.info('m', fields));
    expect(line!.replace(/^.*"msg":"m"/, '')).toBe(text === '' ? '}' : `,${text}}`);
    expect(JSON.parse(line!)).toMatchObject({ msg: 'm' });
  });

  it("has zap's other form", async () => {
    const lines = await linesOf(
      (log) => {
        log.info('plain');
        log.warn('with fields', { a: 'x":"y', b: 2 });
      },
      { format: 'console' },
    );
    expect(lines.map((line) => line.replace(/test\.ts:\d+/, 'test.ts:N'))).toEqual([
      '2026-11-22T09:36:01.717Z\tinfo\tnode/log.test.ts:N\tplain',
      '2026-11-22T09:36:01.717Z\twarn\tnode/log.test.ts:N\twith fields\t{"a": "x\\":\\"y", "b": 2}',
    ]);
  });
});

describe('a level', () => {
  it.each<[LogLevel, string]>([
    ['debug', 'dbg inf wrn err ftl'],
    ['info', 'inf wrn err ftl'],
    ['warn', 'wrn err ftl'],
    ['error', 'err ftl'],
    ['panic', 'ftl'],
    ['fatal', 'ftl'],
  ])('%s shows %s', async (level, shown) => {
    const lines = await linesOf(
      (log) => {
        log.debug('dbg');
        log.info('inf');
        log.warn('wrn');
        log.error('err');
        log.fatal('ftl');
      },
      { level },
    );
    // The fatal line leaves before the call returns, and may overtake one that is on its way.
    const messages = lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(messages.sort()).toEqual(shown.split(' ').sort());
  });
});

describe('outputs', () => {
  it('are each written to once, files with 0600', async () => {
    const [a, b] = [join(folder, 'a.log'), join(folder, 'b.log')];
    const log = openLog({ level: 'info', format: 'json', outputs: [a, b, a], wallMs: () => atMs });
    log.info('one');
    await log.close();
    log.info('after the end');
    for (const path of [a, b]) expect(readFileSync(path, 'utf8').split('\n').length).toBe(2);
    expect(statSync(a).mode & 0o777).toBe(0o600);
  });

  it('are nothing else where one of them throws everything away', async () => {
    const path = join(folder, 'c.log');
    const log = openLog({ level: 'info', format: 'json', outputs: ['/dev/null', path], wallMs: () => atMs });
    log.info('one');
    await log.close();
    expect(() => statSync(path)).toThrow(/ENOENT/);
  });

  it('that cannot be opened are an error with their path', () => {
    const path = join(folder, 'no/such');
    expect(() => openLog({ level: 'info', format: 'json', outputs: [path], wallMs: () => atMs })).toThrow(path);
  });
});

describe('a sink', () => {
  it('keeps the order of many lines', async () => {
    const path = join(folder, 'order.log');
    const sink = new LogSink(path, () => 'dropped\n');
    const lines = Array.from({ length: 2_000 }, (_, i) => `line ${i}\n`);
    for (const line of lines) sink.write(line);
    await sink.close();
    expect(readFileSync(path, 'utf8')).toBe(lines.join(''));
  });

  it('has handed a fatal line over when the call returns', () => {
    const path = join(folder, 'now.log');
    const sink = new LogSink(path, () => 'dropped\n');
    sink.writeNow('fatal\n');
    expect(readFileSync(path, 'utf8')).toBe('fatal\n');
  });

  it('drops what a slow reader cannot take, says how much, and never waits', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    const sink = new LogSink(writer, (count) => `dropped ${count}\n`);
    const line = `${'x'.repeat(9_999)}\n`;
    for (let i = 0; i < 1_000; i++) sink.write(line);
    let text = '';
    const buffer = Buffer.alloc(1 << 20);
    while (!/dropped \d+\n$/.test(text)) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      try {
        text += buffer.toString('latin1', 0, readSync(reader, buffer));
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'EAGAIN' });
      }
    }
    const dropped = Number(/dropped (\d+)/.exec(text)![1]);
    expect(text.split('\n').filter((each) => each.length === 9_999).length + dropped).toBe(1_000);
    expect(dropped).toBeGreaterThan(500);
    await sink.close();
  });

  it('gives up on a reader that takes nothing', () => {
    const path = join(folder, 'stuck');
    execFileSync('mkfifo', [path]);
    openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const sink = new LogSink(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK), () => '');
    sink.writeNow('x'.repeat(1 << 20));
  });
});
