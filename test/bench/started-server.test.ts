// Why a server did not start, as the message has it, and what a start leaves that came to nothing.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EtcdTarget } from '../../src/bench/targets/etcd-target.ts';
import { logWords } from '../../src/bench/targets/started-server.ts';

it.each([
  {
    line: '{"level":"fatal","caller":"a.js:1","msg":"discovery failed","error":"no space left"}',
    words: 'discovery failed: no space left',
  },
  { line: '{"level":"fatal","msg":"stopped"}', words: 'stopped' },
  { line: '{"level":"fatal"}', words: '{"level":"fatal"}' },
  { line: 'null', words: 'null' },
  { line: '2026-11-22 C | etcdmain: no space left', words: '2026-11-22 C | etcdmain: no space left' },
])('$line is said as $words', ({ line, words }) => expect(logWords(line)).toBe(words));

it('leaves nothing where no port is free', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'start-'));
  const log = { info: () => {}, warn: () => {} };
  const target = new EtcdTarget('etcd', process.execPath, () => 0); // one port is all there is, and a server takes two
  const start = target.start({ directory, label: 'round', log, signal: new AbortController().signal });
  await expect(start).rejects.toMatchObject({ code: 'NO_PORT' });
  expect(await readdir(directory)).toEqual([]);
  await rm(directory, { recursive: true });
});
