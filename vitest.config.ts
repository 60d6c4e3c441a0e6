import { defineConfig } from 'vitest/config';

/** `unit` needs npm packages alone; `peers` needs the Debian packages that test/peers/packages.txt lists. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/peers/**', 'test/browser/**'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'peers',
          globalSetup: ['test/peers/setup.ts'],
          include: ['test/peers/**/*.test.ts', 'test/browser/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
