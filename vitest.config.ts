import { defineConfig } from 'vitest/config';

/** Unit tests need nothing; the others need a real Temporal server and a real cluster, which the global setup brings up. */
export default defineConfig({
  test: {
    reporters: ['default', './test/count-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{contract,report,cluster,activities,workflows,store,dev,lint}/**/*.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['./test/e2e/global-setup.ts'],
          sequence: { groupOrder: 1 },
          // One cluster, two cores: files side by side would measure each other.
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
