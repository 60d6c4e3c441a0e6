import { afterEach, describe, expect, it, vi } from 'vitest';
import { Interrupts, parentDeath, parentsOf } from '../../src/cli/interrupts.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe('interrupts', () => {
  const interrupts = () => {
    const clock = { ms: 0 };
    return { clock, interrupts: new Interrupts(() => clock.ms) };
  };

  it('stop first, and give up on the clean-up the second time', () => {
    const { clock, interrupts: subject } = interrupts();
    expect([subject.stop.aborted, subject.abandon.aborted, subject.reason]).toEqual([false, false, null]);
    subject.note('SIGINT');
    expect([subject.stop.aborted, subject.abandon.aborted, subject.reason]).toEqual([true, false, 'SIGINT']);
    clock.ms = 501;
    subject.note('SIGTERM');
    expect([subject.abandon.aborted, subject.reason]).toEqual([true, 'SIGINT']);
  });

  it('count the copies of one keystroke once', () => {
    const { clock, interrupts: subject } = interrupts();
    subject.note('SIGINT');
    clock.ms = 500;
    subject.note('SIGINT');
    expect(subject.abandon.aborted).toBe(false);
  });

  it('take a parent that dies for the same wish, and for a wish of its own', () => {
    const { clock, interrupts: subject } = interrupts();
    subject.note('SIGTERM');
    clock.ms = 10_000;
    subject.note(parentDeath);
    expect(subject.abandon.aborted).toBe(false);

    const { interrupts: other } = interrupts();
    other.note(parentDeath);
    expect([other.stop.aborted, other.reason]).toEqual([true, parentDeath]);
  });

  it('notice a new parent, and nothing after the release', () => {
    vi.useFakeTimers();
    const parent = { id: '7' };
    const subject = new Interrupts(
      () => 0,
      () => parent.id,
    );
    subject.watch();
    vi.advanceTimersByTime(1_000);
    expect(subject.reason).toBeNull();
    parent.id = '1';
    vi.advanceTimersByTime(1_000);
    expect(subject.reason).toBe(parentDeath);

    const alone = new Interrupts(
      () => 0,
      () => parent.id,
    );
    alone.watch({ parents: false });
    parent.id = '2';
    vi.advanceTimersByTime(1_000);
    expect(alone.reason).toBeNull();
    alone.release();

    const released = new Interrupts(
      () => 0,
      () => parent.id,
    );
    released.watch();
    released.release();
    parent.id = '2';
    vi.advanceTimersByTime(1_000);
    expect(released.reason).toBeNull();
  });

  it('watch the parent, and under npm its parent too', () => {
    vi.stubEnv('npm_command', undefined);
    expect(parentsOf()).toBe(String(process.ppid));
    vi.stubEnv('npm_command', 'exec');
    expect(parentsOf()).toMatch(process.platform === 'linux' ? new RegExp(`^${process.ppid} \\d+$`) : /^\d+ $/);
  });

  it('hold the signals while they watch', () => {
    const before = process.listenerCount('SIGHUP');
    const { interrupts: subject } = interrupts();
    subject.watch();
    expect(process.listenerCount('SIGHUP')).toBe(before + 1);
    process.emit('SIGHUP', 'SIGHUP');
    expect(subject.reason).toBe('SIGHUP');
    subject.release();
    expect(process.listenerCount('SIGHUP')).toBe(before);
  });
});
