import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node';

/**
 * Prints `N passed, N failed` alone on the last line, so that a script can read the outcome without knowing the
 * test runner.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[], _reason: TestRunEndReason): void {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const count = (state: string) => states.filter((other) => other === state).length;
    // A file that cannot be loaded has no tests, and an error outside of all tests is a failure too.
    const broken = modules.filter((module) => module.state() === 'failed' && module.children.size === 0).length;
    const failed = count('failed') + broken + errors.length;
    const skipped = count('skipped');
    // On exit, because the default reporter writes its summary in the same turn as this call.
    process.once('exit', () => {
      console.log(`${count('passed')} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
    });
  }
}
