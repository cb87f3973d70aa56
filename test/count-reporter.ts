import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node';

/** Prints `N passed, N failed` alone on the last line, so that whoever runs the tests need not know the runner. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[], _reason: TestRunEndReason): void {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const count = (state: string) => states.filter((other) => other === state).length;
    // A file that could not be loaded has no tests, and an error outside of them is a failure all the same.
    const broken = modules.filter((module) => module.state() === 'failed' && module.children.size === 0).length;
    const failed = count('failed') + broken + errors.length;
    const skipped = count('skipped');
    // After the default reporter's summary, which is written in the same turn.
    process.once('exit', () => {
      console.log(`${count('passed')} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
    });
  }
}
