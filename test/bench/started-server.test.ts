// Why a server did not start, as the message has it.
import { expect, it } from 'vitest';
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
