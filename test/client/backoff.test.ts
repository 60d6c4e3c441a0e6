/** The waits of grpc/doc/connection-backoff.md. */
import { describe, expect, it } from 'vitest';
import { Backoff, grpcBackoff } from '../../src/client/backoff.ts';

describe('backoff', () => {
  it('grows by 1.6 up to its maximum, and starts over', () => {
    const backoff = new Backoff({ baseMs: 100, maxMs: 300 }, () => 0.5);
    expect([1, 2, 3, 4, 5].map(() => Math.round(backoff.nextMs()))).toEqual([100, 160, 256, 300, 300]);
    backoff.reset();
    expect(backoff.nextMs()).toBe(100);
  });

  it.each([
    { random: 0, ms: 800 },
    { random: 0.5, ms: 1_000 },
    { random: 0.999_999_999, ms: 1_200 },
  ])('is spread by a fifth: $ms ms', ({ random, ms }) => {
    expect(new Backoff(grpcBackoff, () => random).nextMs()).toBeCloseTo(ms, 3);
  });

  it('is gRPC’s by default', () => expect(grpcBackoff).toEqual({ baseMs: 1_000, maxMs: 120_000 }));
});
