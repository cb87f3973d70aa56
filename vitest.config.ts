import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

/** These break the whole cluster or inspect the whole machine, so no other file runs beside them. */
const ALONE = ['test/e2e/causes.test.ts', 'test/e2e/examples*.test.ts', 'test/e2e/stack.test.ts'];

const real = {
  globalSetup: ['./test/e2e/global-setup.ts'],
  // Generous: bounds against hanging on a machine that is busy.
  testTimeout: 300_000,
  hookTimeout: 300_000,
};

/** Unit tests need nothing; the others need a real Temporal server and a real cluster, which the global setup brings up. */
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
          // A bound against hanging, not a claim about speed: longer than `until` waits on a busy machine, so that its message is what fails.
          testTimeout: 180_000,
          sequence: { groupOrder: 0 },
        },
      },
      // Each file works in a Temporal namespace of its own. Most of their time is waiting.
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
      // Most of the causes wait for something, one of them for two and a half minutes.
      {
        test: { ...real, name: 'alone', include: ALONE, maxWorkers: 1, maxConcurrency: 8, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
