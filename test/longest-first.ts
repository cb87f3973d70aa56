import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * These files wait for minutes. Started last, each would run alone at the end. Vitest sorts by the durations of earlier
 * runs, which a fresh clone does not have.
 */
const LONGEST = ['test/e2e/cli.test.ts', 'test/e2e/api-server-faults.test.ts', 'test/e2e/chaos.test.ts'];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONGEST.some((file) => moduleId.endsWith(file));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
