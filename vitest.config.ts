import { defineConfig } from 'vitest/config';

/** Bounds that only keep a test from hanging: a machine may stand still for seconds, and a child start slowly. */
const patience = { hookTimeout: 60_000, expect: { poll: { timeout: 10_000 } } };

/** `unit` and `accuracy` need npm packages alone; `peers` needs the Debian packages that test/peers/packages.txt lists. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/peers/**', 'test/browser/**', 'test/accuracy/**'],
          testTimeout: 60_000,
          ...patience,
        },
      },
      {
        test: {
          name: 'accuracy',
          include: ['test/accuracy/**/*.test.ts'],
          testTimeout: 120_000,
          ...patience,
          // What is timed must not share the machine with other tests: after them, one file at a time.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'peers',
          globalSetup: ['test/peers/setup.ts'],
          include: ['test/peers/**/*.test.ts', 'test/browser/**/*.test.ts'],
          testTimeout: 120_000,
          ...patience,
          fileParallelism: false,
        },
      },
    ],
  },
});
