import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Two cores are the least we promise to test on; real processes take their time there.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
