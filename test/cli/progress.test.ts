import { describe, expect, it } from 'vitest';
import type { LoadProgress } from '../../src/bench/load-spec.ts';
import { describe as words, Progress } from '../../src/cli/progress.ts';

const progress: LoadProgress = {
  phase: 'load',
  warmUp: false,
  fraction: 0.426,
  completed: 1_000,
  errors: 0,
  ratePerSec: 14_998.4,
  latencyP99Ms: 3.14159,
};

function sink(redraws: boolean, columns = 200) {
  const written: string[] = [];
  const clock = { ms: 0 };
  const subject = new Progress({ redraws, columns, write: (text) => void written.push(text) }, () => clock.ms);
  return { written, clock, subject };
}

describe('progress', () => {
  it.each([
    { changed: {}, text: ' 43 %  load  14,998/s  p99 3.14 ms' },
    { changed: { errors: 1 }, text: ' 43 %  load  14,998/s  p99 3.14 ms  1 error' },
    { changed: { warmUp: true, fraction: 1 }, text: '100 %  load (warm-up)  14,998/s  p99 3.14 ms' },
    { changed: { latencyP99Ms: null, ratePerSec: 0, fraction: 0 }, text: '  0 %  load  0/s  p99 -' },
  ])('reads $text', ({ changed, text }) => expect(words({ ...progress, ...changed })).toBe(text));

  it('is a line every five seconds where there is no terminal', () => {
    const { written, clock, subject } = sink(false);
    for (clock.ms = 0; clock.ms <= 11_000; clock.ms += 250) subject.update('etcd', progress);
    expect(written).toEqual(Array.from({ length: 3 }, () => 'etcd   43 %  load  14,998/s  p99 3.14 ms\n'));
    subject.status('removing');
    subject.clear();
    expect(written).toHaveLength(3);
  });

  it('is one line redrawn on a terminal, cut to its width and gone at the end', () => {
    const { written, clock, subject } = sink(true, 40);
    subject.update('etcd', progress);
    clock.ms = 100;
    subject.update('etcd', progress);
    expect(written).toHaveLength(1);
    expect(written[0]).toBe('\retcd  [██████████··············]  43 % \x1b[K');
    subject.line('a note');
    expect(written.slice(1)).toEqual(['\r\x1b[K', 'a note\n']);
    subject.clear();
    expect(written).toHaveLength(3);
    subject.status('removing keys');
    subject.clear();
    expect(written.slice(3)).toEqual(['\rremoving keys\x1b[K', '\r\x1b[K']);
  });
});
