import { expect, it } from 'vitest';
import { createRandom, mixSeed } from '../../src/base/random.ts';

it('gives the same numbers for the same seed, and others for another', () => {
  const draw = (seed: number) =>
    Array.from(
      { length: 8 },
      (
        (random) => () =>
          random.uint32()
      )(createRandom(seed)),
    );
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

it('is uniform enough to pace by: mean and variance of 100,000 floats', () => {
  const random = createRandom(1);
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < 100_000; i++) {
    const value = random.float();
    expect(value >= 0 && value < 1).toBe(true);
    sum += value;
    squares += value * value;
  }
  const mean = sum / 100_000;
  expect(mean).toBeCloseTo(0.5, 2);
  expect(squares / 100_000 - mean * mean).toBeCloseTo(1 / 12, 2);
});

it('fills every byte position with every value', () => {
  const random = createRandom(3);
  const bytes = new Uint8Array(7);
  const seen = bytes.map(() => 0);
  for (let i = 0; i < 2000; i++) {
    random.fill(bytes);
    bytes.forEach((byte, at) => (seen[at]! |= byte));
  }
  expect([...seen]).toEqual(Array(7).fill(0xff));
});

it('mixes neighbouring indices apart', () => {
  expect(new Set(Array.from({ length: 10_000 }, (_, i) => mixSeed(42, i))).size).toBeGreaterThan(9_990);
});
