import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

/** These break the whole cluster or inspect the whole machine, so no other file runs beside them. */
const ALONE = ['test/e2e/causes.test.ts', 'test/e2e/examples*.test.ts', 'test/e2e/stack.test.ts'];

const real = {
  globalSetup: ['./test/e2e/global-setup.ts'],
  // Generous, because they only have to end a test that hangs, also on a busy machine.
  testTimeout: 300_000,
  hookTimeout: 300_000,
};

/**
 * Unit tests need no server. The others need a real Temporal server and a real cluster, which the global setup starts.
 */
export default defineConfig({
  test: {
    reporters: ['default', './test/count-reporter.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'test/*.test.ts',
            'test/{aicr,kubernetes,run,config,cluster,activities,workflows,store,report,temporal,dev,lint,replay}/**/*.test.ts',
          ],
          // This bound only ends a test that hangs. It is longer than `until` waits on a busy machine, so that a test
          // fails with the message of `until`.
          testTimeout: 180_000,
          sequence: { groupOrder: 0 },
        },
      },
      // Each file uses its own Temporal namespace and mostly waits, so several files run at once.
      {
        test: {
          ...real,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: ALONE,
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
        },
      },
      // Most tests of the causes wait, one of them for two and a half minutes.
      {
        test: { ...real, name: 'alone', include: ALONE, maxWorkers: 1, maxConcurrency: 8, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
