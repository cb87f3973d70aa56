import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

/**
 * Does the work, and cancels it if it has not ended by the timeout. Like
 * `CancellationScope.withTimeout`, but with a summary on its timer, which the Web UI shows in the timeline.
 * @throws CancelledFailure after the timeout, and also if the scope around the work is cancelled.
 */
export function withTimeout<T>(timeout: string | number, summary: string, work: () => Promise<T>): Promise<T> {
  return CancellationScope.cancellable(async () => {
    const scope = CancellationScope.current();
    const timer = new CancellationScope();
    timer
      .run(() => sleep(timeout, { summary }))
      .then(
        () => scope.cancel(),
        (error: unknown) => {
          if (!isCancellation(error)) throw error;
        },
      );
    try {
      return await work();
    } finally {
      timer.cancel();
    }
  });
}
