import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { shellLine, withFlag } from '../../src/base/shell-line.ts';

describe('shellLine', () => {
  it.each([
    { words: ['bench', 'run', 'workloads/s.yaml', '--set', 'a.b=1'], line: 'bench run workloads/s.yaml --set a.b=1' },
    { words: ['a b', ''], line: `'a b' ''` },
    { words: [`it's`], line: `'it'\\''s'` },
    { words: ['$(reboot)', '`x`', ';', '*'], line: "'$(reboot)' '`x`' ';' '*'" },
  ])('$words is $line', ({ words, line }) => expect(shellLine(words)).toBe(line));

  it('is read back by a shell as it was', () => {
    const words = ['a', 'b c', `d'e"f`, '$HOME', '\\n', 'ü\n'];
    const read = execFileSync('sh', ['-c', `printf '%s\\0' ${shellLine(words)}`], { encoding: 'utf8' });
    expect(read.split('\0').slice(0, -1)).toEqual(words);
  });
});

describe('withFlag', () => {
  it.each([
    { words: ['bench', 'run'], expected: ['bench', 'run', '--rate', '5'] },
    { words: ['bench', '--rate', '9', 'run'], expected: ['bench', 'run', '--rate', '5'] },
    { words: ['bench', 'run', '--rate=9'], expected: ['bench', 'run', '--rate', '5'] },
  ])('$words', ({ words, expected }) => expect(withFlag(words, '--rate', '5')).toEqual(expected));
});
