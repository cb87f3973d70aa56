import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** They mostly wait, for minutes: begun last, they would be waited for alone. A fresh clone has no times of earlier runs to go by. */
const LONGEST = ['test/e2e/cli.test.ts', 'test/e2e/api-server-faults.test.ts', 'test/e2e/chaos.test.ts'];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONGEST.some((file) => moduleId.endsWith(file));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
